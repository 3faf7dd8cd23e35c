import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "../../doubles/program";
import { serviceOutputs } from "../support/outputs";
import { runHere } from "./inProcess";
import { lines, run, temporaryFolder } from "./support";

const noService =
  "no service: name it with --stack NAME, --outputs FILE or the variable SAGEMAKER_ASYNC_OUTPUTS, or run where outputs.json is";
const aJobId = 'Expected 1 to 60 letters, digits, ".", "_" and "-", a letter or digit first.';
const aTime = "Expected a span such as 90s, 15m, 2h or 7d, or a time such as 2026-01-25 or 2026-01-25T08:00:00Z.";
const anS3Uri = "Expected an S3 URI of an object, such as s3://my-models/ocr/model.tar.gz.";

/** Every way to hold it wrong: what is typed, and what is said of it. */
const mistakes: [line: string[], message: string][] = [
  [["sbmit"], "unknown command 'sbmit'\n(Did you mean submit?)"],
  [["status"], "missing required argument 'job'"],
  [["status", "two words"], `command-argument value 'two words' is invalid for argument 'job'. ${aJobId}`],
  [["explain", "a", "b"], "too many arguments for 'explain'. Expected 1 argument but got 2."],
  [["cancel", "-x"], "unknown option '-x'"],
  [["endpoint"], noService],
  [["endpoint", "--stack", "dev", "--outputs", "outputs.json"], "got --stack and --outputs: give one of them"],
  [
    ["endpoint", "--endpoint-url", "localhost:4566"],
    "option '--endpoint-url <url>' argument 'localhost:4566' is invalid. Expected a URL such as http://127.0.0.1:4566.",
  ],
  [
    ["endpoint", "--price-per-hour", "a lot"],
    "option '--price-per-hour <usd>' argument 'a lot' is invalid. Expected a number of dollars from 0, such as 0.5.",
  ],
  [["submit", "--ttl", "59"], "option '--ttl <seconds>' argument '59' is invalid. Expected a whole number from 60 to 21600."],
  [["submit", "--timeout", "1h"], "option '--timeout <seconds>' argument '1h' is invalid. Expected a whole number from 1 to 3600."],
  [
    ["submit", "--wait-timeout", "0"],
    "option '--wait-timeout <seconds>' argument '0' is invalid. Expected a whole number from 1 to 604800.",
  ],
  [["submit", "--job-id", "-x"], `option '--job-id <id>' argument '-x' is invalid. ${aJobId}`],
  [["submit", "--job-id", "x", "a.png", "b.png"], "--job-id: got it with 2 files; it is one job's identity, so give one file"],
  [["submit", "--sample", "page", "a.png"], "--sample: got it with a file; give one of them"],
  [["submit", "--sample", "poem"], "option '--sample <kind>' argument 'poem' is invalid. Allowed choices are json, page."],
  [
    ["submit", "--metadata", "tenant"],
    `option '--metadata <name=value>' argument 'tenant' is invalid. Expected name=value, the name of letters, digits, ".", "_" and "-".`,
  ],
  [
    ["submit", "--content-type", "näh"],
    "option '--content-type <type>' argument 'näh' is invalid. Expected 1 to 1024 printable ASCII characters, no leading blank.",
  ],
  [
    ["wait", "order-17", "--timeout", "1.5"],
    "option '--timeout <seconds>' argument '1.5' is invalid. Expected a whole number from 1 to 604800.",
  ],
  [
    ["list", "--state", "LOST"],
    "option '--state <state>' argument 'LOST' is invalid. Allowed choices are ACCEPTED, INVOKING, SUBMITTED, COMPLETED, FAILED, EXPIRED, CANCELLED.",
  ],
  [["list", "--since", "yesterday"], `option '--since <time>' argument 'yesterday' is invalid. ${aTime}`],
  [["subscribe"], "required option '--email <address>' not specified"],
  [
    ["subscribe", "--email", "nobody"],
    "option '--email <address>' argument 'nobody' is invalid. Expected an email address such as ml-team@example.com.",
  ],
  [["compare", "a.png"], "got 0 endpoints to compare with, expected one of --realtime, --with and --with-outputs"],
  [
    ["compare", "a.png", "--realtime", "ocr", "--as", "json", "--tolerance", "1"],
    "--tolerance: got it with --as json; it is for --as numbers, which it implies",
  ],
  [["compare", "nowhere.png", "--realtime", "ocr"], "nowhere.png: no such file"],
  [["deploy"], "required option '--model-uri <uri>' not specified"],
  [["deploy", "--model-uri", "model.tar.gz"], `option '--model-uri <uri>' argument 'model.tar.gz' is invalid. ${anS3Uri}`],
  [
    ["doctor", "--instance-type", "g5"],
    "option '--instance-type <type>' argument 'g5' is invalid. Expected an instance type such as ml.g5.2xlarge.",
  ],
  [
    ["plan"],
    `no load: give --trace FILE, or --rate "peak 0.05/s, day curve, 20-120 s"; or, for the jobs of a deployed service, ${noService}`,
  ],
  [["help", "nosuch"], "unknown command 'nosuch'"],
  [
    ["plan", "--rate", "1/s"],
    '--rate: "1/s" describes no load: there is no duration of a job. Expected a rate such as "0.05/s", "peak 0.05/s" or "200/hour", ' +
      'a duration such as "60 s", "20-120 s" or "5-10 min", and if it helps "day curve", "office hours" or "constant", "weekdays", and "14 days".',
  ],
  [["plan", "--trace", "nowhere.csv"], "--trace: nowhere.csv: no such file"],
  [["plan", "--trace", "."], "--trace: .: is a folder"],
  [["local", "--faults", "nowhere.json"], "--faults: nowhere.json: no such file"],
  [
    ["plan", "--columns", "when=at"],
    "option '--columns <names>' argument 'when=at' is invalid. Expected arrival=NAME, duration=NAME, start=NAME, finish=NAME, with commas between.",
  ],
  [["plan", "--wait-p95", "soon"], "option '--wait-p95 <time>' argument 'soon' is invalid. Expected a time such as 45s, 10m or 1.5h."],
  [
    ["plan", "--startup", "300-200"],
    "option '--startup <seconds>' argument '300-200' is invalid. Expected seconds from 1 to 7200, such as 240 or 200-300.",
  ],
  [["plan", "--budget", "-5"], "option '--budget <usd>' argument '-5' is invalid. Expected dollars above 0 such as 2000/month or 60/day."],
  [
    ["plan", "--type", "ml.g6.xlarge=0"],
    "option '--type <type[=factor]>' argument 'ml.g6.xlarge=0' is invalid. Expected an instance type, and how many times as fast it is: ml.g6e.xlarge=1.8.",
  ],
  [
    ["plan", "--rate", "1/s, 5 s", "--price", "5"],
    '--price: got "5", expected an instance type and dollars per hour, such as ml.g6e.xlarge=2.6',
  ],
  [["cost", "--by", "customer"], "option '--by <group>' argument 'customer' is invalid. Expected day, state, code, job or metadata.KEY."],
  [["local", "--port", "99999"], "option '--port <number>' argument '99999' is invalid. Expected a whole number from 0 to 65535."],
  [["local", "--program", "shop"], "got 1 --program and 0 --stack: each program needs its own stack"],
];

