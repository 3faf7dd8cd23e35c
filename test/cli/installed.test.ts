import { expect } from "chai";
import { execFile } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { installedWith, pack, unpackInto } from "../support/packed";
import { run, temporaryFolder } from "./support";

describe("sagemaker-async from the packed package, in a project without Pulumi", () => {
  const folder = temporaryFolder();
  const installed = path.join(folder.path, "node_modules", "sagemaker-async-inference");
  const script = path.join(installed, "dist/cli.js");

  before(async () => {
    // Beside what npm installs with it; its optional peers, Pulumi among them, npm does not install.
    const beside = installedWith().map((installed) => installed.replace("node_modules/", ""));
    await unpackInto(folder.path, await pack(), beside);
  });
  after(() => folder.remove());

  const installedRun = (args: string[]) => run(args, { script, directory: folder.path });

  it("is named by the package as a program that Node runs", async () => {
    const manifest = (await import(path.join(installed, "package.json"), { with: { type: "json" } })) as { default: { bin: object } };
    const { stdout } = await promisify(execFile)(script, ["--version"]);

    expect(manifest.default.bin).to.deep.equal({ "sagemaker-async": "dist/cli.js" });
    expect(stdout).to.match(/^\d+\.\d+\.\d+\n$/);
    expect(existsSync(path.join(folder.path, "node_modules/@pulumi"))).to.equal(false);
  });

  it("shows its help and finds a service without Pulumi", async () => {
    const help = await installedRun(["--help"]);
    const list = await installedRun(["list", "--outputs", "nowhere.json"]);

    expect([help.code, help.err]).to.deep.equal([0, ""]);
    expect([list.code, list.err.split("\n", 1)[0]]).to.deep.equal([2, "error: --outputs: nowhere.json: no such file"]);
  });

  it("says plainly what needs Pulumi, and what is not part of the package", async () => {
    writeFileSync(path.join(folder.path, "Pulumi.yaml"), "name: ocr\nruntime: nodejs\n");
    const deploy = await installedRun(["deploy", "--model-uri", "s3://my-models/model.tar.gz"]);
    const local = await installedRun(["local"]);
    const endpoint = await installedRun(["endpoint", "--outputs", "nowhere.json"]);
    const doctor = await installedRun(["doctor", "--instance-type", "ml.g5.xlarge", "--region", "eu-west-1"]);
    const logs = await installedRun(["logs", "--outputs", "nowhere.json", "--json"]);

    expect([deploy.code, deploy.err]).to.deep.equal([
      1,
      "error: deploy needs the packages @pulumi/pulumi, @pulumi/aws, which are not installed.\n       npm install @pulumi/pulumi @pulumi/aws\n",
    ]);
    expect([endpoint.code, endpoint.err]).to.deep.equal([
      1,
      "error: endpoint needs the packages @aws-sdk/client-sagemaker, @aws-sdk/client-cloudwatch, which are not installed.\n" +
        "       npm install @aws-sdk/client-sagemaker @aws-sdk/client-cloudwatch\n",
    ]);
    expect([doctor.code, doctor.err]).to.deep.equal([
      1,
      "error: doctor needs the packages @aws-sdk/client-sts, @aws-sdk/client-service-quotas, @aws-sdk/client-ecr, which are not installed.\n" +
        "       npm install @aws-sdk/client-sts @aws-sdk/client-service-quotas @aws-sdk/client-ecr\n",
    ]);
    expect([logs.code, JSON.parse(logs.out)]).to.deep.equal([
      1,
      {
        error: {
          code: "BAD_INPUT",
          message: "logs needs the package @aws-sdk/client-cloudwatch-logs, which is not installed.",
          retryable: false,
          advice: "npm install @aws-sdk/client-cloudwatch-logs",
        },
      },
    ]);
    expect([local.code, local.err]).to.deep.equal([
      1,
      "error: local needs the package sagemaker-async-inference-local, which is not installed.\n" +
        "       npm install --save-dev sagemaker-async-inference-local\n",
    ]);
  });
});
