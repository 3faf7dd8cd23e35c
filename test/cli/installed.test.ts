import { expect } from "chai";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { pack } from "../support/packed";
import { root } from "../support/service";
import { run, temporaryFolder } from "./support";

describe("sagemaker-async from the packed package, in a project without Pulumi", function () {
  this.timeout(180_000);
  const folder = temporaryFolder();
  const installed = path.join(folder.path, "node_modules", "sagemaker-async-inference");
  const script = path.join(installed, "dist/cli.js");

  before(async () => {
    const tarball = await pack();
    mkdirSync(installed, { recursive: true });
    await promisify(execFile)("tar", ["-xzf", tarball, "--strip-components=1", "-C", installed]);
    // What npm would install beside it; Pulumi, a peer, it would not.
    for (const name of readdirSync(path.join(root, "node_modules"))) {
      if (name.startsWith(".") || name === "@pulumi" || name === "sagemaker-async-inference") continue;
      symlinkSync(path.join(root, "node_modules", name), path.join(folder.path, "node_modules", name), "dir");
    }
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
    const endpoint = await installedRun(["endpoint", "--outputs", "nowhere.json"]);

    expect([help.code, help.err]).to.deep.equal([0, ""]);
    expect([endpoint.code, endpoint.err.split("\n", 1)[0]]).to.deep.equal([1, "error: nowhere.json: no such file"]);
  });

  it("says plainly what needs Pulumi, and what is not part of the package", async () => {
    const { writeFileSync } = await import("node:fs");
    writeFileSync(path.join(folder.path, "Pulumi.yaml"), "name: ocr\nruntime: nodejs\n");
    const deploy = await installedRun(["deploy", "--model-uri", "s3://my-models/model.tar.gz"]);
    const local = await installedRun(["local"]);

    expect([deploy.code, deploy.err]).to.deep.equal([
      1,
      "error: deploy needs the package @pulumi/pulumi, which is not installed.\n       npm install @pulumi/pulumi @pulumi/aws\n",
    ]);
    expect([local.code, local.err]).to.deep.equal([
      1,
      "error: The embedded cloud is not part of the installed package.\n" +
        "       Clone the repository and run `npm ci && npm run cloud -- --outputs outputs.json`; this command line works with that file.\n",
    ]);
  });
});
