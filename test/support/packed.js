import { execFile } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { root } from "../../doubles/program";
const run = promisify(execFile);
let packed;
/** Packs this package as it would be published, once per process. @returns path of the tarball */
export function pack() {
    return (packed ??= packAnew());
}
async function packAnew() {
    const folder = await mkdtemp(join(tmpdir(), "sagemaker-async-packed-"));
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: root });
    return join(folder, stdout.trim().split("\n").at(-1));
}
/** Folders of all that an installation of the package brings, in this repository: what it needs, and what that needs. */
export function installedWith() {
    const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
    const found = new Set();
    const visit = (folder) => {
        for (const name of Object.keys(packages[folder]?.dependencies ?? {})) {
            // As Node looks for it: beside what needs it, then further up.
            let at = folder;
            while (at !== "" && !(`${at}/node_modules/${name}` in packages))
                at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")));
            const needed = at === "" ? `node_modules/${name}` : `${at}/node_modules/${name}`;
            if (found.has(needed))
                continue;
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
export async function unpackInto(project, tarball, beside = ["@pulumi", "@aws-sdk", "@smithy"]) {
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
export async function compileProject(project) {
    const paths = { "@pulumi/aws": [join(root, "awsTypes.d.ts")] };
    const file = join(project, "tsconfig.quick.json");
    await writeFile(file, JSON.stringify({ extends: "./tsconfig.json", compilerOptions: { paths } }));
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    const { stdout } = await run(process.execPath, [tsc, "--project", file]).catch((error) => error);
    return stdout;
}
