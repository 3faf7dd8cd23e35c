import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { compileFunction } from "node:vm";
import * as pulumi from "@pulumi/pulumi";
import { refused } from "./closure/check";
import { borrowedGlobals } from "./closure/globals";

/** Name of the file and of the export that Lambda calls. */
export const handlerName = "__index.handler";

/**
 * The archive of a function: the serialized closure as `__index.js`, and the packages that are asked for. Secret when the closure
 * captured a secret, which is then also said.
 *
 * `aws.lambda.CallbackFunction` would have npm read the whole of node_modules for each function.
 *
 * @param factory makes the handler inside Lambda
 * @param packages npm packages that go with it
 * @param isOwn whether nothing of a user's is in it: see {@link compacted}
 * @throws pulumi.RunError naming a package that is not installed, or global variables in the place of what the closure captured
 */
export function functionArchive(
  factory: () => unknown,
  packages: readonly string[],
  resource: pulumi.Resource,
  isOwn: boolean,
): pulumi.Output<pulumi.asset.Archive> {
  const [file = "", exportName] = handlerName.split(".");
  const options = { exportName, isFactoryFunction: true, allowSecrets: true };
  const archives = packageArchives(packages);
  return pulumi.output(
    pulumi.runtime.serializeFunction(factory, options).then((closure) => {
      const text = isOwn ? compacted(closure.text) : closure.text;
      requireOwnValues(text);
      // Compiled, not run: what Node can't read would fail at the first event.
      compileFunction(text, ["exports", "require", "module"], { filename: `${file}.js` });
      const archive = new pulumi.asset.AssetArchive({ [`${file}.js`]: new pulumi.asset.StringAsset(text), ...archives });
      if (!closure.containsSecrets) return archive;
      void pulumi.log.warn(
        "The function captures a secret: everybody who may read its archive may read the secret. Pass it by an environment variable instead.",
        resource,
      );
      return pulumi.secret(archive);
    }),
  );
}

/** @throws pulumi.RunError naming the global variables of this process that stand in a function's text in the place of captured values */
function requireOwnValues(text: string): void {
  const names = borrowedGlobals(text);
  if (names.length === 0) return;
  const variables = names.map((name) => `globalThis.${name} = ${JSON.stringify((globalThis as unknown as Record<string, unknown>)[name])}`);
  throw refused(
    `This process has ${variables.join(", ")}. Pulumi writes captured values that are the same as references to global variables, ` +
      "which are undefined in Lambda. Delete them before the program's first resource, or have what sets them keep its values elsewhere.",
  );
}

/**
 * A function's text without indents, and without the names that Pulumi writes beside them as comments: together a twelfth of its
 * archive. Only for text in which no literal spans several lines, as in this project's own functions.
 */
export function compacted(text: string): string {
  return text.replace(/\n\s+/g, "\n").replace(/\bfunction \/\*\w+\*\//g, "function ");
}

/** What goes into an archive of installed packages, by their names: the same for functions that name the same. */
const found = new Map<string, Map<string, string>>();

function packageArchives(packages: readonly string[]): Record<string, pulumi.asset.Archive> {
  const { directory, archived } = foundPackages(packages);
  // Relative, so that state is the same on every machine.
  return Object.fromEntries([...archived].map(([at, from]) => [at, new pulumi.asset.FileArchive(relative(directory, from))]));
}

/** Names of the packages that a function with these may require. @throws as {@link packageDirectories} */
export function archivedPackages(packages: readonly string[]): Set<string> {
  return new Set([...foundPackages(packages).archived.keys()].map((at) => at.slice("node_modules/".length)));
}

function foundPackages(packages: readonly string[]): { directory: string; archived: Map<string, string> } {
  const directory = realpathSync(process.cwd());
  const key = JSON.stringify([directory, [...new Set(packages)].sort()]);
  const archived = found.get(key) ?? packageDirectories(packages, directory);
  found.set(key, archived);
  return { directory, archived };
}

interface Manifest {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  /** Belongs to the deployment, as @pulumi's own packages do. */
  pulumi?: unknown;
}

/**
 * Finds installed packages and all that they need, as Node resolves them: alone, hoisted to the root of a workspace of npm or yarn, or
 * behind the links of pnpm.
 *
 * Pulumi's `computeCodePaths` does so for all dependencies of the program, and puts what is hoisted out of the archive.
 *
 * @param from the program's real directory
 * @returns the real directory of each package by its place in the archive, which is that of an installation of its own
 * @throws pulumi.RunError naming a package that is not installed
 */
export function packageDirectories(packages: readonly string[], from: string): Map<string, string> {
  const placed = new Map<string, string>();
  const archived = new Map<string, string>();
  const visible = (name: string, place: string): string | undefined => {
    for (let at = place; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
      const there = placed.get(at === "" ? `node_modules/${name}` : `${at}/node_modules/${name}`);
      if (there !== undefined || at === "") return there;
    }
  };
  // Breadth first: what the program names comes first, so that nobody else's version takes its place.
  const left = packages.map((name) => ({ name, requirer: from, place: "" }));
  for (let next = left.shift(); next !== undefined; next = left.shift()) {
    const { name, requirer, place } = next;
    const directory = directoryOf(name, requirer);
    if (directory === undefined) {
      const who = place === "" ? `got ${JSON.stringify(name)}, which` : `${place.slice("node_modules/".length)} needs ${name}, which`;
      throw new pulumi.RunError(`packages: ${who} is not installed where ${requirer} finds it: npm install ${name}`);
    }
    const { dependencies = {}, optionalDependencies = {}, pulumi: isOfDeployment } = manifest(directory);
    if (isOfDeployment !== undefined || name.startsWith("@pulumi/") || visible(name, place) === directory) continue;
    const isWithin = place !== "" && directory.startsWith(requirer + sep);
    const at = isWithin || placed.has(`node_modules/${name}`) ? `${place}/node_modules/${name}` : `node_modules/${name}`;
    placed.set(at, directory);
    // What lies in its requirer's directory goes along with that.
    if (!isWithin) archived.set(at, directory);
    const needed = Object.keys({ ...dependencies, ...optionalDependencies });
    const isLeftOut = (each: string) => each in optionalDependencies && directoryOf(each, directory) === undefined;
    left.push(...needed.filter((each) => !isLeftOut(each)).map((each) => ({ name: each, requirer: directory, place: at })));
  }
  return archived;
}

/** The real directory of a package that what lies in `from` requires. */
function directoryOf(name: string, from: string): string | undefined {
  for (let at = from; ; at = dirname(at)) {
    const directory = join(at, "node_modules", name);
    if (existsSync(join(directory, "package.json"))) return realpathSync(directory);
    if (at === dirname(at)) return undefined;
  }
}

function manifest(directory: string): Manifest {
  return JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as Manifest;
}
