import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { keepInDirectory, type Keeper } from "../../local/kept";

/** A state on the disk that one cloud after the other opens. */
export interface Restartable {
  /** Opens it anew: with what was written, and nothing else of the cloud before. */
  open(): Keeper;
  remove(): void;
}

/** Makes one in a temporary folder. */
export function restartable(): Restartable {
  const directory = mkdtempSync(path.join(tmpdir(), "restartable-"));
  let last: Keeper | undefined;
  return {
    open: () => {
      last?.close();
      return (last = keepInDirectory(directory));
    },
    remove: () => {
      last?.close();
      rmSync(directory, { recursive: true });
    },
  };
}
