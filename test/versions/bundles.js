/** `npm run test:bundles`: the packed client in a bundle of each bundler, in both formats, each of which runs a job. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { pack } from "../support/packed";
import { CloudUnderTest } from "../support/service";
import { install, installed, shortened } from "./projects";
const run = promisify(execFile);
/** Versions that npm may pick. */
const tools = { esbuild: ">=0.25", webpack: ">=5", rollup: ">=4" };
const plugins = { "@rollup/plugin-node-resolve": ">=16", "@rollup/plugin-commonjs": ">=28", "@rollup/plugin-json": ">=6" };
/** An application that submits a job and waits for it. */
const application = `import { SageMakerAsyncClient } from "sagemaker-async-inference/client";
const client = SageMakerAsyncClient.fromStackOutputs(JSON.parse(process.env.SERVICE));
client
  .invoke({ model: "echo", text: "hello" })
  .then((result) => console.log(JSON.stringify(result.success ? result.data : String(result.error))))
  .finally(() => client.close());
`;
/**
 * A script per bundler that writes one file; in each the least that its own documentation asks for a program for Node. esbuild takes
 * the CommonJS build of the AWS SDK unless it is told otherwise, and no CommonJS runs in its ES modules.
 */
const scripts = {
    esbuild: (entry, format, out) => `
const options = { entryPoints: [${entry}], bundle: true, platform: "node", target: "node22", format: "${format}", outfile: ${out} };
require("esbuild").build({ ...options, ${format === "esm" ? 'mainFields: ["module", "main"]' : ""} }).catch(() => process.exit(1));`,
    webpack: (entry, format, out) => `
const path = require("node:path");
const output = { path: path.dirname(${out}), filename: path.basename(${out}), ${format === "esm" ? "module: true, chunkFormat: 'module'" : ""} };
const config = { entry: ${entry}, target: "node22", mode: "production", output, experiments: { outputModule: ${format === "esm"} } };
require("webpack")(config, (error, stats) => {
  if (!error && !stats.hasErrors()) return;
  console.error(error ?? stats.toString("errors-only"));
  process.exit(1);
});`,
    rollup: (entry, format, out) => `
const { rollup } = require("rollup");
const plugins = [
  require("@rollup/plugin-node-resolve").default({ preferBuiltins: true, exportConditions: ["node"] }),
  require("@rollup/plugin-commonjs").default(),
  require("@rollup/plugin-json").default(),
];
rollup({ input: ${entry}, plugins, onwarn: () => undefined })
  .then((bundle) => bundle.write({ file: ${out}, format: "${format}", inlineDynamicImports: true }))
  .catch((error) => {
    console.error(error);
    process.exit(1);
  });`,
};
async function bundle(directory, bundler, format, env) {
    const name = `${bundler} ${installed(directory, bundler)}`;
    const out = path.join(directory, "out", `${bundler}.${format === "esm" ? "mjs" : "cjs"}`);
    try {
        const script = scripts[bundler](JSON.stringify(path.join(directory, "application.mjs")), format, JSON.stringify(out));
        await run(process.execPath, ["--eval", script], { cwd: directory });
        const { stdout, stderr } = await run(process.execPath, [out], { cwd: tmpdir(), env });
        if (stdout.trim() !== '{"model":"echo","text":"hello"}' || stderr !== "")
            throw new Error(stdout + stderr);
        return { bundler: name, format, kilobytes: Math.round(statSync(out).size / 1024) };
    }
    catch (error) {
        return { bundler: name, format, problem: shortened(error) };
    }
}
async function main() {
    const directory = mkdtempSync(path.join(tmpdir(), "bundles-"));
    const tarball = await pack();
    try {
        await install(directory, { "sagemaker-async-inference": `file:${tarball}`, ...tools, ...plugins });
    }
    catch (error) {
        console.error(`skipped: the bundlers can't be installed here: ${shortened(error)}`);
        return 0;
    }
    writeFileSync(path.join(directory, "application.mjs"), application);
    const cloud = await CloudUnderTest.start();
    try {
        const outputs = await cloud.deployOwn();
        const SERVICE = JSON.stringify({ endpointUrl: cloud.cloud.endpointUrl, outputs });
        const env = { ...process.env, SERVICE, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
        const results = [];
        for (const bundler of Object.keys(tools)) {
            for (const format of ["esm", "cjs"])
                results.push(await bundle(directory, bundler, format, env));
        }
        console.log(["| bundler | format | runs a job | kB |", "|---|---|---|---:|"].join("\n"));
        for (const { bundler, format, kilobytes, problem } of results) {
            console.log(`| ${bundler} | ${format} | ${problem === undefined ? "yes" : "**no**"} | ${kilobytes ?? "-"} |`);
        }
        for (const { bundler, format, problem } of results)
            if (problem !== undefined)
                console.error(`error: ${bundler}, ${format}: ${problem}`);
        return results.some(({ problem }) => problem !== undefined) ? 1 : 0;
    }
    finally {
        await cloud.close();
        rmSync(directory, { recursive: true, force: true });
    }
}
if (require.main === module)
    void main().then((exitCode) => process.exit(exitCode));
