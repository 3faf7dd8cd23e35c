import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { blocksOf, commandsOf, type Block } from "./support/markdown";
import { npmStart } from "./support/npmStart";

const run = promisify(execFile);
const root = join(__dirname, "..", "..");
const readme = readFileSync(join(root, "README.md"), "utf8");

const blocks = blocksOf(readme);
const block = (language: string, containing: string): string => {
  const found = blocks.filter((candidate) => candidate.language === language && candidate.text.includes(containing));
  expect(found, `README.md's ${language} block with ${containing}`).to.have.length(1);
  return (found[0] as Block).text;
};
const documents = [readme, readFileSync(join(root, "docs/local.md"), "utf8")];
const commands = [...new Set(documents.flatMap(commandsOf))];

/** Commands of the README and docs/local.md that this file does not run, each with the reason. */
const notRun: Record<string, string> = {
  "npm run cloud -- --empty --port 4566 --state ./cloud-state": "test/local/commands and npm run test:wire run it, with a temporary folder",
  "npx sagemaker-async local env --pulumi --write Pulumi.dev.yaml": "test/cli/localEnv.test.ts reads what it writes",
  "npm ci && npm start": ".ci/run does it in a fresh clone; the next command starts the same",
  "npm ci && npm test": "is what runs this",
  "npm start": "the deployment with --json below is the same one",
  "npm run cloud -- --port 0 --outputs outputs.json": "the tests below start the same, with a temporary file",
  "export SAGEMAKER_ASYNC_OUTPUTS=outputs.json": "the tests below set it",
  "pulumi stack init dev": "needs the Pulumi CLI and an account",
  "npm install @pulumi/pulumi @pulumi/aws ./sagemaker-async-inference-0.2.0.tgz":
    "test/package.test.ts unpacks that tarball into a project",
  "pulumi stack output --json > outputs.json": "needs the Pulumi CLI; test/cli/target.test.ts and test/python read what it writes",
  "npm install --save-dev sagemaker-async-inference-local":
    "the package is on no registry yet; test/local/packaged.test.ts runs its tarball",
  "npx sagemaker-async local --program . --stack dev --watch --outputs outputs.json":
    "test/local/packaged.test.ts runs it, with another stack",
  "pulumi up": "needs the Pulumi CLI and an account",
  "pulumi config set modelDataUrl s3://my-models/ocr/model.tar.gz": "needs the Pulumi CLI; test/config.test.ts reads the setting",
  "pulumi config set framework huggingface": "needs the Pulumi CLI; test/config.test.ts reads the setting",
  "pulumi config rm huggingFaceModelId": "needs the Pulumi CLI",
  "pulumi config rm huggingFaceTask": "needs the Pulumi CLI",
  'pulumi config set local:modelCommand "python3 model.py" --stack local': "needs the Pulumi CLI; the server itself is run below",
};

/** Commands that the tests below run. */
const runHere = [
  "npm start -- examples/ocr/pages/note.png",
  "npm start --silent -- --json",
  "npm run cloud -- --port 4566",
  "aws s3 cp examples/ocr/pages/note.png s3://$BUCKET/inbox/note.png",
  "aws sagemaker describe-endpoint --endpoint-name $ENDPOINT",
  ...commands.filter((command) => command.startsWith("npx sagemaker-async ") && !(command in notRun)),
];

