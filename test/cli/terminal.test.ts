import { CreateEndpointCommand, CreateEndpointConfigCommand, SageMakerClient, waitUntilEndpointInService } from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { cliPath } from "../../docs/cli";
import { commandsOf } from "../support/markdown";
import { Gate } from "../support/gate";
import { Screen } from "../support/screen";
import { CloudUnderTest, root } from "../support/service";
import { runHere } from "./inProcess";
import { run, temporaryFolder } from "./support";

/** Gives a command a terminal: util-linux's, whose options others do not have. */
const hasScript = spawnSync("script", ["--version"]).stdout?.toString().includes("util-linux") ?? false;

/** Commands of the README and docs/cli.md as they are printed, how each ends, and what is left on a terminal of 80 columns. */
const commands: Record<string, [code: number, left: RegExp]> = {
  "submit --wait --display-results": [
    0,
    /^✔ [0-9A-Z]{26} {2}COMPLETED {2}sample\.png {2}[\d.]+ m?s\n {2}433 bytes of image\/png: --output DIR/,
  ],
  "submit examples/ocr/pages/note.png --job-id page-1": [0, /^page-1 {2}examples\/ocr\/pages\/note\.png$/],
  "wait page-1 --timeout 60": [0, /^✔ page-1 {2}COMPLETED {2}[\d.]+ m?s$/],
  "explain page-1": [0, /^page-1 {2}COMPLETED {2}completed\n {2}The job completed\.\n {2}why /],
  "result page-1 --json": [0, /^\{"jobId":"page-1","contentType":"image\/png","dataBase64":"[\w+/=]+"\}$/],
  "list --since 1h": [0, /^JOB +STATE +AGE +TOOK\npage-1 +COMPLETED +\d+ (s|min) +[\d.]+ m?s\n/],
  endpoint: [0, /^\S+\n {2}state {6}InService\n {2}instances {2}1 now, 1 wanted, 0 to 5 allowed\n/],
  smoke: [1, /^✔ endpoint: [^]*\n✔ large input: [^]*\n✘ error path: the model took bytes of/],

  "submit --wait --display-results --stack dev": [0, /^✔ [0-9A-Z]{26} {2}COMPLETED {2}sample\.png/],
  "submit scans/*.png --output results --stack dev": [
    0,
    /^(✔ [0-9A-Z]{26} {2}COMPLETED {2}scans\/\d\.png {2}[\d.]+ m?s\n {2}results\/\d\.png\.png\n?){2}$/,
  ],
  "submit - --job-id order-17 --metadata tenant=acme --stack dev": [0, /^order-17 {2}-$/],
  "status order-17 --stack dev": [0, /^order-17 {2}(SUBMITTED|COMPLETED)\n {2}accepted {6}(just now|\d+ s ago) \(\S+Z\)\n/],
  "status order-17 order-18 --outputs outputs.json --json": [
    1,
    /^\{"jobId":"order-17",[^]*\{"jobId":"order-18","error":\{"code":"NOT_FOUND"/,
  ],
  "wait order-17 order-18 --stack dev": [1, /✔ order-17 {2}COMPLETED {2}[\d.]+ m?s(\n|$)/],
  "wait order-17 --timeout 60 --display-results --stack dev": [
    0,
    /^✔ order-17 {2}COMPLETED {2}[\d.]+ m?s\n\{\n {2}"inputs": "It works\."\n\}$/,
  ],
  "explain order-17 --stack dev": [0, /^order-17 {2}COMPLETED {2}completed\n/],
  "explain order-17 --stack dev --json": [0, /^\{"jobId":"order-17","state":"COMPLETED","situation":"completed",/],
  "explain order-17 --stack dev --watch": [0, /^order-17 {2}COMPLETED {2}completed\n {2}The job completed\.\n/],
  "list --stack dev": [0, /^JOB {25}STATE /],
  "list --stack dev --state FAILED --since 7d --json": [0, /^$/],
  "result order-17 --stack dev": [0, /^\{"inputs": "It works\."\}$/],
  "result order-17 --stack dev --output page.json": [0, /\/page\.json: 23 bytes of application\/json$/],
  "result order-17 --stack dev --json | jq .data": [
    0,
    /^\{"jobId":"order-17","contentType":"application\/json","data":\{"inputs":"It works\."\}\}$/,
  ],
  "cancel order-17 --stack dev": [1, /^– order-17: The job had ended before: it is COMPLETED\.$/],
  "endpoint --stack dev": [0, /InService/],
  "endpoint --outputs outputs.json --price-per-hour 1.21 --json": [0, /"perInstanceHour":1\.21/],
  "logs --stack dev --since 15m": [0, /^\S+Z model ready$/m],
  "logs --stack dev --source result --filter ACCESS_DENIED": [0, /^Nothing in \S+ since \S+Z\.$/],
  "subscribe --stack prod --email ml-team@example.com": [
    0,
    /^AWS has sent a mail to ml-team@example\.com: the subscription begins when the\s+link\s+in it/,
  ],
  "subscribe --stack prod --email ml-team@example.com --state FAILED EXPIRED": [0, /within three days\.\nA filter takes up to 15 minutes/],
  "redrive --dry-run --stack prod": [0, /^There are no dead letters\.$/],
  "redrive --in-doubt done --stack prod": [0, /^There are no dead letters\.$/],
  "compare pages/*.png --realtime ocr-realtime --stack dev": [
    0,
    /^same {5}pages\/1\.png {2}\(as bytes, 8 bytes\)\n1 of 1 the same on \S+ and\s+ocr-realtime\.$/,
  ],
  "compare features.csv --realtime scores --tolerance 0.0001 --stack dev": [0, /^same {5}features\.csv {2}\(as numbers, 9 bytes\)\n/],
  "smoke --stack dev": [1, /✘ error path: /],
  "smoke --stack dev --input page.png --failing-input broken.png": [
    0,
    /✔ error path: \S+ failed as it should, with MODEL_ERROR\n✔ model: it has completed a job$/,
  ],
  "list --stack dev --metadata batch=scans-2026": [0, /^No jobs since \S+Z/],
  "result --batch scans-2026 --output results --stack dev": [1, /^error: No job of batch scans-2026 was accepted since/],
  "cost --stack prod --since 30d": [0, /^DAY +JOBS +COMPUTE H +START-UP H +IDLE H /],
  "cost --stack prod --since 30d --by metadata.customer --csv": [
    0,
    /^metadata\.customer,jobs,computeHours,startupHours,idleHours,usd,usdPerJob\n/,
  ],
  "doctor --stack dev": [
    2,
    /^error: no instance type: run in the folder of a Pulumi\.yaml that has\n {7}instanceType, or give --instance-type$/,
  ],
  "doctor --region eu-west-1 --instance-type ml.g5.2xlarge --model-uri s3://my-models/ocr/model.tar.gz": [
    4,
    /^✔ cost: the first hour costs 1\.51 USD[^]*\n✘ credentials: AWS credentials are missing or not valid: /,
  ],
  "deploy --model-uri s3://my-models/ocr/model.tar.gz": [2, /^error: no Pulumi\.yaml in /],
  "deploy --model-uri s3://my-models/ocr/2.tar.gz --stack prod --config maxCapacity=10": [2, /^error: no Pulumi\.yaml in /],
};

/** Those that this file does not run, each with the reason. */
const notRun: Record<string, string> = {
  "list --stack dev --watch": "ends by Ctrl-C alone; test/cli/commands.test.ts runs it",
  "endpoint --stack dev --watch": "the same",
  "logs --stack dev --follow": "ends by Ctrl-C alone; test/cli/commands.test.ts runs it",
  "logs --stack dev --source store --follow": "ends by Ctrl-C alone; the handler's log is read below",
  "batch create --stack prod --prefix s3://scans/2026/": "needs batchEnabled; test/cli/batch.test.ts has it",
  "batch create --stack prod --manifest objects.csv --id scans-2026 --watch": "the same",
  "batch create --stack prod --prefix s3://scans/2026/ --priority low --metadata tenant=acme": "the same",
  "batch status scans-2026 --stack prod --watch": "the same",
  "batch stop scans-2026 --stack prod": "the same",
  "batch resume scans-2026 --stack prod": "the same",
  'check-container --command "python3 serve.py"': "test/cli/checkContainer.test.ts has servers for it",
  'check-container --command "python3 serve.py" --sample page.png --slow-sample book.pdf --seconds 600': "the same",
  "check-container --url http://127.0.0.1:8080 --family torchserve --concurrency 4 --json": "the same",
  "local --program . --stack dev --watch --outputs outputs.json": "test/cli/local.test.ts runs the cloud",
  "compare pages/*.png --with prod --stack dev": "needs two services; test/cli/commands.test.ts has them",
  "promote dev prod": "needs two services and the Pulumi CLI; test/cli/commands.test.ts has doubles of both",
  "promote dev prod pages/*.png --tolerance 0.001 --yes": "the same",
  "promote dev prod pages/*.png --accept-differences --yes": "the same",
  "ui --stack prod": "ends by Ctrl-C alone; test/console serves it",
  "ui --outputs outputs.json --port 8080": "the same",
  "plan --trace jobs.csv": "takes a search's time; test/cli/planning/plan.test.ts runs it",
  "plan --stack prod --since 14d": "the same",
  'plan --rate "peak 0.05/s, day curve, 20-120 s"': "the same",
  "plan --trace jobs.csv --wait-p95 10m --budget 2000/month --html plan.html": "the same",
  "plan --trace jobs.csv --set idleSeconds=60 --markdown": "the same",
  "local --empty --state ./cloud-state --model-command 'python serve.py'":
    "ends by Ctrl-C alone; test/local/commands and npm run test:wire run it",
  'local env)"': "test/cli/localEnv.test.ts reads what it writes",
  "local env --pulumi --write Pulumi.dev.yaml": "the same",
  "local env --terraform > embedded_cloud_override.tf": "the same",
  "init reviews": "test/cli/init.test.ts runs it",
  "init . --name reviews": "the same",
};

describe("sagemaker-async on a terminal", () => {
  const folder = temporaryFolder();
  let cloud: CloudUnderTest;
  let gate: Gate;

  before(async () => {
    gate = await Gate.start();
    cloud = await CloudUnderTest.start({ metricDelaySeconds: 0 });
    const outputs = await cloud.deployOwn();
    const write = (name: string, content: string | object) => {
      mkdirSync(path.dirname(path.join(folder.path, name)), { recursive: true });
      writeFileSync(path.join(folder.path, name), typeof content === "string" ? content : JSON.stringify(content));
    };
    write("outputs.json", { endpointUrl: cloud.cloud.endpointUrl, outputs });
    write("echo.json", { text: "hello" });
    write("fails.json", { model: "error" });
    write("broken.png", { model: "error" });
    write("held.json", gate.input);
    for (const name of ["examples/ocr/pages/note.png", "scans/1.png", "scans/2.png", "pages/1.png", "page.png"])
      write(name, "\u0089PNG..\n");
    write("features.csv", "0.25,0.5\n");
    const sagemaker = new SageMakerClient(cloud.settings);
    const variant = { VariantName: "v", ModelName: outputs.modelName, InstanceType: "ml.g5.2xlarge", InitialInstanceCount: 1 } as const;
    for (const EndpointName of ["ocr-realtime", "scores"]) {
      await sagemaker.send(new CreateEndpointConfigCommand({ EndpointConfigName: EndpointName, ProductionVariants: [variant] }));
      await sagemaker.send(new CreateEndpointCommand({ EndpointName, EndpointConfigName: EndpointName }));
      await waitUntilEndpointInService({ client: sagemaker, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { EndpointName });
    }
    sagemaker.destroy();
  });
  after(async () => {
    await cloud?.close();
    await gate.close();
    folder.remove();
  });

  describe("80 columns wide, what README and docs/cli.md print", () => {
    const readme = readFileSync(path.join(root, "README.md"), "utf8");
    const examples = readFileSync(cliPath, "utf8").matchAll(/^ {2}\$ (.*npx sagemaker-async .*)$/gm);
    const printed = [
      ...commandsOf(readme).filter((command) => command.startsWith("npx ")),
      ...[...examples].map(([, line]) => line as string),
    ];
    const typed = printed.map((line) => line.slice(line.indexOf("npx sagemaker-async ") + "npx sagemaker-async ".length));

    it("is run here, all of it", () => {
      expect(typed.filter((command) => !(command in commands) && !(command in notRun))).to.deep.equal([]);
      expect([...Object.keys(commands), ...Object.keys(notRun)].filter((command) => !typed.includes(command))).to.deep.equal([]);
    });

    for (const [command, [code, left]] of Object.entries(commands)) {
      it(`leaves what was asked for: ${command}`, async () => {
        const screen = new Screen();
        // The stack is the one of the folder's outputs.json; the shell's own is done here.
        const line = command
          // One address has one subscription.
          .replace("ml-team@example.com --state", "on-call@example.com --state")
          .replace(/ --stack \w+/, "")
          .replace(" | jq .data", "")
          .replace("scans/*.png", "scans/1.png scans/2.png")
          .replace("pages/*.png", "pages/1.png");
        const ended = await runHere(line.split(" "), { directory: folder.path, screen, input: '{"inputs": "It works."}' });
        const text = await screen.text();

        expect(ended.code, text).to.equal(code);
        expect(text).to.match(left);
        expect(text, "what was erased").not.to.match(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/);
        if (command.includes("--json")) return;
        // What no blank breaks, such as a location, is the terminal's to break.
        const tooWide = (await screen.lines()).filter((row) => row.length > 80 && !row.split(" ").some((word) => word.length > 66));
        expect(tooWide).to.deep.equal([]);
      });
    }
  });

  describe("of its own", () => {
    before(function () {
      if (!hasScript) this.skip();
    });

    /** Runs a command line in a terminal of its own. `keys` are typed once it has said `prompt`. */
    async function onTerminal(line: string, prompt?: string, keys?: string): Promise<{ code: number | null; raw: string; screen: string }> {
      const command = `stty rows 24 cols 80; exec ${process.execPath} ${path.join(root, "build/cli/main.js")} ${line} --outputs outputs.json`;
      const { CI: _, NO_COLOR: __, FORCE_COLOR: ___, npm_lifecycle_event: ____, ...environment } = process.env;
      const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
        cwd: folder.path,
        env: { ...environment, TERM: "xterm-256color" },
      });
      const screen = new Screen();
      let raw = "";
      let typed = false;
      child.stdout.on("data", (data: Buffer) => {
        screen.write(data);
        raw += data.toString();
        if (typed || prompt === undefined || keys === undefined || !raw.includes(prompt)) return;
        typed = true;
        child.stdin.write(keys);
      });
      const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
      return { code, raw, screen: await screen.text() };
    }

    it("keeps the id of each job that is not waited for: nothing else leads back to it", async () => {
      const { code, screen } = await onTerminal("submit echo.json fails.json held.json");

      expect(code).to.equal(0);
      expect(
        screen
          .split("\n")
          .map((row) => row.replace(/^[0-9A-Z]{26}/, "ID"))
          .sort(),
      ).to.deep.equal(["ID  echo.json", "ID  fails.json", "ID  held.json"]);
    });

    it("shows jobs moving, then how each ended, in colours and with advice", async () => {
      const { code, raw, screen } = await onTerminal("submit echo.json fails.json --wait --display-results");

      expect(code).to.equal(1);
      expect(raw).to.match(/Waiting: .*completed/);
      expect(screen).to.match(/^✔ [0-9A-Z]{26} {2}COMPLETED {2}echo\.json {2}[\d.]+ m?s\n\{\n {2}"text": "hello"\n\}$/m);
      expect(screen).to.match(
        /^✘ [0-9A-Z]{26} {2}FAILED {2}fails\.json {2}[\d.]+ m?s\n {2}MODEL_ERROR: [^]*\n {2}Read the container's log/m,
      );
      expect(raw).to.include("\u001b[32mCOMPLETED\u001b[39m");
      expect(raw).to.include("\u001b[31mFAILED\u001b[39m");
    });

    it("leaves a job running at Ctrl-C, and prints how to come back", async () => {
      const { code, screen } = await onTerminal("submit held.json --job-id left --wait", "held.json: ", "\u0003");
      gate.open();
      const later = await run(["wait", "left", "--outputs", "outputs.json"], { directory: folder.path });

      expect(code).to.equal(130);
      expect(screen).to.match(/Interrupted: 1 job goes on\. Come back with:\n {2}npx sagemaker-async wait left --outputs outputs\.json$/);
      expect(later.out).to.match(/^left\tCOMPLETED\t/);
    });
  });
});
