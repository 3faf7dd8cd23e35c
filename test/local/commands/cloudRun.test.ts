import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DescribeEndpointCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { SageMakerAsyncClient } from "../../../client";
import type { AsyncInferenceOutputs } from "../../../outputs";
import { root } from "../../support/service";

describe("npm run cloud", () => {
  let directory: string;
  let running: ChildProcess | undefined;

  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "cloud-command-"));
  });
  afterEach(() => {
    if (running?.exitCode === null) process.kill(-(running.pid as number), "SIGKILL");
    rmSync(directory, { recursive: true });
  });

  /** Starts the command in a process group and a temporary folder of its own. */
  function start(...options: string[]) {
    const child = spawn(process.execPath, [path.join(root, "build/local/commands/cloud.js"), ...options], {
      cwd: root,
      env: { ...process.env, TMPDIR: directory },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    running = child;
    const printed = { out: "", err: "" };
    child.stdout.on("data", (data: Buffer) => (printed.out += data.toString()));
    child.stderr.on("data", (data: Buffer) => (printed.err += data.toString()));
    const ended = once(child, "close").then(([code]) => code as number | null);
    const serving = new Promise<void>((resolve, reject) => {
      child.stdout.on("data", () => printed.out.includes("until Ctrl-C.") && resolve());
      child.on("exit", () => reject(new Error(`ended early: ${printed.err}`)));
    });
    serving.catch(() => undefined);
    return { child, printed, ended, serving };
  }

  it("serves programs until Ctrl-C, however often it is pressed, and leaves no process and no file", async () => {
    const file = path.join(directory, "outputs.json");
    const consumer = ["--program", path.join(root, "test/fixtures/consumer"), "--stack", "all"];
    const { child, printed, ended, serving } = start("--port", "0", "--outputs", file, ...consumer);
    await serving;
    const written = JSON.parse(readFileSync(file, "utf8")) as {
      endpointUrl: string;
      outputs: AsyncInferenceOutputs;
      stacks: Record<string, object>;
    };
    const sagemaker = new SageMakerClient({
      endpoint: written.endpointUrl,
      region: written.outputs.region,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
    const { EndpointStatus } = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: written.outputs.endpointName }));
    sagemaker.destroy();
    const client = SageMakerAsyncClient.fromStackOutputs(written);
    const page = readFileSync(path.join(root, "examples/ocr/pages/letter.png"));
    await client.submit(page, { jobId: "left-1", contentType: "image/png" });
    await client.close();
    process.kill(-(child.pid as number), "SIGINT");
    process.kill(-(child.pid as number), "SIGINT");

    expect(await ended).to.equal(0);
    expect(EndpointStatus).to.equal("InService");
    expect(Object.keys(written)).to.deep.equal(["endpointUrl", "outputs", "stacks"]);
    expect(Object.keys(written.stacks)).to.deep.equal(["sagemaker-async-inference/local", "consumer/all"]);
    expect(written.stacks["sagemaker-async-inference/local"]).to.deep.equal(written.outputs);
    expect(printed.out).to.include(`export AWS_ENDPOINT_URL=${written.endpointUrl}\n`);
    expect(printed.out).to.match(/\n1 job is left open \(1 (SUBMITTED|INVOKING)\): left-1\.\nIt ends with this cloud;/);
    expect(printed.err).to.equal("");
    expect(() => process.kill(-(child.pid as number), 0)).to.throw("ESRCH");
    expect(readdirSync(directory)).to.deep.equal(["outputs.json"]);
  });

  it("calls no function failed that it ends itself", async () => {
    const program = path.join(directory, "program");
    mkdirSync(program);
    symlinkSync(path.join(root, "node_modules"), path.join(program, "node_modules"));
    writeFileSync(path.join(program, "Pulumi.yaml"), "name: program\nruntime: nodejs\n");
    writeFileSync(path.join(program, "package.json"), "{}");
    writeFileSync(path.join(program, "Pulumi.test.yaml"), "config: {}\n");
    writeFileSync(
      path.join(program, "index.js"),
      `const aws = require("@pulumi/aws");
       const role = new aws.iam.Role("waiting", {
         assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
         managedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
       });
       const callback = async () => { console.log("it waits"); await new Promise((resolve) => setTimeout(resolve, 600_000)); };
       exports.waiting = new aws.lambda.CallbackFunction("waiting", { role, callback, timeout: 900 }).name;`,
    );
    const file = path.join(directory, "outputs.json");
    const { printed, ended, child, serving } = start("--port", "0", "--outputs", file, "--program", program, "--stack", "test");
    await serving;
    const { endpointUrl, stacks } = JSON.parse(readFileSync(file, "utf8")) as {
      endpointUrl: string;
      stacks: Record<string, { waiting: string }>;
    };
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const lambda = new LambdaClient({ endpoint: endpointUrl, region: "us-east-1", credentials });
    const waits = new Promise((resolve) => child.stdout.on("data", () => printed.out.includes("it waits") && resolve(undefined)));
    await lambda.send(new InvokeCommand({ FunctionName: stacks["program/test"]?.waiting ?? "", InvocationType: "Event" }));
    lambda.destroy();
    await waits;
    process.kill(-(child.pid as number), "SIGINT");

    expect(await ended).to.equal(0);
    expect(printed.err).to.equal("");
    expect(printed.out).not.to.match(/Runtime/);
  });

  it("says that a port is taken", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { printed, ended } = start("--port", String(port));

    expect([await ended, printed.err]).to.deep.equal([
      1,
      `error: port ${port} is in use; name another one with --port, or --port 0 for any free one\n`,
    ]);
    expect(readdirSync(directory)).to.deep.equal([]);
    server.close();
  });

  it("ends with a program's own words when that fails", async () => {
    const { printed, ended } = start("--port", "0", "--program", path.join(root, "test/fixtures/faults"), "--stack", "broken");

    expect([await ended, printed.err]).to.deep.equal([1, "error: first problem\nsecond problem\n"]);
    expect(readdirSync(directory)).to.deep.equal([]);
  });

  it("looks for every program before it deploys the first", async () => {
    const { printed, ended } = start("--port", "0", "--program", directory, "--stack", "dev");

    expect([await ended, printed.out, printed.err]).to.deep.equal([
      1,
      "",
      `error: ${directory} is not a Pulumi program: it has no Pulumi.yaml\n`,
    ]);
  });

  it("tells a mistake in its options from a failure", async () => {
    const { printed, ended } = start("--port", "many");

    expect([await ended, printed.err.split("\n")[0]]).to.deep.equal([
      2,
      "error: option '--port <number>' argument 'many' is invalid. Expected a whole number from 0 to 65535.",
    ]);
  });
});
