import { createRequire } from "node:module";
import { failure } from "./failure";
/**
 * Refuses a command whose SDK packages are not installed: those that only some commands need are optional peers.
 *
 * @throws CommandError `NOT_FOUND` that names all that are missing, and how to install them
 */
export function requirePackages(command, names) {
  const { resolve } = createRequire(__filename);
  const missing = names.filter((name) => {
    try {
      resolve(name);
      return false;
    } catch {
      return true;
    }
  });
  if (missing.length > 0) throw packagesMissing(command, missing);
}
/** The error of a command, or of an option, that needs packages which are not installed. */
export function packagesMissing(what, names, cause) {
  const [packages, are] = names.length === 1 ? ["package", "is"] : ["packages", "are"];
  return failure(
    "NOT_FOUND",
    `${what} needs the ${packages} ${names.join(", ")}, which ${are} not installed.`,
    `npm install ${names.join(" ")}`,
    cause,
  );
}
