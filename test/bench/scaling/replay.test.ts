import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { loads, readCsv, seeded } from "../../../bench/scaling/loads";
import { asMarkdown, type Row } from "../../../bench/scaling/report";
import { compareScaling, readOptions } from "../../../bench/scaling/run";

describe("bench:scaling", function () {
  this.timeout(60_000);

  const byPolicy = (rows: readonly Row[], backlogCountsInFlight: boolean) =>
    Object.fromEntries(rows.filter((row) => row.backlogCountsInFlight === backlogCountsInFlight).map((row) => [row.policy, row]));

  it("has no job killed or expired under what this project declares, where the usual policies kill some", async () => {
    const rows = await compareScaling(readOptions(["--load", "trace", "--hours", "12", "--seeds", "1"]));

    for (const reading of [false, true]) {
      const { "usual snippet": snippet, "snippet with wake-up": wakeUp, ours, "ours with drain": drain } = byPolicy(rows, reading);
      expect([ours?.killed, ours?.expired, drain?.killed, drain?.expired]).to.deep.equal([0, 0, 0, 0]);
      expect(Math.min(snippet?.killed ?? 0, wakeUp?.killed ?? 0)).to.be.greaterThan(0);
      expect(drain?.instanceHours).to.be.lessThan(ours?.instanceHours ?? 0);
    }
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
    expect(() => readCsv("arrival,duration\n0,60\n5,none\n")).to.throw(
      'line 3: got "5,none", expected two numbers of seconds: arrival,duration',
    );
    expect(() => readCsv("arrival,duration\n")).to.throw("no jobs: expected lines of arrival,duration");
  });

  it("has loads that last as long as they say and are within what the service takes", () => {
    for (const load of Object.values(loads)) {
      const arrivals = load(seeded(1), 6);
      expect(arrivals.length).to.be.greaterThan(10);
      expect(
        arrivals.filter(
          ({ atSeconds, modelSeconds }) => !(atSeconds >= 0 && atSeconds < 6.2 * 3600 && modelSeconds > 0 && modelSeconds <= 3600),
        ),
      ).to.deep.equal([]);
    }
  });

  it("writes its tables and a chart in Markdown", async () => {
    const text = asMarkdown(await compareScaling(readOptions(["--load", "sparse", "--hours", "2", "--seeds", "1"])));

    expect(text).to.match(/^\*\*sparse, when the backlog counts waiting requests only\*\*\n\n\|  \| jobs \| killed \|/);
    expect(text.match(/^\| ours with drain \|/gm)?.length).to.equal(2);
    expect(text).to.match(/```mermaid\nxychart-beta\n {2}x-axis "hour" 1 --> 2\n/);
  });
});
