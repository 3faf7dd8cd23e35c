import { createWriteStream, fstatSync } from "node:fs";
import { exitCodes } from "./exitCodes";
import type { Streams } from "./output";

/**
 * The standard output of this process. Node's own stream hands a file each chunk once and does not look how much of it was taken: on a
 * disk that is full the end of a result would be missing, and nobody would hear of it.
 */
export function standardOutput(): NodeJS.WriteStream {
  const { fd } = process.stdout;
  const stream = fstatSync(fd).isFile() ? createWriteStream("", { fd, autoClose: false }) : process.stdout;
  return stream as NodeJS.WriteStream;
}

/** Ends the process when nobody takes what it says. `… | head` is no error; anything else is one, and the rest of the output is lost. */
export function exitWhenCut({ stdout, stderr }: Streams): void {
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exitCodes.done);
    stderr.write(`error: The output is not whole: ${error.message}\nHave it written to a place that takes it.\n`);
    process.exit(exitCodes.failed);
  });
  stderr.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? exitCodes.done : exitCodes.failed));
}
