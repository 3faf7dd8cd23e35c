import { expect } from "chai";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { lines, run, standInForPulumi, temporaryFolder } from "./support";

/** Answers as Pulumi would for one stack, and writes down what it was asked. */
const standIn = `
const fs = require("node:fs");
const log = process.env.PULUMI_LOG;
fs.appendFileSync(log, JSON.stringify(args.filter((arg) => !/^(--non-interactive|--exec|--event-log|auto\\.)|eventlog/.test(arg))) + "\\n");
const command = args.slice(0, 2).join(" ");
if (args[0] === "version") console.log("v3.270.0");
else if (command === "stack select" && process.env.NO_STACK) { console.error("error: no stack named 'dev' found"); process.exit(255); }
else if (args[0] === "config" && args.includes("--show-secrets") && args.includes("--json")) console.log(JSON.stringify({ "ocr:huggingFaceModelId": { value: "some/model" } }));
else if (command === "stack output") console.log(JSON.stringify({ endpointName: "ocr-endpoint", bucketName: "ocr-bucket", submitFunctionName: "ocr-submit" }));
else if (command === "stack history") console.log(JSON.stringify([{ kind: "update", startTime: "2026-01-25T08:00:00.000Z", endTime: "2026-01-25T08:00:01.000Z", message: "", environment: {}, config: {}, result: "succeeded", version: 1, resourceChanges: { create: 3 } }]));
else if (args[0] === "up" && process.env.UP_FAILS) { console.log("Updating (dev)"); console.error("error: 1 setting of stack dev can't be used"); process.exit(255); }
else if (args[0] === "up") console.log("Updating (dev)");
`;

describe("sagemaker-async deploy", () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let environment: Record<string, string>;

  beforeEach(() => {
    folder = temporaryFolder();
    standInForPulumi(folder.path, standIn);
    writeFileSync(path.join(folder.path, "Pulumi.yaml"), "name: ocr\nruntime: nodejs\n");
    environment = { PATH: `${folder.path}:${process.env["PATH"]}`, PULUMI_LOG: path.join(folder.path, "log") };
  });
  afterEach(() => folder.remove());

  const deploy = (args: string[], added: Record<string, string> = {}) =>
    run(["deploy", "--model-uri", "s3://my-models/ocr/model.tar.gz", ...args], {
      directory: folder.path,
      environment: { ...environment, ...added },
    });
  const asked = () => lines(readFileSync(path.join(folder.path, "log"), "utf8")) as unknown as string[][];

  it("puts the model into the stack's configuration, in the place of another, and runs pulumi up", async () => {
    const { code, out, err } = await deploy(["--instance-type", "ml.g5.xlarge", "--config", "maxCapacity=2"]);

    expect({ code, out }).to.deep.equal({
      code: 0,
      out: "✔ dev is deployed\n  endpointName        ocr-endpoint\n  bucketName          ocr-bucket\n  submitFunctionName  ocr-submit\n",
    });
    expect(err).to.equal(
      "Removed huggingFaceModelId: the artifact takes its place.\nUpdating (dev)\nSend it a job: npx sagemaker-async submit --wait --stack dev\n",
    );
    const commands = asked();
    expect(
      commands
        .filter(([name]) => name === "config" || name === "up")
        .map((args) => args.filter((arg) => arg !== "--stack" && arg !== "dev")),
    ).to.deep.equal([
      ["config", "--show-secrets", "--json"],
      ["config", "rm-all", "huggingFaceModelId"],
      [
        "config",
        "set-all",
        "--plaintext",
        "modelDataUrl=s3://my-models/ocr/model.tar.gz",
        "--plaintext",
        "instanceType=ml.g5.xlarge",
        "--plaintext",
        "maxCapacity=2",
      ],
      ["up", "--yes", "--skip-preview", "--color", "never"],
    ]);
  });

  it("makes a stack that does not exist, and prints one object with --json", async () => {
    const { code, out, err } = await deploy(["--json"], { NO_STACK: "1" });

    expect({ code, err, lines: lines(out) }).to.deep.equal({
      code: 0,
      err: "",
      lines: [
        {
          stack: "dev",
          result: "succeeded",
          changes: { create: 3 },
          outputs: { endpointName: "ocr-endpoint", bucketName: "ocr-bucket", submitFunctionName: "ocr-submit" },
        },
      ],
    });
    expect(asked().some((args) => args[0] === "stack" && args[1] === "init" && args.includes("dev"))).to.equal(true);
  });

  it("ends with Pulumi's words when the deployment fails", async () => {
    const { code, err } = await deploy([], { UP_FAILS: "1" });

    expect(code).to.equal(1);
    expect(err).to.include("error: 1 setting of stack dev can't be used\n       What Pulumi printed says which resource, and why.\n");
  });

  it("says that there is no Pulumi CLI, and where to get it", async () => {
    expect(await deploy([], { PATH: path.join(folder.path, "nothing") })).to.deep.equal({
      code: 1,
      out: "",
      err:
        "error: deploy needs the Pulumi CLI, and there is no pulumi on the PATH.\n" +
        "       Install it (https://www.pulumi.com/docs/install/), or give --outputs FILE where a command takes it.\n",
    });
  });

  it("changes nothing where there is no Pulumi program", async () => {
    const empty = temporaryFolder();
    const { code, err } = await run(["deploy", "--model-uri", "s3://my-models/m.tar.gz"], { directory: empty.path, environment });
    empty.remove();

    expect(code).to.equal(2);
    expect(err).to.match(/^error: no Pulumi\.yaml in .*: run in the folder of the Pulumi program\n$/);
    expect(existsSync(path.join(folder.path, "log"))).to.equal(false);
  });
});
