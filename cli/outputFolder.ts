import { access, constants, mkdir } from "node:fs/promises";
import { failure, UsageError } from "./failure";

/**
 * Makes the folder that `--output` names, before anything is done whose results go there.
 *
 * @throws UsageError when a file is in its place; a CommandError `BAD_INPUT` when nothing can be written there
 */
export async function makeOutputFolder(directory: string): Promise<void> {
  const made = mkdir(directory, { recursive: true }).catch((error: unknown) => {
    if (!["EEXIST", "ENOTDIR"].includes(codeOf(error))) throw error;
    throw new UsageError(`--output: got ${directory}, expected a folder: it, or what is above it, is a file`);
  });
  await onDisk(made);
  await onDisk(access(directory, constants.W_OK | constants.X_OK));
}

/**
 * Work on the files of `--output`.
 *
 * @throws a CommandError `BAD_INPUT` for what the file system refuses: unlike an error of AWS, it is not worth repeating.
 */
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

/** Code of an error of the system, such as `ENOENT`; `undefined` as text for an error without one. */
export function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code);
}
