import { expect } from "chai";
import { readTrace, type ReadLoad, type TraceOptions } from "../../../planner/loads/trace";
import { LoadProblem } from "../../../planner/loads/problem";
import { mostJobs, undatedStart } from "../../../planner/loads/collect";

async function* pieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}
const read = (text: string, options: TraceOptions & { size?: number } = {}): Promise<ReadLoad> =>
  readTrace("jobs.csv", pieces(text, options.size ?? 7), options);
const jobsOf = async (text: string, options?: TraceOptions) => {
  const { load } = await read(text, options);
  return Array.from(load.arrivalSeconds, (at, index) => [at, load.durationSeconds[index]]);
};
const refusal = async (text: string, options?: TraceOptions): Promise<string> => {
  try {
    await read(text, options);
  } catch (error) {
    if (error instanceof LoadProblem) return [error.message, error.advice].filter((part) => part !== "").join("\n");
    throw error;
  }
  return "was read";
};

describe("a trace of jobs", () => {
  it("is CSV with the columns found by their names, whatever the order and the case, and says so in a line", async () => {
    const { load, told } = await read(
      "customer,Duration_ms,Created At\nacme,1500,2026-01-25T08:00:30Z\nacme,90000,2026-01-25T09:00:00+00:00\n",
    );
    expect(told).to.equal("jobs.csv: 2 jobs, arrival from Created At, duration from Duration_ms (milliseconds)");
    expect([...load.arrivalSeconds], "from the minute of the first").to.deep.equal([30, 3600]);
    expect([...load.durationSeconds]).to.deep.equal([1.5, 90]);
    expect(new Date(load.startsAt).toISOString()).to.equal("2026-01-25T08:00:00.000Z");
  });

  it("is read with semicolons, tabs, quotes, a byte order mark and blank lines", async () => {
    const expected = [
      [0, 60],
      [10, 70],
    ];
    expect(await jobsOf('\ufeff"arrival";"duration"\r\n0;60\r\n\r\n10;70\r\n')).to.deep.equal(expected);
    expect(await jobsOf("arrival\tduration\n0\t60\n10\t70")).to.deep.equal(expected);
    expect(await jobsOf("0,60\n10,70\n"), "without names: arrival and duration").to.deep.equal(expected);
  });

  it("is JSON lines too, with fields inside fields", async () => {
    const line = (accepted: string, finished: string) =>
      `${JSON.stringify({ jobId: "a", timings: { acceptedAt: accepted, startedAt: accepted, finishedAt: finished } })}\n`;
    const { told, load } = await read(
      line("2026-01-25T08:00:00Z", "2026-01-25T08:02:00Z") + line("2026-01-25T08:01:00Z", "2026-01-25T08:02:30Z"),
    );
    expect([...load.durationSeconds]).to.deep.equal([120, 90]);
    expect(told).to.equal("jobs.csv: 2 jobs, arrival from timings.acceptedAt, duration from timings.startedAt to timings.finishedAt");
  });

  it("counts from its first job when its arrivals are seconds, and from a Monday's midnight", async () => {
    const { load, told } = await read("time,seconds\n1000,60\n1010,60\n");
    expect([...load.arrivalSeconds]).to.deep.equal([0, 10]);
    expect(load.startsAt).to.equal(undatedStart);
    expect(new Date(undatedStart).toUTCString()).to.match(/^Mon, .* 00:00:00 GMT$/);
    expect(told).to.equal("jobs.csv: 2 jobs, arrival from time, duration from seconds (seconds); second 0 is a Monday, 00:00 UTC");
  });

  it("reads dates as seconds and as milliseconds since 1970", async () => {
    expect(await jobsOf("ts,duration\n1769328000,1\n1769328060,2\n")).to.deep.equal([
      [0, 1],
      [60, 2],
    ]);
    expect(await jobsOf("ts,duration\n1769328000000,1\n1769328060500,2\n")).to.deep.equal([
      [0, 1],
      [60.5, 2],
    ]);
  });

  it("is sorted when it isn't, each duration with its arrival, and says so", async () => {
    const { load, told } = await read("arrival,duration\n30,3\n10,1\n20,2\n10,4\n");
    expect([...load.arrivalSeconds]).to.deep.equal([0, 0, 10, 20]);
    expect([...load.durationSeconds]).to.deep.equal([1, 4, 2, 3]);
    expect(told).to.match(/; sorted by arrival \(2 rows stood behind a later one\)$/);
  });

  it("crosses a clock change without a jump: zones are minded, and times without one are UTC", async () => {
    const summer = await read("arrival,duration\n2026-10-25T02:30:00+02:00,60\n2026-10-25T02:30:00+01:00,60\n");
    expect([...summer.load.arrivalSeconds], "an hour apart, though both say half past two").to.deep.equal([0, 3600]);
    const { told } = await read("arrival,duration\n2026-10-25 02:30,60\n");
    expect(told).to.match(/times without a zone are UTC$/);
  });

  it("may be one job, or many at the same second", async () => {
    expect(await jobsOf("arrival,duration\n5,60\n")).to.deep.equal([[0, 60]]);
    expect((await read(`arrival,duration\n${"7,60\n".repeat(500)}`)).load.arrivalSeconds.every((at) => at === 0)).to.equal(true);
  });

  it("names every wrong row with its line, what it got and what was expected, and skips none", async () => {
    expect(await refusal("arrival,duration\n0,60\nsoon,60\n20,-5\n30,0\n40\n-1,60\n2026-01-25T08:00:00Z,60\n50,60,x\n")).to.equal(
      [
        "jobs.csv has 7 rows that can't be read:",
        'line 3: got "soon", expected arrival: a number of seconds from 0',
        'line 4: got "-5", expected duration: more than 0 seconds',
        'line 5: got "0", expected duration: more than 0 seconds',
        'line 6: got "40", expected 2 values, as the first line has',
        'line 7: got "-1", expected arrival: a number of seconds from 0',
        'line 8: got "2026-01-25T08:00:00Z", expected arrival: a number of seconds from 0',
        'line 9: got "50,60,x", expected 2 values, as the first line has',
        "Correct or remove them: no row is skipped.",
      ].join("\n"),
    );
    expect(await refusal(`arrival,duration\n${"0,-1\n".repeat(25)}`)).to.match(/25 rows.*\nline 2:[^]*\nline 11:.*\n… and 15 more\n/);
    expect(await refusal('{"arrival":0,"duration":5}\nnothing\n{"arrival":1}\n')).to.contain(
      'line 2: got "nothing", expected a JSON object\nline 3: got "{\\"arrival\\":1}", expected duration: more than 0 seconds',
    );
    expect(await refusal("started,ended\n2026-01-25T08:00:00Z,2026-01-25T07:00:00Z\n")).to.contain(
      'line 2: got "2026-01-25T08:00:00Z to 2026-01-25T07:00:00Z", expected ended later than started',
    );
  });

  it("says which columns there are when none fits, and takes those that are named", async () => {
    const text = "who,wall,gpu\na,2026-01-25T08:00:00Z,5\n";
    expect(await refusal(text)).to.equal(
      'jobs.csv has no column that says when jobs arrive (such as arrival, createdAt or timestamp), nor one that says how long the model takes (such as duration, latency_ms or runtime). It has the columns "who", "wall", "gpu".\n' +
        "Name them: --columns arrival=NAME,duration=NAME, or with start=NAME,finish=NAME in the place of duration.",
    );
    expect(await refusal(text, { columns: { arrival: "wal" } })).to.match(
      /^jobs.csv has no column "wal"\. It has the columns "who", "wall", "gpu"\./,
    );
    expect(await jobsOf(text, { columns: { arrival: "wall", duration: "gpu:min" } })).to.deep.equal([[0, 300]]);
    expect(await refusal(text, { columns: { arrival: "wall", duration: "gpu:fortnights" } })).to.equal(
      '--columns: got the unit "fortnights" of gpu, expected ms, milliseconds, millis, s, sec, secs, seconds, min, minutes, h, hours',
    );
    const both = "arrival,duration,start,finish\n0,99,10,15\n";
    expect(
      await jobsOf(both, { columns: { start: "start", finish: "finish" } }),
      "who names two moments does not want a duration",
    ).to.deep.equal([[0, 5]]);
  });

  it("is refused in a sentence when it is empty, has no jobs, is an array or no CSV", async () => {
    expect(await refusal("")).to.equal("jobs.csv is empty.\nA trace has a row for each job: when it arrives and how long it takes.");
    expect(await refusal(" \n\n")).to.match(/^jobs.csv is empty\./);
    expect(await refusal("arrival,duration\n")).to.equal("jobs.csv has no jobs: nothing stands below the names of its columns.");
    expect(await refusal('[{"arrival":0}]')).to.match(/^jobs.csv is a JSON array, expected one JSON object a line, or CSV\./);
    expect(await refusal('arrival,duration\n"0,60\n')).to.match(/^jobs.csv is not CSV: Quote Not Closed/);
    expect(await refusal("0,60,5\n")).to.match(/^jobs.csv begins without the names of its columns: got 3 values/);
  });

  it("of years is refused with its first and its last time, since one wrong date would be simulated for an hour", async () => {
    expect(await refusal("arrival,duration\n2001-01-01T00:00:00Z,60\n2026-01-01T00:00:00Z,60\n")).to.equal(
      "jobs.csv lasts 9,131 days, from 2001-01-01T00:00:00.000Z to 2026-01-01T00:00:00.000Z: at most 366 are planned at once.\n" +
        "Correct the wrong dates, or give a shorter time.",
    );
    expect(await refusal("arrival,duration\n0,60\n604800000,60\n")).to.equal(
      "jobs.csv lasts 7,000 days, from 0 s to 604800000 s: at most 366 are planned at once.\n" +
        "Arrivals without dates are seconds: divide those in milliseconds by 1,000.",
    );
    expect(await jobsOf("arrival,duration\n0,60\n31622400,60\n"), "a leap year").to.have.lengthOf(2);
  });

  it("with more jobs than are planned at once is refused with the bound", async function () {
    const { JobCollector } = await import("../../../planner/loads/collect.js");
    const jobs = new JobCollector("jobs.csv");
    for (let index = 0; index < mostJobs; index++) jobs.add(index, 1);
    expect(() => jobs.add(0, 1)).to.throw(LoadProblem, "jobs.csv has more than 5,000,000 jobs, the most that are planned at once.");
  });

  it("ends when its reader gives up", async () => {
    const { signal } = AbortSignal.abort(new Error("Ctrl-C")) && { signal: AbortSignal.abort(new Error("Ctrl-C")) };
    let thrown: unknown;
    await read("arrival,duration\n0,60\n", { signal }).catch((error: unknown) => (thrown = error));
    expect(String(thrown)).to.equal("Error: Ctrl-C");
  });
});
