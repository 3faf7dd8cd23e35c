import { cp, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { WallClock } from "../local/clock";
import { deploy } from "../local/deploy/deploy";
import { EmbeddedCloud } from "../local/embeddedCloud";
import { keepInMemory } from "../local/kept";
import { writeArchive, type AssetOrArchive } from "../local/lambda/archive";
import type { FunctionDefinition } from "../local/lambda/definition";
import { Environment } from "../local/lambda/environment";
import type { CloudContext } from "../local/ports";
import type { ResourceType } from "../local/resources";
import { readStack } from "../local/stackFile";
import { instantTarget } from "./instantTarget";
import { functionVariables, measuredFunctions } from "./measuredFunctions";
import { openAccess } from "../doubles/access";
import { compare, root, table } from "./measure";

const runs = 5;

/** SDK clients that the functions use: what a project that writes such functions depends on. */
const clients = ["client-dynamodb", "client-s3", "client-sagemaker-runtime", "client-sns"];

/** Archive and cold start of each function, beside what Pulumi makes of the same closure by default. */
export async function archives(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "bench-"));
  try {
    const functions = await writeFunctions(folder);
    const rows = [["", "files", "KB", "packed KB", "cold start ms"]];
    const starts = [...functions].map(([name, { directory, event }]) => [name, () => coldStart(name, directory, event, folder)] as const);
    const colds = await compare<string>(runs, Object.fromEntries(starts));
    for (const [name, { directory }] of functions) {
      const files = await filesBelow(directory);
      const contents = await Promise.all(files.map((file) => readFile(file)));
      rows.push([
        name,
        String(files.length),
        kilobytes(contents.reduce((sum, content) => sum + content.length, 0)),
        kilobytes(contents.reduce((sum, content) => sum + gzipSync(content).length, 0)),
        (colds[name] ?? NaN).toFixed(0),
      ]);
    }
    return [
      "Functions: this project's archives, and Pulumi's default for the same closures in a project that depends on the SDK clients",
      table(rows),
      `  cold start: process start to the first answer, in the embedded cloud's runner (median of ${runs})`,
    ].join("\n");
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Deploys each closure in both ways from a project as users have it, and writes the archives to `folder`. */
async function writeFunctions(folder: string): Promise<Map<string, { directory: string; event: unknown }>> {
  const versions = (JSON.parse(await readFile(path.join(root, "package.json"), "utf8")) as { devDependencies: Record<string, string> })
    .devDependencies;
  const dependencies = ["@pulumi/aws", "@pulumi/pulumi", ...clients.map((name) => `@aws-sdk/${name}`)];
  const manifest = { name: "bench-functions", dependencies: Object.fromEntries(dependencies.map((name) => [name, versions[name]])) };
  await writeFile(path.join(folder, "package.json"), JSON.stringify(manifest));
  await writeFile(path.join(folder, "Pulumi.yaml"), "name: bench-functions\nruntime: nodejs\n");
  await writeFile(path.join(folder, "Pulumi.bench.yaml"), "config: {}\n");
  await installClients(folder);

  const written = new Map<string, { directory: string; event: unknown }>();
  const lambda: ResourceType = {
    create: async ({ name, inputs }) => {
      const directory = path.join(folder, "functions", name);
      await writeArchive(inputs["code"] as AssetOrArchive, directory, folder);
      const measured = measuredFunctions.find((one) => name.endsWith(`-${one.name}`));
      written.set(name, { directory, event: measured?.event });
      return { id: name, state: { ...inputs, name, arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}` } };
    },
  };
  const cloud = await EmbeddedCloud.start();
  try {
    const stack = { ...readStack(folder, "bench"), main: path.join(root, "build/bench/functionsProgram.js") };
    await deploy(stack, instantTarget(cloud, { "aws:lambda/function:Function": lambda }), () => undefined);
  } finally {
    await cloud.close();
  }
  return new Map([...written].sort(([a], [b]) => order(a) - order(b)));
}

/** Copies the SDK clients with what they need, as an install would: through a link Pulumi's archive would lead out of the project. */
async function installClients(folder: string): Promise<void> {
  const from = path.join(root, "node_modules");
  const to = path.join(folder, "node_modules");
  const needed = new Set(clients.map((name) => `@aws-sdk/${name}`));
  // A set hands on what is added while it is walked.
  for (const name of needed) {
    const manifest = await readFile(path.join(from, name, "package.json"), "utf8");
    Object.keys((JSON.parse(manifest) as { dependencies?: object }).dependencies ?? {}).forEach((dependency) => needed.add(dependency));
    await cp(path.join(from, name), path.join(to, name), { recursive: true });
  }
  await symlink(path.join(from, "@pulumi"), path.join(to, "@pulumi"));
}

/** A function beside its default. */
function order(name: string): number {
  const index = measuredFunctions.findIndex((one) => name.endsWith(`-${one.name}`));
  return 2 * index + (name.startsWith("own-") ? 0 : 1);
}

async function coldStart(name: string, taskRoot: string, event: unknown, folder: string): Promise<number> {
  const context: CloudContext = {
    clock: new WallClock(),
    region: "us-east-1",
    accountId: "000000000000",
    // No service is called.
    endpointUrl: "http://127.0.0.1:9",
    workDirectory: folder,
    keeper: keepInMemory(),
    credentialsFor: () => ({ accessKeyId: "test", secretAccessKey: "test" }),
    access: openAccess,
    emit: () => undefined,
  };
  const definition: FunctionDefinition = {
    name,
    arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    description: "",
    handler: "__index.handler",
    runtime: "nodejs24.x",
    roleArn: "arn:aws:iam::000000000000:role/bench",
    timeoutSeconds: 60,
    memoryMegabytes: 512,
    variables: functionVariables,
    architecture: "arm64",
    logGroup: `/aws/lambda/${name}`,
    reservedConcurrency: undefined,
    tags: {},
    taskRoot,
    programDirectory: taskRoot,
    codeSha256: "",
    codeSizeBytes: 0,
    lastModified: new Date().toISOString(),
    revisionId: "bench",
    kmsKeyArn: undefined,
    network: undefined,
  };
  // Lambda has no compile cache from an earlier start: each start gets an empty folder.
  const compileCache = await mkdtemp(path.join(folder, "cache-"));
  const start = performance.now();
  const environment = new Environment(definition, context, compileCache, () => undefined);
  const outcome = await environment.invoke({ requestId: "bench", event: JSON.stringify(event) });
  const milliseconds = performance.now() - start;
  await environment.close();
  if (outcome.failed) throw new Error(`${name} failed: ${outcome.payload}`);
  return milliseconds;
}

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true });
  const files = entries.map((entry) => path.join(directory, entry));
  const stats = await Promise.all(files.map((file) => stat(file)));
  return files.filter((_, index) => stats[index]?.isFile());
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1);
}
