import { expect } from "chai";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { loads, readCsv } from "../../../bench/scaling/loads";
import { seededRandom } from "../../../local/faults/random";
import { comparePriorities } from "../../../bench/scaling/priorities";
import { asMarkdown, type Row } from "../../../bench/scaling/report";
import { compareScaling, readOptions } from "../../../bench/scaling/run";
import { root } from "../../../doubles/program";

function messageOf(run: () => unknown): string {
  try {
    return `nothing was thrown: ${JSON.stringify(run())}`;
  } catch (error) {
    return (error as Error).message;
  }
}

describe("bench:scaling", () => {
  const byPolicy = (rows: readonly Row[], backlogCountsInFlight: boolean) =>
    Object.fromEntries(rows.filter((row) => row.backlogCountsInFlight === backlogCountsInFlight).map((row) => [row.policy, row]));

  it("has no job killed or expired under what this project declares, where the usual policies kill some", async () => {
    const rows = await compareScaling(readOptions(["--load", "trace", "--hours", "12", "--seeds", "1"]));

    expect(rows.filter(({ policy, killed, expired }) => policy.startsWith("ours") && killed + expired > 0)).to.deep.equal([]);
    for (const reading of [false, true]) {
      const { "usual snippet": snippet, "snippet with wake-up": wakeUp, ours, "ours with drain": drain } = byPolicy(rows, reading);
      expect([ours?.killed, ours?.expired, drain?.killed, drain?.expired]).to.deep.equal([0, 0, 0, 0]);
      expect(Math.min(snippet?.killed ?? 0, wakeUp?.killed ?? 0)).to.be.greaterThan(0);
      expect(drain?.instanceHours).to.be.lessThan(ours?.instanceHours ?? 0);
    }
  });

  it("shows that a batch of low priority keeps people waiting for minutes where one without keeps them for hours", async () => {
    const [alone, without, bounded] = await comparePriorities({ seeds: 1, hours: 24 });

    const hits = [alone, without, bounded].map((row) => [row?.killed, row?.expired]);
    expect(hits).to.deep.equal([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect([without?.batch?.completed, bounded?.batch?.completed]).to.deep.equal([2000, 2000]);
    expect(without?.people.p95).to.be.greaterThan(2 * 3600);
    expect((bounded?.people.p95 ?? NaN) - (alone?.people.p95 ?? NaN)).to.be.lessThan(300);
  });

  it("comes to the same figures from the same seed: a comparison that wavers compares nothing", async () => {
    const options = readOptions(["--load", "sparse", "--hours", "4", "--seeds", "2"]);

    expect(await compareScaling(options)).to.deep.equal(await compareScaling(options));
  });

  it("replays a file of the user's own, to its last job's end", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "bench-scaling-"));
    try {
      const file = path.join(folder, "jobs.csv");
      writeFileSync(file, "arrival,duration\n1700000060,120\n1700000000,60\n");
      const { ours } = byPolicy(await compareScaling(readOptions(["--csv", file])), false);

      expect({
        load: ours?.load,
        submitted: ours?.submitted,
        completed: ours?.completed,
        completedHours: ours?.completedHours,
      }).to.deep.equal({
        load: "jobs.csv",
        submitted: 2,
        completed: 2,
        completedHours: 0.05,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("says which line of a file can't be read", () => {
    const numbers = "expected two numbers of seconds: arrival,duration";
    const duration = "expected a duration above 0 and up to 3600 seconds, after which SageMaker ends an invocation";
    const none = "no jobs: expected lines of arrival,duration in seconds, such as 0,60";
    const cases: [text: string, message: string][] = [
      ["arrival,duration\n0,60\n5,none\n", `line 3: got "5,none", ${numbers}`],
      ["0,60\n,60\n", `line 2: got ",60", ${numbers}`],
      ["1e3,60\n", `line 1: got "1e3,60", ${numbers}`],
      ["0,60,1\n", `line 1: got "0,60,1", ${numbers}`],
      ["arrival;duration\n0;60\n", `line 2: got "0;60", ${numbers}`],
      ["0,60\n\n9,-5\n", `line 3: got "9,-5", ${duration}`],
      ["0,3601", `line 1: got "0,3601", ${duration}`],
      ["", none],
      ["arrival,duration\n", none],
    ];
    expect(cases.map(([text]) => messageOf(() => readCsv(text)))).to.deep.equal(cases.map(([, message]) => message));
  });

  it("names a file that can't be read, and reads one without names, from Windows, in any order", async () => {
    expect(await compareScaling(readOptions(["--csv", "/no/such/jobs.csv"])).then(String, ({ message }: Error) => message)).to.match(
      /^\/no\/such\/jobs\.csv: ENOENT/,
    );
    expect(readCsv("\uFEFF100, 60\r\n90,30.5\r\n")).to.deep.equal([
      { atSeconds: 0, modelSeconds: 30.5 },
      { atSeconds: 10, modelSeconds: 60 },
    ]);
  });

  it("has loads that last as long as they say and are within what the service takes", () => {
    for (const load of Object.values(loads)) {
      const arrivals = load(seededRandom(1).next, 6);
      expect(arrivals.length).to.be.greaterThan(10);
      expect(
        arrivals.filter(
          ({ atSeconds, modelSeconds }) => !(atSeconds >= 0 && atSeconds < 6.2 * 3600 && modelSeconds > 0 && modelSeconds <= 3600),
        ),
      ).to.deep.equal([]);
    }
  });

  it("is what docs/benchmarks.md shows: its figures and its chart are those of docs/scaling.md", () => {
    const [summary, page] = ["docs/benchmarks.md", "docs/scaling.md"].map((file) => readFileSync(path.join(root, file), "utf8")) as [
      string,
      string,
    ];
    const chart = /```mermaid\nxychart-beta[^]*?```/;
    const figures = (text: string, head: RegExp) => {
      const lines = text.slice(text.search(head)).split("\n");
      return lines.slice(2, lines.indexOf("")).map((line) =>
        line
          .split("|")
          .slice(2, -1)
          .map((cell) => cell.trim()),
      );
    };
    const measured = figures(page, /^\| load .*idle 60 s/m);

    expect(chart.exec(summary)?.[0]).to.equal(chart.exec(page)?.[0]);
    expect(figures(summary, /^\| load .*usual snippet/m)).to.deep.equal(measured.map((row) => [0, 2, 3, 5].map((column) => row[column])));
    expect(measured.length).to.equal(Object.keys(loads).length);
  });

  it("writes its tables and a chart in Markdown", async () => {
    const text = asMarkdown(await compareScaling(readOptions(["--load", "sparse", "--hours", "2", "--seeds", "1"])));

    expect(text).to.match(/^\| load \| usual snippet \|.*\n\| --- \| ---: \|.*\n\| sparse \| \d\.\d\d/);
    expect(text).to.match(/\*\*sparse, when the backlog counts waiting requests only\*\*\n\n\|  \| jobs \| killed \|/);
    expect(text.match(/^\| ours with drain \|/gm)?.length).to.equal(2);
    expect(text).to.match(/```mermaid\nxychart-beta\n {2}x-axis "hour" 1 --> 2\n/);
  });
});
