import { CreateEndpointCommand, CreateEndpointConfigCommand, SageMakerClient, waitUntilEndpointInService } from "@aws-sdk/client-sagemaker";
import { ListSubscriptionsByTopicCommand } from "@aws-sdk/client-sns";
import { ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { CostReport } from "../../cli/commands/cost";
import type { AsyncInferenceOutputs } from "../../outputs";
import { Gate } from "../support/gate";
import { CloudUnderTest, root } from "../support/service";
import { runHere, type HereOptions } from "./inProcess";
import { lines, standInForPulumi, start, temporaryFolder } from "./support";

describe("sagemaker-async on the embedded cloud", () => {
  const folder = temporaryFolder();
  let cloud: CloudUnderTest;
  let outputs: AsyncInferenceOutputs;

  /** Who wants to know that a job is being read. */
  const asking = new Map<string, () => void>();
  /** Resolves when the table is next asked about a job. */
  const asked = (jobId: string) =>
    new Promise<void>((resolve) => {
      asking.set(jobId, () => {
        asking.delete(jobId);
        resolve();
      });
    });

  before(async () => {
    cloud = await CloudUnderTest.start({
      metricDelaySeconds: 0,
      intercept: async (service, request, answer) => {
        if (service === "dynamodb") for (const [jobId, tell] of asking) if (request.body.includes(jobId)) tell();
        if (service === "dynamodb" && request.body.includes("troubled-job")) return { status: 500, headers: {}, body: "{}" };
        const denied = service === "dynamodb" && request.body.includes("denied-job");
        return denied ? { status: 400, headers: {}, body: '{"__type":"AccessDeniedException","Message":"not authorized"}' } : answer();
      },
    });
    outputs = await cloud.deployOwn();
    write("outputs.json", { endpointUrl: cloud.cloud.endpointUrl, outputs });
    write("echo.json", { text: "hello" });
    write("fails.json", { model: "error", message: "no such page" });
    write("hangs.json", { model: "hang" });
    writeFileSync(path.join(folder.path, "scores.csv"), "0.25,0.5\n");
  });
  after(async () => {
    await cloud.close();
    folder.remove();
  });

  const write = (name: string, content: unknown) => writeFileSync(path.join(folder.path, name), JSON.stringify(content));
  const options = (added: HereOptions = {}): HereOptions => ({ directory: folder.path, ...added });
  const cli = (args: string[], added?: HereOptions) => runHere([...args, "--outputs", "outputs.json"], options(added));
  const json = async (args: string[], added?: HereOptions) => {
    const { code, out, err } = await cli([...args, "--json"], added);
    expect(err).to.equal("");
    return { code, objects: lines(out) };
  };

  describe("exit codes", () => {
    before(async () => {
      await cli(["submit", "echo.json", "--job-id", "good", "--wait"]);
      await cli(["submit", "fails.json", "--job-id", "bad", "--wait"]);
      await cli(["submit", "hangs.json", "--job-id", "endless"]);
    });

    const table: [line: string, code: number][] = [
      ["status good", 0],
      ["status bad", 0],
      ["status endless", 0],
      ["status nowhere", 1],
      ["status good nowhere", 1],
      ["status denied-job", 4],
      ["wait good", 0],
      ["wait bad", 1],
      ["wait good bad", 1],
      ["wait endless --timeout 1", 3],
      ["wait good endless --timeout 1", 3],
      ["wait bad endless --timeout 1", 1],
      ["wait denied-job", 4],
      ["wait nowhere", 1],
      ["explain bad", 0],
      ["explain nowhere", 1],
      ["explain denied-job", 4],
      ["explain good --watch", 0],
      ["explain bad --watch", 1],
      ["explain nowhere --watch", 1],
      ["explain denied-job --watch", 4],
      ["result good", 0],
      ["result bad", 1],
      ["result endless", 1],
      ["result nowhere", 1],
      ["cancel good", 1],
      ["cancel nowhere", 1],
      ["list --state EXPIRED", 0],
      ["endpoint", 0],
      ["logs", 0],
      ["logs --source submit", 0],
      ["logs --source nginx", 2],
      ["submit echo.json --wait", 0],
      ["submit fails.json", 0],
      ["submit fails.json --wait", 1],
      ["submit fails.json --job-id good", 1],
      ["submit hangs.json --wait --wait-timeout 1", 3],
      ["submit echo.json --job-id denied-job", 4],
      ["submit echo.json --ttl 1", 2],
      ["submit echo.json --traceparent 00-0-0-0", 2],
      ["submit nowhere.json", 2],
      ["compare echo.json --realtime nowhere", 1],
    ];
    for (const [line, code] of table) {
      it(`${code}: ${line}`, async () => {
        const ended = await cli(line.split(" "));

        expect(ended.code, ended.err).to.equal(code);
      });
    }
  });

  describe("submit", () => {
    it("submits a sample without a file, and shows its result", async () => {
      const { code, out, err } = await cli(["submit", "--display-results", "--sample", "json"]);

      expect([code, err]).to.deep.equal([0, ""]);
      expect(out).to.match(/^[0-9A-Z]{26}\tCOMPLETED\tsample\.json\t\S+ m?s\n\{"inputs":"It works\."\}\n$/);
    });

    it("gives the model of an embedded cloud a page, whose bytes it does not print", async () => {
      const { code, out } = await cli(["submit", "--display-results"]);

      expect(code).to.equal(0);
      expect(out).to.match(
        /^[0-9A-Z]{26}\tCOMPLETED\tsample\.png\t\S+ m?s\n {2}433 bytes of image\/png: --output DIR writes them to a file\n$/,
      );
    });

    it("prints a job id a line in a pipe, and the file it is for", async () => {
      writeFileSync(path.join(folder.path, "two\nlines.json"), "{}");
      const { code, out, err } = await cli(["submit", "echo.json", "scores.csv", "two\nlines.json"]);

      expect([code, err]).to.deep.equal([0, ""]);
      expect(
        out
          .split("\n")
          .map((line) => line.split("\t")[1])
          .sort(),
      ).to.deep.equal(["echo.json", "scores.csv", "two lines.json", undefined]);
    });

    it("reads the standard input, and hands on what was said of the job", async () => {
      const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
      const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
      const about = [
        "--metadata",
        "tenant=acme",
        "--metadata",
        "page=7",
        "--ttl",
        "600",
        "--timeout",
        "300",
        "--accept",
        "text/plain",
      ].concat(["--traceparent", traceparent]);
      const submitted = await cli(["submit", "-", "--job-id", "piped", "--wait", ...about], { input: '{"model":"describe"}' });
      const { objects } = await json(["status", "piped"]);
      const { objects: results } = await json(["result", "piped"]);

      expect([submitted.code, submitted.err]).to.deep.equal([0, ""]);
      const [status] = objects;
      expect(status).to.include({
        jobId: "piped",
        state: "COMPLETED",
        contentType: "application/json",
        requestTtlSeconds: 600,
        invocationTimeoutSeconds: 300,
      });
      expect(status?.["metadata"]).to.deep.equal({ tenant: "acme", page: "7" });
      expect(status?.["cost"]).to.have.all.keys("instanceSecondsAtMost", "usdAtMost");
      const shown = (await cli(["status", "piped"])).out;
      expect(shown).to.match(new RegExp(`\\n {2}trace +${traceId}\\n`));
      expect(shown).to.match(/\n {2}cost +at most \S+ USD, \S+ s of ml\.\S+, waiting included \(cost --by job has more\)\n/);
      const { headers } = results[0]?.["data"] as { headers: Record<string, string> };
      expect([headers["accept"], headers["content-type"]]).to.deep.equal(["text/plain", "application/json"]);
      expect(headers["x-amzn-sagemaker-custom-attributes"]).to.equal(`traceparent=${traceparent}`);
    });

    it("submits nothing and waits for nothing whose results have no place to go", async () => {
      writeFileSync(path.join(folder.path, "afile"), "");
      const ran = await cli(["submit", "echo.json", "--job-id", "placeless", "--output", "afile"]);
      const below = await cli(["wait", "endless", "--output", "afile/results"]);
      const words = (got: string) => `error: --output: got ${got}, expected a folder: it, or what is above it, is a file\n`;

      expect([ran.code, ran.out, ran.err]).to.deep.equal([2, "", words("afile")]);
      expect([below.code, below.out, below.err]).to.deep.equal([2, "", words("afile/results")]);
      expect((await cli(["status", "placeless"])).err).to.include("There is no job placeless.");
    });

    it("writes each result into a folder, named after its input, two of one name apart, after its job where the name is too long", async () => {
      const long = `${"n".repeat(250)}.json`;
      writeFileSync(path.join(folder.path, long), "{}");
      const inputs = ["echo.json", "scores.csv", "./echo.json", "fails.json", long];
      const { code, objects } = await json(["submit", ...inputs, "--output", "results"]);
      const ends = objects.filter(({ state }) => state !== undefined);

      expect(code).to.equal(1);
      expect(ends.map(({ input, state }) => [input, state]).sort()).to.deep.equal([
        ["./echo.json", "COMPLETED"],
        ["echo.json", "COMPLETED"],
        ["fails.json", "FAILED"],
        [long, "COMPLETED"],
        ["scores.csv", "COMPLETED"],
      ]);
      const names = readdirSync(path.join(folder.path, "results"))
        .map((name) => name.replace(/[0-9A-Z]{26}/, "ID"))
        .sort();
      expect(names).to.deep.equal(["ID.json", "echo.json.ID.json", "echo.json.json", "scores.csv.csv"]);
      expect(
        ends
          .flatMap(({ file }) => file ?? [])
          .map((file) => path.relative(path.join(folder.path, "results"), path.resolve(folder.path, file as string)))
          .sort(),
      ).to.deep.equal(readdirSync(path.join(folder.path, "results")).sort());
      expect(readFileSync(path.join(folder.path, "results/scores.csv.csv"), "utf8")).to.equal("0.25,0.5\n");
    });

    it("returns the same job for the same id, and refuses another input under it", async () => {
      const first = await json(["submit", "echo.json", "--job-id", "twice", "--wait"]);
      const again = await json(["submit", "echo.json", "--job-id", "twice", "--wait"]);
      const other = await cli(["submit", "scores.csv", "--job-id", "twice"]);

      expect([first.code, again.code]).to.deep.equal([0, 0]);
      expect(again.objects.at(-1)).to.deep.equal(first.objects.at(-1));
      expect(other.code).to.equal(1);
      expect(other.err).to.match(/^error: scores\.csv: .*twice.*\n {7}Use another jobId for another input; .*\n$/);
    });

    it("goes on after an input that was refused, and says which one", async () => {
      const { code, objects } = await json(["submit", "echo.json", "--job-id", "denied-job"]);

      expect(code).to.equal(4);
      expect(objects.map(({ file, error }) => [file, (error as { code: string }).code])).to.deep.equal([["echo.json", "ACCESS_DENIED"]]);
    });
  });

  describe("wait", () => {
    it("prints each end as it comes, one object a line", async () => {
      const gate = await Gate.start();
      write("held.json", gate.input);
      await cli(["submit", "held.json", "--job-id", "late"]);
      await cli(["submit", "echo.json", "--job-id", "early"]);
      const wrote = (all: string) => void (all.includes('"jobId":"early"') && gate.open());
      const { code, objects } = await json(["wait", "late", "early", "late", "--display-results"], { wrote });
      await gate.close();

      expect(code).to.equal(0);
      expect(objects.map(({ jobId, state, data }) => [jobId, state, data])).to.deep.equal([
        ["early", "COMPLETED", { text: "hello" }],
        ["late", "COMPLETED", gate.input],
      ]);
      expect(Object.keys(objects[0] ?? {})).to.deep.equal([
        "jobId",
        "state",
        "inferenceId",
        "outputLocation",
        "contentType",
        "timings",
        "data",
      ]);
    });

    it("says how to come back when the time is over", async () => {
      const { code, out, err } = await cli(["wait", "endless", "--timeout", "1"]);

      expect([code, out]).to.deep.equal([3, ""]);
      expect(err).to.match(
        /^error: .*endless.*\n {7}The job goes on\. Come back with: npx sagemaker-async wait endless --outputs outputs\.json\n$/,
      );
    });

    it("leaves jobs running at Ctrl-C, and prints how to come back to them", async () => {
      const gate = await Gate.start();
      write("held.json", gate.input);
      const waiting = start(["submit", "held.json", "--job-id", "left", "--wait", "--json", "--outputs", "outputs.json"], options());
      await waiting.said('"jobId":"left"');
      waiting.signal("SIGINT");
      const { code, out, err } = await waiting.ended;
      gate.open();
      const later = await cli(["wait", "left"]);

      expect([code, err]).to.deep.equal([130, ""]);
      expect(lines(out).at(-1)).to.deep.equal({
        jobId: "left",
        error: {
          code: "ABORTED",
          message: (lines(out).at(-1)?.["error"] as { message: string }).message,
          retryable: false,
          advice: "The job goes on. Come back with: npx sagemaker-async wait left --outputs outputs.json",
        },
      });
      expect(later.out).to.match(/^left\tCOMPLETED\t/);
      await gate.close();
    });

    it("says within seconds that nothing can be asked, and then not that a job goes on", async () => {
      const waiting = start(["wait", "troubled-job", "--outputs", "outputs.json"], options());
      await waiting.said("The command keeps asking; Ctrl-C ends the wait.");
      waiting.signal("SIGINT");
      const { code, out, err } = await waiting.ended;

      expect([code, out]).to.deep.equal([130, ""]);
      expect(err.split("\n").slice(1)).to.deep.equal([
        "Interrupted: whether 1 job goes on is not known. Come back with:",
        "  npx sagemaker-async wait troubled-job --outputs outputs.json",
        "",
      ]);
    });

    it("says it in one sentence for all jobs without --json", async () => {
      const waiting = start(["wait", "endless", "--outputs", "outputs.json"], options());
      await asked("endless");
      waiting.signal("SIGINT");

      expect(await waiting.ended).to.deep.equal({
        code: 130,
        out: "",
        err: "Interrupted: 1 job goes on. Come back with:\n  npx sagemaker-async wait endless --outputs outputs.json\n",
      });
    });
  });

  describe("queries", () => {
    it("list shows jobs of a state, newest first, in lines with tabs", async () => {
      const { code, out, err } = await cli(["list", "--state", "FAILED", "--limit", "1"]);

      expect(code).to.equal(0);
      expect(out).to.match(/^\S+\tFAILED\t\S+Z\t\S+Z\n$/);
      expect(err).to.equal("There are more: --limit 1 was reached.\n");
    });

    it("status says why a job failed, for people and as an object", async () => {
      const { out } = await cli(["status", "bad"]);
      const { objects } = await json(["status", "bad"]);

      expect(out).to.match(/^bad {2}FAILED\n {2}accepted +(just now|\d+ (s|min) ago) \(\S+Z\)\n/);
      expect(out).to.match(/\n {2}error +MODEL_ERROR: /);
      expect(objects[0]).to.include({ jobId: "bad", state: "FAILED", ended: true });
    });

    it("list --watch adds a line when a job changes, until Ctrl-C, which is no failure", async () => {
      const listing = start(["list", "--watch", "--outputs", "outputs.json"], options());
      await listing.said("endless\t");
      const gate = await Gate.start();
      write("held.json", gate.input);
      await cli(["submit", "held.json", "--job-id", "watched"]);
      await listing.said("watched\tSUBMITTED\t");
      gate.open();
      await listing.said("watched\tCOMPLETED\t");
      await gate.close();
      listing.signal("SIGINT");
      const { code, out, err } = await listing.ended;

      expect([code, err]).to.deep.equal([0, ""]);
      const states = out.split("\n").flatMap((line) => (line.startsWith("watched\t") ? line.split("\t")[1] : []));
      expect(states.slice(-2)).to.deep.equal(["SUBMITTED", "COMPLETED"]);
      expect(states).to.deep.equal([...new Set(states)]);
    });

    it("endpoint --watch has its first line at once, and ends at Ctrl-C", async () => {
      const watched = start(["endpoint", "--watch", "--outputs", "outputs.json"], options());
      await watched.said(" wanted\t");
      watched.signal("SIGINT");
      const { code, out, err } = await watched.ended;

      expect([code, err]).to.deep.equal([0, ""]);
      expect(out).to.match(/^\S+Z\tInService\t\d now\t\d wanted\t(\d+ waiting|backlog unknown)/);
    });

    it("explain --watch says at Ctrl-C that the job goes on", async () => {
      const watched = start(["explain", "endless", "--watch", "--outputs", "outputs.json"], options());
      await watched.said("\tSUBMITTED\t");
      watched.signal("SIGINT");

      expect(await watched.ended).to.deep.include({ code: 130, err: "Interrupted: the job goes on.\n" });
    });

    it("explain says what to do", async () => {
      const { out } = await cli(["explain", "bad"]);
      const { objects } = await json(["explain", "bad"]);

      expect(out).to.match(/^bad {2}FAILED {2}model-error\n/);
      expect(objects[0]).to.include({ jobId: "bad", state: "FAILED", situation: "model-error" });
    });

    it("result prints what the model answered and nothing else, and writes files", async () => {
      const printed = await cli(["result", "good"]);
      const written = await cli(["result", "good", "--output", "good.json"]);
      const bad = await cli(["result", "bad"]);

      expect(printed).to.deep.equal({ code: 0, out: '{"text":"hello"}', err: "" });
      expect(written).to.deep.equal({ code: 0, out: `${written.out.split(":", 1)[0]}: 16 bytes of application/json\n`, err: "" });
      expect(readFileSync(path.join(folder.path, "good.json"), "utf8")).to.equal('{"text":"hello"}');
      expect(bad.err).to.match(/^error: bad has no result: it is FAILED with MODEL_ERROR: /);
    });

    it("result does not wait: it says how to", async () => {
      expect(await cli(["result", "endless"])).to.deep.equal({
        code: 1,
        out: "",
        err: "error: endless has no result yet: it is SUBMITTED.\n       Wait for it: npx sagemaker-async wait endless --outputs outputs.json\n",
      });
    });

    it("cancel ends a job for its owner, and says that the endpoint computes on", async () => {
      await cli(["submit", "hangs.json", "--job-id", "unwanted"]);
      const cancelled = await json(["cancel", "unwanted"]);
      const late = await cli(["cancel", "good"]);

      expect(cancelled.code).to.equal(0);
      expect(cancelled.objects[0]).to.include({ jobId: "unwanted", state: "CANCELLED", cancelled: true, computeContinues: true });
      expect([late.code, late.out]).to.deep.equal([1, "– good: The job had ended before: it is COMPLETED.\n"]);
    });
  });

  describe("the service", () => {
    it("endpoint tells state, instances and cost, and takes another price", async () => {
      const { objects } = await json(["endpoint"]);
      const { out } = await cli(["endpoint", "--price-per-hour", "2"]);

      const { backlog, at, ...report } = objects[0] ?? {};
      expect(backlog).to.be.an("object");
      expect(at).to.match(/^20\d\d-\S+Z$/);
      expect(report).to.deep.equal({
        endpointName: outputs.endpointName,
        state: "InService",
        instanceType: "ml.g5.2xlarge",
        instances: { current: 1, desired: 1, min: 0, max: 5 },
        cost: { perInstanceHour: 1.515, hour: 1.515, mostHour: 7.575, source: "list price of us-east-1, October 2025" },
      });
      expect(out).to.include("  cost       2.00 USD an hour now, 10.00 USD at 5 (2 an instance: --price-per-hour)\n");
    });

    it("logs shows what the container printed, and follows it until Ctrl-C", async () => {
      const once = await cli(["logs", "--since", "1h"]);
      const none = await cli(["logs", "--since", "1h", "--filter", "nothing has these words"]);
      const following = start(["logs", "--follow", "--outputs", "outputs.json"], options());
      await following.said("model ready");
      following.signal("SIGINT");

      expect([once.code, once.err]).to.deep.equal([0, ""]);
      expect(once.out).to.match(/^\S+Z model ready\n/);
      expect([none.code, none.out]).to.deep.equal([0, ""]);
      expect((await following.ended).code).to.equal(0);
    });

    it("logs shows a function's log too", async () => {
      const { code, out, err } = await cli(["logs", "--source", "result", "--json"]);

      expect([code, err]).to.deep.equal([0, ""]);
      for (const line of lines(out)) expect(Object.keys(line)).to.deep.equal(["time", "stream", "message"]);
    });

    it("logs knows the functions of webhooks, buses and workflows, and says what there is for a name that is none", async () => {
      const { submitFunctionArn } = outputs;
      const hooked = {
        ...outputs,
        busFunctionArn: submitFunctionArn,
        webhookFunctionArns: `orders=${submitFunctionArn},b-2=${submitFunctionArn}`,
      };
      write("hooked.json", { endpointUrl: cloud.cloud.endpointUrl, outputs: hooked });
      const logs = (source: string) => runHere(["logs", "--source", source, "--outputs", "hooked.json"], options());

      for (const source of ["bus", "webhook-orders", "webhook-b-2"]) expect((await logs(source)).code, source).to.equal(0);
      const [off, none] = [await logs("tasks"), await logs("webhook-billing")];
      expect([off.code, off.err]).to.deep.equal([
        2,
        "error: --source: got tasks, and this service has none: the setting workflowsEnabled is off\n",
      ]);
      expect([none.code, none.err]).to.deep.equal([
        2,
        "error: --source: got webhook-billing, expected model, submit, inbox, result, sweep, floor, bus, webhook-orders, webhook-b-2; this service has no handlers\n",
      ]);
    });

    it("cost adds up what the jobs used, beside what CloudWatch counted", async () => {
      const { code, objects } = await json(["cost", "--by", "state", "--since", "1h", "--price", "ml.g5.2xlarge=3600"]);
      const [report] = objects as unknown as [CostReport];

      expect(code).to.equal(0);
      expect(report).to.deep.include({
        endpointName: outputs.endpointName,
        by: "state",
        instanceType: "ml.g5.2xlarge",
        prices: "your own",
      });
      expect(report.rows.map(({ group }) => group)).to.include.members(["COMPLETED", "FAILED"]);
      for (const { jobs, computeHours, startupHours, idleHours, usd = 0, usdPerJob } of report.rows) {
        expect(usd).to.be.closeTo(3600 * (computeHours + startupHours + idleHours), 1e-6);
        expect(usdPerJob).to.equal(usd / jobs);
      }
      expect(report.counted).to.deep.include({ periodSeconds: 60 });

      const table = await cli(["cost", "--by", "job", "--csv"]);
      expect(table.out.split("\n", 1)).to.deep.equal(["job,jobs,computeHours,startupHours,idleHours,usd,usdPerJob"]);
      expect(table.out).to.match(/^good,1,\d/m);
    });

    it("doctor skips what this cloud does not know of, wherever its address is from", async () => {
      const command = ["doctor", "--region", "us-east-1", "--instance-type", "ml.g5.2xlarge", "--json"];
      const { code, out, err } = await runHere([...command, "--endpoint-url", cloud.cloud.endpointUrl], options());
      const byVariable = await runHere(command, options({ environment: { AWS_ENDPOINT_URL: cloud.cloud.endpointUrl } }));
      expect(byVariable).to.deep.equal({ code, out, err });

      expect([code, err, lines(out).map(({ check, status }) => [check, status])]).to.deep.equal([
        0,
        "",
        [
          ["cost", "passed"],
          ["credentials", "passed"],
          ["quota", "skipped"],
          ["image", "skipped"],
          ["model", "skipped"],
        ],
      ]);
    });

    it("subscribe asks for mails about jobs that ended in some way", async () => {
      const { code, out } = await cli(["subscribe", "--email", "ada@example.com", "--state", "FAILED", "EXPIRED"]);
      const { Subscriptions = [] } = await cloud.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: outputs.jobsTopicArn }));

      expect([code, out]).to.deep.equal([
        0,
        "AWS has sent a mail to ada@example.com: the subscription begins when the link in it is opened, within three days.\n",
      ]);
      expect(Subscriptions.filter(({ Protocol }) => Protocol === "email").map(({ Endpoint }) => Endpoint)).to.deep.equal([
        "ada@example.com",
      ]);
    });

    it("smoke runs one real job and one that fails, as a checklist", async () => {
      const { code, objects } = await json(["smoke", "--failing-input", "fails.json"]);

      expect([code, objects.map(({ check, status }) => [check, status])]).to.deep.equal([
        0,
        [
          ["endpoint", "passed"],
          ["job", "passed"],
          ["result", "passed"],
          ["notification", "passed"],
          ["large input", "passed"],
          ["error path", "passed"],
          ["model", "passed"],
        ],
      ]);
    });

    it("smoke says that a model may not have loaded when every job fails although the endpoint is in service", async () => {
      const { code, out } = await cli(["smoke", "--input", "fails.json", "--failing-input", "fails.json"]);

      expect(code).to.equal(1);
      expect(out.split("\n").slice(-3)).to.deep.equal([
        "✘ model: the endpoint is InService, and every job failed in the model: it may not have loaded. multi-model-server and TorchServe answer /ping with 200 all the same",
        "    See what the container printed when it loaded: npx sagemaker-async logs --since 1h --outputs outputs.json",
        "",
      ]);
    });

    it("smoke leaves the large input out where enlarging would change what the input says", async () => {
      writeFileSync(path.join(folder.path, "song.mp3"), "ID3");
      const { out } = await cli(["smoke", "--input", "song.mp3", "--failing-input", "fails.json"]);

      expect(out).to.include(
        "– large input: audio/mpeg can't be enlarged without changing what it says\n    Name an input over 6 MB with --large-input.\n",
      );
    });

    it("smoke does not call the error path tried when the model took everything", async () => {
      const { code, out } = await cli(["smoke", "--input", "echo.json"]);

      expect(code).to.equal(1);
      expect(out).to.include(
        "✘ error path: the model took bytes of application/x-sagemaker-async-smoke-test, so that no error was seen\n" +
          "    Name a file that the model refuses with --failing-input.\n",
      );
    });
  });

  describe("compare", () => {
    before(async () => {
      const sagemaker = new SageMakerClient(cloud.settings);
      const variant = { VariantName: "v", ModelName: outputs.modelName, InstanceType: "ml.g5.2xlarge", InitialInstanceCount: 1 } as const;
      await sagemaker.send(new CreateEndpointConfigCommand({ EndpointConfigName: "direct", ProductionVariants: [variant] }));
      await sagemaker.send(new CreateEndpointCommand({ EndpointName: "direct", EndpointConfigName: "direct" }));
      await waitUntilEndpointInService({ client: sagemaker, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { EndpointName: "direct" });
      sagemaker.destroy();
      write("describes.json", { model: "describe" });
    });

    it("proves that both endpoints answer the same", async () => {
      const { code, out, err } = await cli(["compare", "echo.json", "scores.csv", "--realtime", "direct"]);

      expect({ code, out, err }).to.deep.equal({
        code: 0,
        out: "same     echo.json  (as json, 16 bytes)\nsame     scores.csv  (as bytes, 9 bytes)\n",
        err: `2 of 2 the same on ${outputs.endpointName} and direct.\n`,
      });
    });

    it("submits no job when there is no such real-time endpoint: its model would run for nothing", async () => {
      const before = (await json(["list", "--limit", "1000"])).objects;
      const { code, out, err } = await cli(["compare", "echo.json", "--realtime", "nowhere"]);

      expect([code, out]).to.deep.equal([1, ""]);
      expect(err).to.equal(
        "error: --realtime: there is no endpoint nowhere in us-east-1.\n" +
          "       `aws sagemaker list-endpoints --region us-east-1` shows which there are. No job was submitted.\n",
      );
      expect((await json(["list", "--limit", "1000"])).objects.length).to.equal(before.length);
    });

    it("compares with another asynchronous service, and names one of the three ways", async () => {
      const { code, objects } = await json(["compare", "echo.json", "--with-outputs", "outputs.json"]);
      expect([code, objects[0]]).to.deep.equal([
        0,
        { file: "echo.json", same: true, comparedAs: "json", bytes: { asynchronous: 16, other: 16 }, differences: [] },
      ]);
      expect((await cli(["compare", "echo.json"])).err.split("\n", 1)[0]).to.equal(
        "error: got 0 endpoints to compare with, expected one of --realtime, --with and --with-outputs",
      );
      const { code: missing, err } = await cli(["compare", "echo.json", "--with-outputs", "nowhere.json"]);
      expect([missing, err.split("\n", 1)[0]]).to.deep.equal([2, "error: --with-outputs: nowhere.json: no such file"]);
    });

    it("names what differs, and ends with 1", async () => {
      const { code, objects } = await json(["compare", "echo.json", "describes.json", "--realtime", "direct", "--tolerance", "0.1"]);

      expect([code, objects.map(({ file, same, comparedAs }) => [file, same, comparedAs])]).to.deep.equal([
        1,
        [
          ["echo.json", true, "numbers"],
          ["describes.json", false, "numbers"],
        ],
      ]);
      const places = (objects[1]?.["differences"] as { at: string }[]).map(({ at }) => at);
      expect(places).to.include('$.headers["x-amzn-sagemaker-inference-id"]');
    });
  });

  describe("promote", () => {
    const { PATH } = process.env;
    before(() => {
      write("describes.json", { model: "describe" });
      const answers = `if (args[0] === "stack") console.log(require("node:fs").readFileSync("outputs.json", "utf8"));`;
      standInForPulumi(folder.path, `${answers}\nelse require("node:fs").appendFileSync("pulumi.log", args.join(" ") + "\\n");`);
      process.env["PATH"] = `${folder.path}:${PATH}`;
      const settings = readFileSync(path.join(root, "Pulumi.local.yaml"), "utf8");
      writeFileSync(path.join(folder.path, "Pulumi.yaml"), "name: sagemaker-async-inference\nruntime: nodejs\n");
      writeFileSync(path.join(folder.path, "Pulumi.dev.yaml"), settings);
      writeFileSync(path.join(folder.path, "Pulumi.prod.yaml"), "config:\n  sagemaker-async-inference:huggingFaceModelId: gpt2\n");
    });
    after(() => void (process.env["PATH"] = PATH));

    const promote = (...args: string[]) => runHere(["promote", "dev", "prod", ...args], options());
    const written = () => {
      const log = path.join(folder.path, "pulumi.log");
      return existsSync(log) ? readFileSync(log, "utf8") : "";
    };
    const diff = /^Pulumi\.prod\.yaml\n\+ image: \S+\n- huggingFaceModelId: gpt2\n/;

    it("shows what would change, compares, and writes nothing before it is told to", async () => {
      const { code, out, err } = await promote("echo.json");

      expect([code, written()]).to.deep.equal([0, ""]);
      expect(out)
        .to.match(diff)
        .and.to.match(/\nsame {5}echo\.json {2}\(as json, 16 bytes\)\n$/);
      expect(err).to.match(/\n1 of 1 the same in dev and prod\.\nNothing was changed: --yes writes it to Pulumi\.prod\.yaml\.\n$/);
    });

    it("writes nothing when answers differ or could not be compared, unless differences are meant", async () => {
      const differs = await promote("describes.json", "--yes");
      expect([differs.code, written()]).to.deep.equal([1, ""]);
      expect(differs.err).to.match(/\nNothing was changed: answers differ\. --accept-differences promotes nevertheless\.\n$/);
      const failed = await promote("fails.json", "--yes", "--accept-differences");
      expect([failed.code, written()]).to.deep.equal([1, ""]);
      expect(failed.err).to.match(/\nNothing was changed: not every input could be compared\.\n$/);

      const { code, err } = await promote("describes.json", "--yes", "--accept-differences");
      expect(code).to.equal(0);
      expect(err).to.match(/\nPulumi\.prod\.yaml is changed; `pulumi up --stack prod` releases it\.\n$/);
      expect(written()).to.match(
        /^config rm-all --stack prod --non-interactive huggingFaceModelId\nconfig set-all --stack prod --non-interactive --plaintext image=\S+\n$/,
      );
    });

    it("refuses to write without a comparison that nobody has waived", async () => {
      const { code, err } = await promote("--yes");
      expect([code, err.split("\n", 1)[0]]).to.deep.equal([
        2,
        "error: --yes: there are no inputs to compare: name files that both environments can answer, or give --no-compare",
      ]);
    });
  });

  describe("redrive", () => {
    const letters = () =>
      cloud.sqs.send(new ReceiveMessageCommand({ QueueUrl: outputs.deadLetterQueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }));
    const resultArn = () => `arn:aws:lambda:${outputs.region}:${outputs.accountId}:function:${outputs.resultFunctionName}`;

    before(async () => {
      const Message = JSON.stringify({
        invocationStatus: "Completed",
        inferenceId: "1.nobodys",
        responseParameters: { outputLocation: `s3://${outputs.bucketName}/output/nobodys` },
      });
      const record = {
        requestContext: { functionArn: `${resultArn()}:$LATEST`, condition: "RetriesExhausted", approximateInvokeCount: 3 },
        requestPayload: { Records: [{ Sns: { MessageId: "m-1", Message } }] },
        responsePayload: { errorType: "Error", errorMessage: "table away" },
      };
      for (const MessageBody of [JSON.stringify(record), "hello"]) {
        await cloud.sqs.send(new SendMessageCommand({ QueueUrl: outputs.deadLetterQueueUrl, MessageBody }));
      }
    });

    it("says with --dry-run what lies there, and leaves it there", async () => {
      const { code, out } = await cli(["redrive", "--dry-run"]);

      expect([code, out.trim().split("\n").sort()]).to.deep.equal([
        0,
        [
          `– Not one of ours (not a JSON object): kept.`,
          `✔ SageMaker's notification of 1.nobodys, failed 3 times with "Error: table away": would be sent to ${outputs.resultFunctionName} again.`,
        ].sort(),
      ]);
      expect((await letters()).Messages).to.have.length(2);
    });

    it("hands each event to its function again, and keeps what isn't one", async () => {
      const ran = cloud.event(
        (event) => event.kind === "function" && event.functionName === outputs.resultFunctionName && event.change === "succeeded",
      );
      const { code, objects } = await json(["redrive"]);

      expect([code, objects.map(({ kind, action }) => [kind, action]).sort()]).to.deep.equal([
        0,
        [
          ["execution", "redriven"],
          ["malformed", "kept"],
        ],
      ]);
      await ran;
      expect((await letters()).Messages?.map(({ Body }) => Body)).to.deep.equal(["hello"]);
    });
  });
});