describe("the command line, held wrong", () => {
  const folder = temporaryFolder();
  after(() => folder.remove());

  for (const [line, message] of mistakes) {
    it(`${line.join(" ")}: names the option, what it got and what is accepted, with exit code 2`, async () => {
      const { code, out, err } = await runHere(line, { directory: folder.path });

      expect({ code, out, err: err.replace(/^\(npx sagemaker-async .*\n/m, "") }).to.deep.equal({
        code: 2,
        out: "",
        err: `error: ${message}\n`,
      });
    });
  }

  it("says of a command that is not there where to see those that are", async () => {
    const { err } = await runHere(["nosuch"], { directory: folder.path });

    expect(err).to.equal("error: unknown command 'nosuch'\n(npx sagemaker-async --help shows the commands)\n");
  });

  it("says the same as one JSON object with --json", async () => {
    const { code, out, err } = await run(["list", "--json", "--limit", "0"]);

    expect({ code, err, lines: lines(out) }).to.deep.equal({
      code: 2,
      err: "",
      lines: [
        {
          error: {
            code: "BAD_INPUT",
            message: "option '--limit <count>' argument '0' is invalid. Expected a whole number from 1 to 100000.",
            retryable: false,
            advice: "",
          },
        },
      ],
    });
  });

  it("names every input that can't be one before it submits any", async () => {
    const outputs = path.join(folder.path, "outputs.json");
    writeFileSync(path.join(folder.path, "empty.png"), "");
    writeFileSync(outputs, JSON.stringify(serviceOutputs));
    const { code, err } = await runHere(["submit", "nowhere.png", "empty.png", ".", "--outputs", outputs], { directory: folder.path });

    expect({ code, err }).to.deep.equal({
      code: 2,
      err: "error: nowhere.png: no such file\n       empty.png: is empty; an input has at least one byte\n       .: is a folder\n",
    });
  });

  it("starts without loading Pulumi or an SDK client, which would take longer than most commands", () => {
    const packages = `Object.keys(require.cache).flatMap((file) => /node_modules.((?:@[^/\\\\]+.)?[^/\\\\]+)/.exec(file)?.[1] ?? [])`;
    const script = `require("./build/cli/program"); JSON.stringify([...new Set(${packages})].sort())`;
    const out = execFileSync(process.execPath, ["-p", script], { cwd: root, encoding: "utf8" });

    expect(JSON.parse(out)).to.deep.equal(["commander", "csv-parse", "yaml"]);
  });

  it("shows what there is when nothing is asked, with exit code 2; the help of a command has its examples", async () => {
    const nothing = await run([]);
    const help = await runHere(["submit", "--help"]);

    expect([nothing.code, nothing.err.split("\n", 1)[0]]).to.deep.equal([2, "Usage: sagemaker-async [options] [command]"]);
    expect([help.code, help.err]).to.deep.equal([0, ""]);
    expect(help.out).to.match(/Examples:\n {2}\$ npx sagemaker-async submit --wait --display-results --stack dev\n/);
  });
});
