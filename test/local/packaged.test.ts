import { expect } from "chai";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { run, start, temporaryFolder, type Running } from "../cli/support";
import { pack, unpackInto } from "../support/packed";
import { root } from "../support/service";

const execute = promisify(execFile);

interface Manifest {
  version: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

const manifestOf = (folder: string) => JSON.parse(readFileSync(path.join(root, folder, "package.json"), "utf8")) as Manifest;

describe("the package of the embedded cloud", () => {
  const folder = temporaryFolder();
  const script = path.join(folder.path, "node_modules/sagemaker-async-inference/dist/cli.js");
  let local: Running | undefined;
  const write = (...lines: string[]) =>
    writeFileSync(path.join(folder.path, "index.ts"), ['import * as aws from "@pulumi/aws";', ...lines, ""].join("\n"));

  before(async () => {
    const installed = path.join(folder.path, "node_modules/sagemaker-async-inference-local");
    const { dependencies } = manifestOf("packages/local");
    await unpackInto(folder.path, await pack(), ["@pulumi", "typescript", "@types/node", ...Object.keys(dependencies)]);
    mkdirSync(installed, { recursive: true });
    await execute("tar", ["-xzf", await pack("packages/local"), "--strip-components=1", "-C", installed]);
    // A program without tsconfig.json and without anything of this repository but the packages.
    writeFileSync(path.join(folder.path, "Pulumi.yaml"), "name: reviews\nruntime: nodejs\n");
    writeFileSync(path.join(folder.path, "Pulumi.dev.yaml"), "config:\n  aws:region: eu-west-1\n");
    writeFileSync(path.join(folder.path, "package.json"), '{ "name": "reviews", "private": true }');
    write('export const topicArn = new aws.sns.Topic("ends").arn;');
  });
  after(async () => {
    local?.signal("SIGKILL");
    await local?.ended;
    folder.remove();
  });

  it("goes with the product: one version, and the same versions of what both are made with", () => {
    const own = manifestOf(".");
    const { version, dependencies } = manifestOf("packages/local");
    const ours = { ...own.devDependencies, ...own.dependencies };
    const others = Object.entries(dependencies).filter(([name, range]) => ours[name] !== range.replace("^", "") && ours[name] !== range);

    expect(version).to.equal(own.version);
    expect(others.filter(([name]) => !name.startsWith("@aws-sdk/"))).to.deep.equal([]);
  });

  it("deploys somebody's program by `local --stack`, again when a file changes, tells what it can't deploy, and ends at Ctrl-C", async () => {
    const outputs = path.join(folder.path, "outputs.json");
    local = start(["local", "--stack", "dev", "--port", "0", "--watch", "--outputs", "outputs.json"], { script, directory: folder.path });
    await local.said("until Ctrl-C.");
    const first = readFileSync(outputs, "utf8");
    write('export const topicArn = new aws.sns.Topic("ends").arn;', 'export const queueUrl = new aws.sqs.Queue("letters").url;');
    await local.said("created aws:sqs/queue:Queue letters");
    write('export const topicArn = new aws.sns.Topic("ends", { name: "other" }).arn;');
    await local.said("replaced aws:sns/topic:Topic ends");
    await local.said("deleted aws:sns/topic:Topic ends");
    await local.said("deleted aws:sqs/queue:Queue letters");
    write('export const topicArn = new aws.sns.Topic("ends", { name: "other", fifoTopic: true }).arn;');
    await local.said("fifoTopic");
    await local.said("The last deployment goes on.");
    const then = readFileSync(outputs, "utf8");
    local.signal("SIGINT");
    const { code } = await local.ended;

    expect(code).to.equal(0);
    const { outputs: before } = JSON.parse(first) as { outputs: { topicArn: string } };
    const { outputs: after } = JSON.parse(then) as { outputs: { topicArn: string } };
    expect(Object.keys(before)).to.deep.equal(["topicArn"]);
    expect(before.topicArn).to.match(/:ends-[0-9a-f]{7}$/);
    expect(after.topicArn).to.match(/:other$/);
    expect(Object.keys(after)).to.deep.equal(["topicArn"]);
  });

  it("refuses to run beside a command line of another version", async () => {
    const manifest = path.join(folder.path, "node_modules/sagemaker-async-inference-local/dist/cloud.js");
    const code = readFileSync(manifest, "utf8");
    writeFileSync(manifest, code.replaceAll(`"${manifestOf(".").version}"`, '"9.9.9"'));
    const ended = await run(["local", "--stack", "dev"], { script, directory: folder.path });
    writeFileSync(manifest, code);

    expect([ended.code, ended.err]).to.deep.equal([
      1,
      "error: sagemaker-async-inference-local has version 9.9.9, and sagemaker-async-inference 0.2.0: they go together.\n" +
        "       npm install --save-dev sagemaker-async-inference-local@0.2.0\n",
    ]);
  });
});
