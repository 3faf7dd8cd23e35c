import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { version } from "../client/version";
import { shellWord } from "./target";

const names = ["sagemaker-async-inference", "sagemaker-async-inference-local"] as const;

/**
 * What installs this package and the embedded cloud in a new project, a line each. `npm install` alone finds them on a registry; a package that came
 * from a tarball, or that is a clone, is on none.
 *
 * @param from folder of this package
 * @param project folder that the lines are typed in
 */
export function installLines(from: string, project: string): string[] {
  const tarballs = names.map((name) => `${name}-${version}.tgz`) as [string, string];
  const shown = (file: string) => {
    const relative = path.relative(project, file);
    return shellWord(/^\.\.?[/\\]/.test(relative) ? relative : `./${relative}`);
  };
  const local = path.join(from, "packages/local");
  if (existsSync(path.join(local, "package.json"))) {
    return [`npm pack ${shown(from)} ${shown(local)}`, `npm install ${tarballs.map((name) => `./${name}`).join(" ")}`];
  }
  const tarball = installedTarball(from);
  if (tarball === undefined) return ["npm install"];
  const beside = path.join(path.dirname(tarball), tarballs[1]);
  const missing = existsSync(beside) ? [] : [`# ${tarballs[1]} is made in a clone by: npm pack --workspace ${names[1]}`];
  return [...missing, `npm install ${[tarball, beside].map(shown).join(" ")}`];
}

/** The tarball that npm installed a package from; undefined for one of a registry, and where npm left no word of it. */
function installedTarball(from: string): string | undefined {
  const modules = path.dirname(from);
  try {
    const { packages } = JSON.parse(readFileSync(path.join(modules, ".package-lock.json"), "utf8")) as {
      packages: Record<string, { resolved?: string } | undefined>;
    };
    const resolved = packages[`node_modules/${path.basename(from)}`]?.resolved;
    return resolved?.startsWith("file:") ? path.resolve(path.dirname(modules), resolved.slice("file:".length)) : undefined;
  } catch {
    return undefined;
  }
}
