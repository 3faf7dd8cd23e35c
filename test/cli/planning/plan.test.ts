import { expect } from "chai";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { runHere } from "../inProcess";
import { lines, temporaryFolder } from "../support";

const rate = "12/hour, 60-120 s, 1 day";

describe("sagemaker-async plan", () => {
  const folder = temporaryFolder();
  before(() => {
    writeFileSync(path.join(folder.path, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
    writeFileSync(path.join(folder.path, "Pulumi.dev.yaml"), "config:\n  aws:region: us-east-1\n  shop:maxCapacity: 2\n");
    writeFileSync(path.join(folder.path, "Pulumi.bad.yaml"), "config:\n  shop:maxCapacity: none\n");
    writeFileSync(path.join(folder.path, "jobs.csv"), "arrival,duration\n0,60\n600,60\n1200,90\n");
    writeFileSync(path.join(folder.path, "wrong.csv"), "arrival,duration\n0,60\nsoon,60\n");
  });
  after(() => folder.remove());
  const plan = (...args: string[]) => runHere(["plan", ...args], { directory: folder.path, environment: { HOME: folder.path } });

  it("says what one change does to wait and bill, from the stack's file, in a pipe's rows", async () => {
    const { code, out, err } = await plan("--trace", "jobs.csv", "--set", "idleSeconds=60");

    expect([code, err]).to.deep.equal([0, ""]);
    const [name, told, title, , today, changed, , words] = out.split("\n");
    expect([name, told]).to.deep.equal([
      "jobs.csv",
      "jobs.csv: 3 jobs, arrival from arrival, duration from duration (seconds); second 0 is a Monday, 00:00 UTC",
    ]);
    expect(title).to.equal("3 jobs in 24 h; today is Pulumi.dev.yaml");
    expect([today, changed].map((row) => row?.split("\t")[0])).to.deep.equal(["today", "new"]);
    expect(words).to.equal("new   idleSeconds=60");
    expect(out).to.match(/With idleSeconds changed: p95 waits of .* instead of .*\n/);
    expect(out).not.to.contain("pulumi config set");
  });

  it("says what no column says: one job is one, and those that run longer than the timeout fail", async () => {
    writeFileSync(path.join(folder.path, "long.csv"), "arrival,duration\n0,7200\n");
    const { out } = await plan("--trace", "long.csv", "--set", "idleSeconds=60");
    expect(out).to.contain(
      "\n1 job in 24 h; today is Pulumi.dev.yaml\n1 of 1 job runs longer than invocationTimeoutSeconds, 3600 s, and fails today (not in LOST).\n",
    );
    expect(out).to.match(/\ntoday(\t[^\t]+){5}\t[\d.-]+\tnone ends\t/);
    expect(out).to.contain("\n  2024-01-01 00:00 UTC        1 job  p95 ");
  });

  it("takes several loads at once, each its own object with all that is known", async () => {
    const { code, out } = await plan("--rate", rate, "--trace", "jobs.csv", "--set", "maxCapacity=1", "--json");
    const plans = lines(out) as unknown as {
      load: { name: string };
      nearest: { changes: object; worst: { series: { instances: number[] } } };
      leftOut: string[];
    }[];

    expect(code).to.equal(0);
    expect(plans.map(({ load }) => load.name)).to.deep.equal(["jobs.csv", rate]);
    for (const { nearest, leftOut } of plans) {
      expect(nearest.changes).to.deep.equal({ maxCapacity: "1" });
      expect(nearest.worst.series.instances).to.include(1);
      expect(leftOut).not.to.deep.equal([]);
    }
  });

  it("is Markdown for a pull request, ends with 3 when the change misses the goal, and writes the report", async () => {
    const file = path.join(folder.path, "plan.html");
    const { code, out, err } = await plan(
      "--trace",
      "jobs.csv",
      "--set",
      "idleSeconds=60",
      "--wait-p95",
      "1s",
      "--markdown",
      "--html",
      file,
    );

    expect([code, err]).to.deep.equal([3, `The report is in ${file}.\n`]);
    expect(out).to.match(/^### What this change does to wait and bill: jobs\.csv\n\n/);
    expect(out).to.match(/\n\| {2}\| P50 \| P95 \| P99 \| LOST \| HOURS \| USD\/MONTH \| USD\/JOB \| IDLE \| settings \|\n/);
    expect(out).to.match(/\n\| new \| .* \| `idleSeconds=60` \|\n/);
    expect(existsSync(file) && readFileSync(file, "utf8")).to.contain("idleSeconds=60");
  });

  it("names the program's defaults as today where there is no program", async () => {
    const empty = temporaryFolder();
    const { code, out } = await runHere(["plan", "--rate", rate, "--set", "drain=true"], { directory: empty.path });
    empty.remove();

    expect(code).to.equal(0);
    expect(out).to.contain("today is the defaults (there is no Pulumi.yaml here)");
  });

  it("says each mistake in a sentence: a wrong row, a wrong setting, a wrong stack, a load that is none", async () => {
    const told = async (...args: string[]) => {
      const { code, err } = await plan(...args);
      return [code, err.trimEnd()];
    };
    expect(await told("--trace", "wrong.csv")).to.deep.equal([
      1,
      [
        "error: wrong.csv has 1 row that can't be read:",
        '       line 3: got "soon", expected arrival: a number of seconds from 0',
        "       Correct or remove them: no row is skipped.",
      ].join("\n"),
    ]);
    expect(await told("--trace", "jobs.csv", "--stack", "bad")).to.deep.equal([
      1,
      'error: Pulumi.bad.yaml can\'t be planned:\n         maxCapacity: got "none", expected a whole number from 1',
    ]);
    expect(await told("--trace", "jobs.csv", "--stack", "qa")).to.deep.equal([
      1,
      `error: There is no Pulumi.qa.yaml in ${folder.path}.\n       Name a stack that has one: bad, dev.`,
    ]);
    expect(await told("--trace", "jobs.csv", "--html", "nowhere/plan.html")).to.deep.equal([
      2,
      `error: --html: ${path.join(folder.path, "nowhere")}: no such folder`,
    ]);
    expect((await told("--trace", "jobs.csv", "--html", "."))[1]).to.match(/^error: --html: \. is a folder, expected a file$/);
    const [rateCode, rateError] = await told("--rate", "often, 5 s");
    expect(rateCode).to.equal(2);
    expect(rateError).to.match(
      /^error: --rate: "often, 5 s" describes no load: "often" can't be read; there is no rate of jobs\. Expected a rate/,
    );
    expect((await told("--trace", "jobs.csv", "--set", "drain=true", "--set", "partialScaleIn=true"))[1]).to.match(
      /can't be planned:\n {9}\w+: got /,
    );
  });
});
