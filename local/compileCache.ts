/*
 * Imported first by what starts a process: the modules that it loads are compiled once on this machine instead of in every
 * process. Node decides on the folder (NODE_COMPILE_CACHE, else one among the temporary files), as for `tsc` and `npm`.
 */
import * as nodeModule from "node:module";

// The first versions of Node 22 have no such functions, and need none to work.
nodeModule.enableCompileCache?.();

/** Has what this process compiled kept now: one that is killed would not get to it at its end. */
export function keepCompiled(): void {
  nodeModule.flushCompileCache?.();
}
