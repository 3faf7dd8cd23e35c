import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
const run = promisify(execFile);
/**
 * The oldest TypeScript that the types are compiled with, and the newest. Programs themselves need one below 7, which the closure
 * serializer of Pulumi loads.
 */
export const typeScripts = { oldest: "5.9.2", newest: ">=7", newestForPrograms: "<7" };
/** The ends of every promised range. */
export function endsOf({ engines, peerDependencies }) {
    const { "@pulumi/pulumi": pulumi, "@pulumi/aws": aws } = peerDependencies;
    return {
        lowest: {
            "@pulumi/pulumi": lowestOf(pulumi),
            "@pulumi/aws": lowestOf(aws),
            node: lowestOf(engines.node),
            typescript: typeScripts.oldest,
        },
        newest: { "@pulumi/pulumi": pulumi, "@pulumi/aws": aws, node: engines.node, typescript: typeScripts.newestForPrograms },
    };
}
/** The version that a range begins with: `>=3.226.0 <4`, `>=22`. */
function lowestOf(range) {
    const [, major, rest = ".0.0"] = /^>=(\d+)((?:\.\d+){2})?(?: |$)/.exec(range) ?? [];
    if (major === undefined)
        throw new Error(`the range ${range} of package.json: expected >= and a version first`);
    return `${major}${rest}`;
}
/** Installs packages into a project of its own, by npm. @throws what npm printed */
export async function install(directory, dependencies) {
    await mkdir(directory, { recursive: true });
    // The package `node` fetches its binary in a script.
    const manifest = { name: "versions", version: "1.0.0", private: true, dependencies, allowScripts: { node: true } };
    await writeFile(path.join(directory, "package.json"), JSON.stringify(manifest));
    await run("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"], { cwd: directory });
}
/** Which version of a package npm has installed. */
export function installed(directory, name) {
    return JSON.parse(readFileSync(path.join(directory, "node_modules", name, "package.json"), "utf8")).version;
}
/** The first lines of what went wrong. */
export function shortened(error) {
    const { stdout = "", stderr = "", message } = error;
    const said = [stderr, stdout, message].find((text) => text.trim() !== "") ?? "";
    return said.trim().split("\n").slice(0, 3).join(" ").slice(0, 300);
}
/** A program of somebody's: a service, and a handler that Pulumi serializes. */
export const program = `import { AsyncInference } from "sagemaker-async-inference";
const service = new AsyncInference("ocr", { image: "ocr:1", inboxEnabled: true });
service.onCompleted("store", async (job, context) => {
  console.log(job.jobId, await context.readResult());
});
export const outputs = service.outputs;
`;
/** Runs a job by the client. */
export const caller = `
const { readFileSync } = require("node:fs");
const { SageMakerAsyncClient } = require("sagemaker-async-inference/client");
async function main() {
  const { endpointUrl, stacks } = JSON.parse(readFileSync(process.argv[2], "utf8"));
  const client = SageMakerAsyncClient.fromStackOutputs({ endpointUrl, outputs: stacks["versions/local"].outputs });
  const result = await client.invoke({ model: "echo", text: "hello" }, { timeoutSeconds: 120 });
  await client.close();
  console.log(result.success ? JSON.stringify(result.data) : String(result.error));
}
main().catch((error) => {
  console.error(error);
  process.exit(1);
});
`;
/** What a program and an application import, with every type that is theirs. */
export const typed = `import { AsyncInference, type AsyncInferenceArgs } from "sagemaker-async-inference";
import { SageMakerAsyncClient, type InferenceResult } from "sagemaker-async-inference/client";
const args: AsyncInferenceArgs = { image: "ocr:1", minCapacity: 1 };
export const service = new AsyncInference("ocr", args);
export async function ask(client: SageMakerAsyncClient): Promise<InferenceResult<{ text: string }>> {
  return client.invoke<{ text: string }>({ page: 1 });
}
`;
