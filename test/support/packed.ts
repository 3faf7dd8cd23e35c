import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { root } from "../../doubles/program";

const run = promisify(execFile);

/** Folders that no package is made of, the tests of this repository among them; those whose name begins with a dot are none either. */
const notPacked = /^(test|coverage)$|(^|\/)(build|dist|node_modules|__pycache__|\.[^/]*)$/;

/** Everything that a package may be made of. */
async function hashOfSources(): Promise<string> {
  const hash = createHash("sha256").update(process.version);
  const visit = async (folder: string): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const name = join(folder, entry.name);
      if (entry.isDirectory() && !notPacked.test(name)) await visit(name);
      else if (entry.isFile()) hash.update(`\0${name}\0`).update(await readFile(join(root, name)));
    }
  };
  await visit("");
  return hash.digest("hex").slice(0, 16);
}

let sources: Promise<string> | undefined;
const packed = new Map<string, Promise<string>>();

/**
 * Packs a package of this repository as it would be published, once per state of what it is made of: `build/packed` keeps it.
 *
 * @param workspace folder of the package. @default the product
 * @returns path of the tarball
 */
export function pack(workspace = "."): Promise<string> {
  const known = packed.get(workspace) ?? packOnce(workspace);
  packed.set(workspace, known);
  return known;
}

async function packOnce(workspace: string): Promise<string> {
  const folder = join(root, "build/packed", await (sources ??= hashOfSources()), workspace);
  const tarballs = async () => (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".tgz"));
  if ((await tarballs()).length === 0) {
    const unfinished = join(folder, String(process.pid));
    await mkdir(unfinished, { recursive: true });
    await run("npm", ["pack", "--silent", "--pack-destination", unfinished], { cwd: join(root, workspace) });
    // Several processes may do this at once.
    for (const name of await readdir(unfinished)) await rename(join(unfinished, name), join(folder, name));
    await rm(unfinished, { recursive: true });
  }
  return join(folder, (await tarballs())[0] as string);
}

interface LockedPackage {
  dependencies?: Record<string, string>;
}

/** Folders of all that an installation of the package brings, in this repository: what it needs, and what that needs. */
export function installedWith(): string[] {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as { packages: Record<string, LockedPackage> };
  const found = new Set<string>();
  const visit = (folder: string) => {
    for (const name of Object.keys(packages[folder]?.dependencies ?? {})) {
      // As Node looks for it: beside what needs it, then further up.
      let at = folder;
      while (at !== "" && !(`${at}/node_modules/${name}` in packages)) at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")));
      const needed = at === "" ? `node_modules/${name}` : `${at}/node_modules/${name}`;
      if (found.has(needed)) continue;
      found.add(needed);
      visit(needed);
    }
  };
  visit("");
  return [...found].sort();
}

/**
 * Puts the packed package into a project as an installation would, beside this repository's Pulumi and AWS SDK.
 *
 * @param beside what the project has installed besides, as folders of node_modules
 */
export async function unpackInto(
  project: string,
  tarball: string,
  beside: readonly string[] = ["@pulumi", "@aws-sdk", "@smithy"],
): Promise<void> {
  const target = join(project, "node_modules", "sagemaker-async-inference");
  await mkdir(target, { recursive: true });
  await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", target]);
  for (const name of beside) {
    const link = join(project, "node_modules", name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(root, "node_modules", name), link, "dir");
  }
}

/**
 * Compiles a project that has the package, as its tsconfig.json says. Of @pulumi/aws the compiler reads what this repository uses:
 * the same declarations in a third of the time.
 *
 * @returns what the compiler says; empty when all is well
 */
export async function compileProject(project: string): Promise<string> {
  const paths = { "@pulumi/aws": [join(root, "awsTypes.d.ts")] };
  const file = join(project, "tsconfig.quick.json");
  await writeFile(file, JSON.stringify({ extends: "./tsconfig.json", compilerOptions: { paths } }));
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const { stdout } = await run(process.execPath, [tsc, "--project", file]).catch((error: { stdout: string }) => error);
  return stdout;
}
