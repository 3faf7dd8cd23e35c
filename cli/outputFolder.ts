import { access, constants, mkdir } from "node:fs/promises";
import { failure, UsageError } from "./failure";

/**
 * Makes the folder that `--output` names, before anything is done whose results go there.
 *
 * @throws UsageError when a file is in its place; a CommandError when nothing can be written there
 */
export async function makeOutputFolder(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    if (!["EEXIST", "ENOTDIR"].includes(String((error as NodeJS.ErrnoException).code))) return onDisk(Promise.reject(error as Error));
    throw new UsageError(`--output: got ${directory}, expected a folder: it, or what is above it, is a file`);
  }
  await onDisk(access(directory, constants.W_OK | constants.X_OK));
}

/** What the file system refuses is nothing that a later try mends by itself. */
export async function onDisk<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw failure(
      "BAD_INPUT",
      `--output: ${(error as Error).message}`,
      "Name a folder that can be written to, with room for all results.",
      error,
    );
  }
}
