import { createRequire } from "node:module";
import { CommandError, failure } from "./failure";

/**
 * Refuses a command whose SDK packages are not installed: those that only some commands need are optional peers.
 *
 * @throws CommandError `NOT_FOUND` that names all that are missing, and how to install them
 */
export function requirePackages(command: string, names: readonly string[]): void {
  const missing = missingPackages(names);
  if (missing.length > 0) throw packagesMissing(command, missing);
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

/** The error of a command, or of an option, that needs packages which are not installed. */
export function packagesMissing(what: string, names: readonly string[], cause?: unknown): CommandError {
  const [packages, are] = names.length === 1 ? ["package", "is"] : ["packages", "are"];
  return failure(
    "NOT_FOUND",
    `${what} needs the ${packages} ${names.join(", ")}, which ${are} not installed.`,
    `npm install ${names.join(" ")}`,
    cause,
  );
}
