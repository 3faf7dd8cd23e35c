import { createRequire } from "node:module";
import { packagesMissing } from "../core/records/errors";
import { CommandError } from "./failure";

/**
 * Refuses a command whose SDK packages are not installed: those that only some commands need are optional peers.
 *
 * @throws CommandError `BAD_INPUT` that names all that are missing, and how to install them
 */
export function requirePackages(command: string, names: readonly string[]): void {
  const missing = missingPackages(names);
  if (missing.length > 0) throw new CommandError(packagesMissing(command, missing));
}

/** Those that are not installed. */
export function missingPackages(names: readonly string[]): string[] {
  const { resolve } = createRequire(__filename);
  return names.filter((name) => {
    try {
      resolve(name);
      return false;
    } catch {
      return true;
    }
  });
}
