import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

interface Manifest {
  dependencies?: Record<string, string>;
}

/**
 * Names of the packages that stay out of a function's archive: every dependency of the package.json that Pulumi finds
 * (the nearest one upward from the working directory), except `packages` and what they need themselves.
 *
 * Lambda's runtime has the SDK, and our own functions need nothing else.
 */
export function excludedPackages(packages: readonly string[], directory: string = process.cwd()): string[] {
  const root = packageRoot(directory);
  const needed = new Set<string>();
  const add = (name: string): void => {
    if (needed.has(name)) return;
    needed.add(name);
    Object.keys(manifest(join(root, "node_modules", name))?.dependencies ?? {}).forEach(add);
  };
  packages.forEach(add);
  return Object.keys(manifest(root)?.dependencies ?? {}).filter((name) => !needed.has(name));
}

function packageRoot(directory: string): string {
  const parent = dirname(directory);
  return existsSync(join(directory, "package.json")) || parent === directory ? directory : packageRoot(parent);
}

function manifest(directory: string): Manifest | undefined {
  const file = join(directory, "package.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Manifest) : undefined;
}
