import { expect } from "chai";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import * as ts from "typescript";
import { cloudSettings, EmbeddedCloud } from "../../local/embeddedCloud";
import { ownProgram } from "../../local/commands/cloud";
import { blocksOf, commandsOf } from "../support/markdown";
import { root } from "../../doubles/program";

const run = promisify(execFile);
const guide = readFileSync(path.join(root, "docs/guide.md"), "utf8");

/** Commands of the guide, each with who runs it, or why nobody does. */
const commands: Record<string, string> = {
  "npm ci && npm start": ".ci/run, in a fresh clone",
  "npm run cloud -- --port 4566 --outputs outputs.json": "test/readme.test.ts, on a free port",
  "npx sagemaker-async submit examples/ocr/pages/note.png --wait --display-results --outputs outputs.json": "below",
  "npx sagemaker-async doctor --stack dev": "test/cli/doctorChecks.test.ts, with doubles of AWS",
  "pulumi stack init dev": "needs the Pulumi CLI and an account",
  "pulumi up": "needs an account; npm run test:engine does it with a stand-in for the AWS provider",
  "npx sagemaker-async smoke --stack dev": "test/cli/commands.test.ts, with --outputs",
  "npx sagemaker-async compare samples/*.json --realtime my-old-endpoint --tolerance 1e-4 --stack dev":
    "test/cli/commands.test.ts, with --outputs",
  "npx esbuild app.mjs --bundle --platform=node --format=esm --main-fields=module,main --outfile=app.bundle.mjs": "npm run test:bundles",
  "npx sagemaker-async explain order-17 --stack prod": "test/cli/commands.test.ts, with --outputs",
};

describe("docs/guide.md", () => {
  let folder: string;
  let cloud: EmbeddedCloud;
  let outputs: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "sagemaker-async-guide-"));
    cloud = await EmbeddedCloud.start(cloudSettings(ownProgram));
    const deployed = await cloud.deploy(ownProgram);
    outputs = path.join(folder, "outputs.json");
    await writeFile(outputs, JSON.stringify({ endpointUrl: cloud.endpointUrl, outputs: deployed.outputs }));
  });

  after(async () => {
    await cloud.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("has no command that nobody runs", () => {
    expect(commandsOf(guide).sort()).to.deep.equal(Object.keys(commands).sort());
  });

  it("reads a page with its first program", async () => {
    const [first] = blocksOf(guide).filter(({ language }) => language === "ts");
    const { outputText } = ts.transpileModule(first?.text ?? "", {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
    });
    const client = pathToFileURL(path.join(root, "build/client/index.js")).href;
    const file = path.join(folder, "first.mjs");
    await writeFile(file, outputText.replace("sagemaker-async-inference/client", client));

    const env = { ...process.env, SAGEMAKER_ASYNC_OUTPUTS: outputs, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
    const { stdout } = await run(process.execPath, [file], { cwd: root, env });

    expect(stdout).to.include("six eggs, brown bread, a bag of apples");
  });

  it("reads the same page from the command line", async () => {
    const line = ["submit", "examples/ocr/pages/note.png", "--wait", "--display-results", "--outputs", outputs];
    const { stdout } = await run(process.execPath, [path.join(root, "build/cli/main.js"), ...line], { cwd: root });

    expect(stdout).to.include("six eggs, brown bread, a bag of apples");
  });
});