/** What a command of the command line says when it works. */
const spoken: Record<string, RegExp> = {
  submit: /COMPLETED|^page-1\t/,
  wait: /^page-1\tCOMPLETED\t/,
  explain: /^page-1 {2}COMPLETED {2}/,
  result: /"data":\{"text":"Shopping for Saturday:/,
  list: /^page-1\tCOMPLETED\t/m,
  endpoint: /InService/,
  smoke: /✔ error path: /,
};

const has = (command: string, ...args: string[]): boolean => spawnSync(command, args, { stdio: "ignore" }).status === 0;

describe("README.md", () => {
  it("is read in five minutes: at most 1,500 words", () => {
    expect(readme.split(/\s+/).length).to.be.at.most(1500);
  });

  it("has no command that is neither run here nor excused", () => {
    expect(commands.filter((command) => !(command in notRun) && !runHere.includes(command))).to.deep.equal([]);
    expect([...Object.keys(notRun), ...runHere].filter((command) => !documents.join("").includes(command))).to.deep.equal([]);
  });

  it("has a contributor's guide that says of each dependency why it is there", () => {
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, Record<string, string>>;
    const guide = readFileSync(join(root, "CONTRIBUTING.md"), "utf8");
    const named = [...guide.matchAll(/`([^`]+)`/g)].map((match) => match[1] as string);
    const isNamed = (name: string) => named.some((entry) => entry === name || (entry.endsWith("*") && name.startsWith(entry.slice(0, -1))));

    expect(Object.keys({ ...manifest["dependencies"], ...manifest["devDependencies"] }).filter((name) => !isNamed(name))).to.deep.equal([]);
  });

  describe("its commands", () => {
    it("npm start --silent -- --json prints one document: three pages read, one broken on purpose", async () => {
      const { exitCode, out } = await npmStart();
      expect(exitCode).to.equal(0);
      const { jobs, totals, outputs } = JSON.parse(out) as {
        jobs: { input: string; state: string; error?: { code: string } }[];
        totals: { completed: number; failed: number };
        outputs: Record<string, unknown>;
      };

      expect(jobs.map(({ input, state, error }) => [input, state, error?.code])).to.deep.equal([
        ["note.png", "COMPLETED", undefined],
        ["invoice.png", "COMPLETED", undefined],
        ["letter.png", "COMPLETED", undefined],
        ["broken.png", "FAILED", "MODEL_ERROR"],
      ]);
      expect(totals).to.include({ completed: 3, failed: 1 });
      expect(outputs).to.include({ contractVersion: 1, variantName: "AllTraffic" });
    });

    it("npm start -- FILE reads a page of one's own", async () => {
      const { stdout } = await run("npm", ["start", "--silent", "--", "examples/ocr/pages/note.png"], { cwd: root });

      expect(stdout).to.include("six eggs, brown bread, a bag of apples");
      expect(stdout).to.include("1 completed");
    });
  });

  describe("npm run cloud", () => {
    let folder: string;
    let cloud: ReturnType<typeof spawn>;
    let environment: NodeJS.ProcessEnv;
    let outputs: Record<string, string>;

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "sagemaker-async-readme-"));
      const file = join(folder, "outputs.json");
      // Port 4566 may be taken on the machine that runs this.
      cloud = spawn("npm", ["run", "--silent", "cloud", "--", "--port", "0", "--outputs", file], {
        cwd: root,
        stdio: ["ignore", "pipe", "inherit"],
      });
      let printed = "";
      for await (const chunk of cloud.stdout as NodeJS.ReadableStream) {
        printed += String(chunk);
        if (printed.includes("until Ctrl-C")) break;
      }
      outputs = (JSON.parse(await readFile(file, "utf8")) as { outputs: Record<string, string> }).outputs;
      const exported = [...printed.matchAll(/export (\w+)=(\S+)/g)].map((match) => [match[1] as string, match[2] as string]);
      environment = {
        ...process.env,
        ...Object.fromEntries(exported),
        BUCKET: outputs["bucketName"],
        ENDPOINT: outputs["endpointName"],
        SUBMIT_FUNCTION: outputs["submitFunctionName"],
        SAGEMAKER_ASYNC_OUTPUTS: file,
      };
    });

    after(async () => {
      const ended = once(cloud, "exit");
      cloud.kill("SIGINT");
      await ended;
      await rm(folder, { recursive: true, force: true });
    });

    it("answers the Python caller", async function () {
      if (!has("python3", "-c", "import boto3")) return this.skip();
      await writeFile(join(folder, "caller.py"), block("python", "SUBMIT_FUNCTION"));

      const { stdout } = await run("python3", [join(folder, "caller.py")], { env: environment });

      // JSON is not a page: the OCR model says so.
      expect(stdout).to.match(/^200 /);
      expect(stdout).to.include("MODEL_ERROR");
    });

    for (const command of runHere.filter((candidate) => candidate.startsWith("aws "))) {
      it(`answers ${command}`, async function () {
        if (!has("aws", "--version")) return this.skip();
        const { stdout } = await run("sh", ["-c", command], { cwd: root, env: environment });

        expect(stdout).to.match(command.includes("s3 cp") ? /upload: .*note\.png to s3:\/\// : /"EndpointStatus": "InService"/);
      });
    }

    it("answers each command of the command line, in the order of the README", async () => {
      await run("npm", ["run", "--silent", "build:cli"], { cwd: root });
      const [first, ...others] = runHere.filter((candidate) => candidate.startsWith("npx "));
      // npx takes a processor second to find what it starts; that it does, one command shows.
      const started = others.map((command) => [command, command.replace(/^npx sagemaker-async/, "node dist/cli.js")] as const);
      for (const [command, line] of [[first as string, first as string] as const, ...started]) {
        const { stdout } = await run("sh", ["-c", line], { cwd: root, env: environment });

        expect(stdout, command).to.match(spoken[command.split(" ")[2] as string] as RegExp);
      }
    });
  });

  it("shows a model server that check-container finds nothing wrong with: its users copy what it lacks", async function () {
    if (!has("python3", "--version")) return this.skip();
    const folder = await mkdtemp(join(tmpdir(), "sagemaker-async-readme-"));
    try {
      await writeFile(join(folder, "model.py"), block("python", "HTTPServer"));
      const check = [join(root, "build/cli/main.js"), "check-container", "--command", "python3 model.py", "--largest", "7MB", "--json"];
      const { stdout } = await run(process.execPath, check, { cwd: folder });
      const { findings } = JSON.parse(stdout) as { findings: { check: string; verdict: string }[] };

      const checks = (wanted: string) => findings.filter(({ verdict }) => verdict === wanted).map(({ check }) => check);
      expect(checks("does not hold")).to.deep.equal([]);
      expect(checks("holds")).to.include.members(["answer", "Content-Length", "/ping while busy", "7 MB in", "7 MB out", "SIGTERM"]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("shows a model server that an image can start as it is: port 8080, reached from outside; on a laptop from the machine alone", async function () {
    if (!has("python3", "--version")) return this.skip();
    const double =
      "import contextlib, http.server as s\n" +
      "s.ThreadingHTTPServer = lambda at, _: contextlib.nullcontext(type('S', (), {'serve_forever': lambda _: print(*at)})())\n";
    const { PORT: _, ...environment } = process.env;
    const listens = async (env: NodeJS.ProcessEnv) =>
      (await run("python3", ["-c", double + block("python", "HTTPServer")], { env })).stdout.trim();

    expect(await listens(environment)).to.equal("0.0.0.0 8080");
    expect(await listens({ ...environment, PORT: "12345" })).to.equal("127.0.0.1 12345");
  });
});
