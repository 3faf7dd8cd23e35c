import { fstatSync, writeSync } from "node:fs";
import { Writable } from "node:stream";
import { exitCodes } from "./exitCodes";
import type { Streams } from "./output";

/**
 * The standard output of this process. Node's own stream hands a file each chunk once and does not look how much of it was taken: on a
 * disk that is full the end of a result would be missing, and nobody would hear of it.
 */
export function standardOutput(): NodeJS.WriteStream {
  const { fd } = process.stdout;
  const write = (chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void) => {
    try {
      // At once, as Node does: the errors' lines may go to the same file.
      for (let at = 0; at < chunk.length;) at += writeSync(fd, chunk, at);
    } catch (error) {
      return done(error as Error);
    }
    done();
  };
  return (fstatSync(fd).isFile() ? new Writable({ write }) : process.stdout) as NodeJS.WriteStream;
}

/** Ends the process when its output can't be written: without an error when the reader has gone, as with `… | head`, else with 1. */
export function exitWhenCut({ stdout, stderr }: Streams): void {
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exitCodes.done);
    stderr.write(`error: The output could not be written completely: ${error.message}\nWrite it to a disk with enough space.\n`);
    process.exit(exitCodes.failed);
  });
  stderr.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? exitCodes.done : exitCodes.failed));
}
