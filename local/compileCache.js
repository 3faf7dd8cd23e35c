/*
 * Imported first by what starts a process: the modules that it loads are compiled once on this machine instead of in every
 * process. Node decides on the folder (NODE_COMPILE_CACHE, else one among the temporary files), as for `tsc` and `npm`.
 */
import * as nodeModule from "node:module";
// A Node without it is too old for the embedded cloud, which says so when it starts.
if (nodeModule.enableCompileCache !== undefined)
    nodeModule.enableCompileCache();
