import { homedir, tmpdir } from "node:os";

/**
 * Gives a process a home that has none, as the arbitrary user of a container: the folder of temporary files. The AWS SDK asks where the
 * home is even when it is given its keys, and a call then fails with the system's error.
 */
export function haveHome(environment: NodeJS.ProcessEnv, home: () => string = homedir): void {
  try {
    home();
  } catch {
    environment["HOME"] = tmpdir();
  }
}
