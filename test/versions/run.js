/** `npm run test:versions`: installs and runs the ends of every range that package.json promises. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { pack } from "../support/packed";
import { caller, endsOf, install, installed, program, shortened, typed, typeScripts } from "./projects";
const root = path.resolve(__dirname, "../../..");
const execute = promisify(execFile);
/** What is run with each set of versions. */
const checks = ["program", "client", "command line", "types"];
const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));
/** A cloud on the project's own Node, with the project's program. Resolves when it serves. */
async function startCloud(node, project, outputs) {
    const main = path.join(root, "build/local/commands/cloud.js");
    const child = spawn(node, [main, "--port", "0", "--program", project, "--stack", "local", "--outputs", outputs], {
        cwd: root,
        stdio: ["ignore", "pipe", "pipe"],
    });
    let printed = "";
    await new Promise((resolve, reject) => {
        for (const stream of [child.stdout, child.stderr]) {
            stream.on("data", (data) => {
                printed += data.toString();
                if (printed.includes("until Ctrl-C."))
                    resolve();
            });
        }
        child.once("exit", () => reject(new Error(printed.trim().split("\n").slice(-3).join("\n"))));
    });
    return child;
}
async function tryOut(project) {
    const node = path.join(project, "node_modules/node/bin/node");
    const outputs = path.join(project, "outputs.json");
    const outcomes = {};
    const attempt = async (check, work) => {
        outcomes[check] = await work().then(() => undefined, (error) => shortened(error));
    };
    await attempt("types", () => compile(project, path.join(project, "node_modules/typescript")));
    let cloud;
    try {
        await attempt("program", async () => void (cloud = await startCloud(node, project, outputs)));
        if (cloud === undefined)
            return outcomes;
        await attempt("client", async () => {
            const { stdout, stderr } = await execute(node, ["caller.js", outputs], { cwd: project });
            if (stdout.trim() !== '{"model":"echo","text":"hello"}' || stderr !== "")
                throw new Error(stdout + stderr);
        });
        await attempt("command line", async () => {
            const cli = path.join(project, "node_modules/sagemaker-async-inference/dist/cli.js");
            const args = ["list", "--outputs", outputs, "--service", "versions/local", "--json"];
            const { stdout, stderr } = await execute(node, [cli, ...args], { cwd: project });
            if (stderr !== "" || JSON.parse(stdout).state !== "COMPLETED")
                throw new Error(stdout + stderr);
        });
    }
    finally {
        if (cloud !== undefined) {
            cloud.kill("SIGTERM");
            await once(cloud, "exit");
        }
    }
    return outcomes;
}
async function compile(project, typescript) {
    const { bin } = readJson(path.join(typescript, "package.json"));
    await execute(process.execPath, [path.join(typescript, bin.tsc), "--project", "types.json"], { cwd: project });
}
function writeProject(project) {
    const model = `node ${path.join(root, "build/test/support/modelServer.js")}`;
    const strict = { module: "nodenext", target: "es2022", strict: true, types: [] };
    const files = {
        "Pulumi.yaml": "name: versions\nruntime: nodejs\nmain: index.ts\n",
        "Pulumi.local.yaml": `config:\n  aws:region: us-east-1\n  local:modelCommand: ${model}\n  local:instanceStartupSeconds: "0"\n`,
        "tsconfig.json": JSON.stringify({ compilerOptions: strict, files: ["index.ts"] }),
        "types.json": JSON.stringify({
            compilerOptions: { ...strict, noEmit: true, lib: ["es2023", "esnext.disposable", "dom"] },
            files: ["typed.ts"],
        }),
        "index.ts": program,
        "caller.js": caller,
        "typed.ts": typed,
    };
    for (const [name, content] of Object.entries(files))
        writeFileSync(path.join(project, name), content);
}
async function row(name, versions, tarball, directory) {
    const project = path.join(directory, name);
    try {
        await install(project, { ...versions, "sagemaker-async-inference": `file:${tarball}`, "ts-node": "10" });
    }
    catch (error) {
        return { name, versions: Object.values(versions).join(", "), outcomes: {}, skipped: shortened(error) };
    }
    writeProject(project);
    const found = Object.keys(versions).map((each) => `${each} ${installed(project, each)}`);
    return { name, versions: found.join(", "), outcomes: await tryOut(project) };
}
/** The newest TypeScript compiles the types; programs run with an older one. */
async function newestTypes(project, directory) {
    const own = path.join(directory, "typescript");
    const name = "types alone";
    try {
        await install(own, { typescript: typeScripts.newest });
    }
    catch (error) {
        return { name, versions: `typescript ${typeScripts.newest}`, outcomes: {}, skipped: shortened(error) };
    }
    const versions = `typescript ${installed(own, "typescript")}`;
    const problem = await compile(project, path.join(own, "node_modules/typescript")).then(() => undefined, shortened);
    return { name, versions, outcomes: { types: problem } };
}
/** As Markdown: one row per set of versions. */
export function table(rows) {
    const cell = ({ outcomes, skipped }, check) => skipped !== undefined ? "skipped" : check in outcomes ? (outcomes[check] === undefined ? "yes" : "**no**") : "-";
    return [
        `| | versions | ${checks.join(" | ")} |`,
        `|---|---|${checks.map(() => "---|").join("")}`,
        ...rows.map((each) => `| ${each.name} | ${each.versions} | ${checks.map((check) => cell(each, check)).join(" | ")} |`),
    ].join("\n");
}
async function main() {
    const directory = mkdtempSync(path.join(tmpdir(), "versions-"));
    try {
        const tarball = await pack();
        const { lowest, newest } = endsOf(readJson(path.join(root, "package.json")));
        const rows = [await row("lowest", lowest, tarball, directory), await row("newest", newest, tarball, directory)];
        if (rows[1]?.skipped === undefined)
            rows.push(await newestTypes(path.join(directory, "newest"), directory));
        console.log(table(rows));
        const wrong = rows.flatMap(({ name, outcomes }) => Object.entries(outcomes).flatMap(([check, problem]) => (problem === undefined ? [] : [`${name}, ${check}: ${problem}`])));
        for (const { name, skipped } of rows)
            if (skipped !== undefined)
                console.error(`skipped: ${name} can't be installed here: ${skipped}`);
        for (const problem of wrong)
            console.error(`error: ${problem}`);
        return wrong.length === 0 ? 0 : 1;
    }
    finally {
        rmSync(directory, { recursive: true, force: true });
    }
}
if (require.main === module)
    void main().then((exitCode) => process.exit(exitCode));
