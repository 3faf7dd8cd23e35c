import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { installLines } from "../../cli/installLines";
import { SageMakerAsyncClient } from "../../client";
import type { DeployEvent } from "../../local/deploy/deploy";
import type { AsyncInferenceOutputs } from "../../outputs";
import { compileProject, pack, unpackInto } from "../support/packed";
import { CloudUnderTest, root } from "../support/service";
import { runHere } from "./inProcess";
import { temporaryFolder } from "./support";

const run = promisify(execFile);

const files = [
  ".github/workflows/ci.yml",
  ".gitignore",
  "Pulumi.dev.yaml",
  "Pulumi.local.yaml",
  "Pulumi.yaml",
  "README.md",
  "handlers/completed.ts",
  "index.ts",
  "model.mjs",
  "package.json",
  "test/index.test.ts",
  "tsconfig.json",
];

describe("sagemaker-async init", () => {
  const folder = temporaryFolder();
  const project = path.join(folder.path, "Reviews");
  const init = (...args: string[]) => runHere(["init", ...args], { directory: folder.path });
  const edit = (file: string, from: string, to: string) => {
    const name = path.join(project, file);
    const text = readFileSync(name, "utf8");
    expect(text).to.include(from);
    writeFileSync(name, text.replace(from, to));
  };

  after(() => folder.remove());

  it("writes a project named after its directory, and says how to go on", async () => {
    const { code, out, err } = await init("Reviews");

    expect({ code, err }).to.deep.equal({ code: 0, err: "" });
    const install = installLines(root, project).map((line) => `  ${line}\n`);
    expect(out).to.equal(`✔ reviews: ${files.join(", ")}\nNext:\n  cd Reviews\n${install.join("")}  npm test\n  npm run local\n`);
    expect(readFileSync(path.join(project, "README.md"), "utf8")).to.include(`\n  ${install.join("  ")}    npm test\n`);
    const written = readdirSync(project, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(written.map((entry) => path.relative(project, path.join(entry.parentPath, entry.name))).sort()).to.deep.equal(files);
    expect(readFileSync(path.join(project, "README.md"), "utf8")).to.match(/^# reviews\n/);
    const enginesOf = (directory: string) => JSON.parse(readFileSync(path.join(directory, "package.json"), "utf8")).engines as object;
    expect(enginesOf(project)).to.deep.equal(enginesOf(root));
    expect(files.filter((file) => /__[A-Z]+__/.test(readFileSync(path.join(project, file), "utf8")))).to.deep.equal([]);
  });

  it("overwrites nothing, and writes nothing beside what is there", async () => {
    mkdirSync(path.join(folder.path, "taken"));
    writeFileSync(path.join(folder.path, "taken/index.ts"), "// mine");
    const { code, err } = await init("taken");

    expect([code, err]).to.deep.equal([
      1,
      `error: ${path.join(folder.path, "taken")} has index.ts already, which init does not overwrite.\n` +
        "       Name a directory without, such as a new one: npx sagemaker-async init NAME\n",
    ]);
    expect(readdirSync(path.join(folder.path, "taken"))).to.deep.equal(["index.ts"]);
  });

  it("refuses a name that Pulumi and AWS do not take, before it writes", async () => {
    const expected = "expected a letter, then a-z, 0-9 and -, at most 24; name one with --name NAME\n";
    const directory = await init("my reviews");
    const given = await init("fine", "--name", "my_reviews");

    expect([directory.code, directory.err]).to.deep.equal([
      2,
      `error: the directory's name "my reviews" can't be that of a project: ${expected}`,
    ]);
    expect([given.code, given.err]).to.deep.equal([2, `error: --name "my_reviews" can't be that of a project: ${expected}`]);
    expect(["my reviews", "fine"].filter((name) => existsSync(path.join(folder.path, name)))).to.deep.equal([]);
  });

  describe("and the project that it wrote, as it is", () => {
    let cloud: CloudUnderTest;
    let outputs: AsyncInferenceOutputs;

    before(async () => {
      await unpackInto(project, await pack(), ["@pulumi", "@aws-sdk", "@smithy", "@types", "undici-types"]);
      cloud = await CloudUnderTest.start({ region: "eu-west-1" });
      outputs = (await cloud.cloud.deploy({ directory: project, stack: "local" })).outputs as unknown as AsyncInferenceOutputs;
    });
    after(() => cloud.close());

    /** What the handler printed about a job that it was given. */
    async function logged(jobId: string): Promise<string[]> {
      const reported = cloud.event(
        (event) => event.kind === "function" && event.change === "succeeded" && event.functionName.includes("completed-completed"),
      );
      const client = SageMakerAsyncClient.fromStackOutputs({ endpointUrl: cloud.cloud.endpointUrl, outputs });
      const result = await client.invoke({ inputs: "What a good day." }, { jobId });
      await client.close();
      expect(result.success && result.data).to.deep.equal([{ label: "POSITIVE", score: 0.99 }]);
      await reported;
      const { Functions = [] } = await cloud.lambda.send(new ListFunctionsCommand({}));
      const logGroupName = Functions.find(({ FunctionName = "" }) => FunctionName.includes("completed-completed"))?.LoggingConfig?.LogGroup;
      const logs = new CloudWatchLogsClient(cloud.settings);
      const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName, filterPattern: `"${jobId}"` }));
      logs.destroy();
      return events.flatMap(({ message = "" }) => (message.includes("\tINFO\t") ? [message.split("\tINFO\t")[1] as string] : []));
    }

    it("compiles strictly, and passes its own tests", async () => {
      expect(await compileProject(project)).to.equal("");
      const { stdout } = await run(process.execPath, ["--test", "--test-reporter", "tap", "build/test/**/*.test.js"], { cwd: project });

      expect(stdout).to.match(/^# pass 2$/m);
      expect(stdout).to.match(/^# fail 0$/m);
    });

    it("runs jobs on the embedded cloud, its handler included", async () => {
      expect(await logged("first")).to.deep.equal(["first: POSITIVE"]);
    });

    it("has a stand-in that refuses what is no JSON, as a model does, and stays", async () => {
      const client = SageMakerAsyncClient.fromStackOutputs({ endpointUrl: cloud.cloud.endpointUrl, outputs });
      const { error } = await client.invoke("no JSON");
      await client.close();

      expect(error?.code).to.equal("MODEL_ERROR");
    });

    it("takes a changed handler into the running cloud: one function is replaced, and the jobs stay", async () => {
      edit("handlers/completed.ts", "${job.jobId}: ", "${job.jobId} is ");
      cloud.events.length = 0;
      const changes: DeployEvent[] = [];
      await cloud.cloud.redeploy({ directory: project, stack: "local" }, (event) => changes.push(event));

      expect(changes.flatMap((event) => (event.kind === "resource" ? [[event.change, event.type, event.name]] : []))).to.deep.equal([
        ["updated", "aws:lambda/function:Function", "reviews-completed-completed"],
      ]);
      expect(await logged("second")).to.deep.equal(["second is POSITIVE"]);
      const client = SageMakerAsyncClient.fromStackOutputs({ endpointUrl: cloud.cloud.endpointUrl, outputs });
      expect((await client.job("first").status()).state).to.equal("COMPLETED");
      await client.close();
    });
  });
});
