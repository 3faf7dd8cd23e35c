import { execFile } from "node:child_process";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./program";

const run = promisify(execFile);

/** Packs this package as it would be published. @returns path of the tarball */
export async function pack(folder: string): Promise<string> {
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
