import { homedir } from "node:os";

/** Debian's name for a home that does not exist. */
const none = "/nonexistent";

/**
 * Sets HOME for a user that the system does not know, such as the arbitrary user of a container. The AWS SDK asks for the home even when
 * it is given keys, and its calls would fail. Not a folder that others can write to: the SDK runs what `~/.aws/config` names.
 */
export function provideHome(environment: NodeJS.ProcessEnv, home: () => string = homedir): void {
  try {
    home();
  } catch {
    environment["HOME"] = none;
  }
}
