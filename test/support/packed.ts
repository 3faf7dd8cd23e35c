import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "../../doubles/program";

const run = promisify(execFile);

let packed: Promise<string> | undefined;

/** Packs this package as it would be published, once per process. @returns path of the tarball */
export function pack(): Promise<string> {
  return (packed ??= packAnew());
}

async function packAnew(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sagemaker-async-packed-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: root });
  return join(folder, stdout.trim().split("\n").at(-1) as string);
}

/**
 * Puts the packed package into a project as an installation would, beside this repository's Pulumi and AWS SDK.
 *
 * @param scopes what the project has installed besides
 */
export async function unpackInto(project: string, tarball: string, scopes: readonly string[] = ["@pulumi", "@aws-sdk"]): Promise<void> {
  const target = join(project, "node_modules", "sagemaker-async-inference");
  await mkdir(target, { recursive: true });
  await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", target]);
  for (const scope of scopes) {
    await symlink(join(root, "node_modules", scope), join(project, "node_modules", scope), "dir");
  }
}
