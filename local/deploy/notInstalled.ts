import path from "node:path";

/**
 * What to do about a package that a file of the program needs and that nobody installed; undefined for every other error, such as a
 * misspelt file of the program, or a package that lacks one of its own.
 */
export function notInstalled(error: unknown, directory: string): string | undefined {
  const { code, message, requireStack } = Object(error) as NodeJS.ErrnoException & { requireStack?: string[] };
  if (code !== "MODULE_NOT_FOUND" && code !== "ERR_MODULE_NOT_FOUND") return undefined;
  const found = /^Cannot find (?:module|package) '((?:@[^'/]+\/)?[^'./][^'/]*)[^']*'(?: imported from (.+))?/.exec(message ?? "");
  const [, name, importer = requireStack?.[0]] = found ?? [];
  if (name === undefined || importer === undefined) return undefined;
  const file = path.relative(directory, importer);
  if (file.startsWith("..") || file.includes("node_modules")) return undefined;
  const tarball =
    name === "sagemaker-async-inference" && " /path/to/sagemaker-async-inference-VERSION.tgz, which npm pack, in a clone, makes";
  return `${file} needs the package ${name}, which is not installed: in ${directory}, run npm install${tarball || ""}`;
}
