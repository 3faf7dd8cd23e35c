/*
 * Imported first by what starts a process: the modules that it loads are compiled once on this machine instead of in every
 * process. Node decides on the folder (NODE_COMPILE_CACHE, else one among the temporary files), as for `tsc` and `npm`.
 */
import { enableCompileCache } from "node:module";

enableCompileCache();
