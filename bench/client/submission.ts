import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { median, repeat, seconds } from "../measure";
import type { CeilingReport, CeilingTask } from "./ceilingWorker";
import type { Part } from "./part";
import { addedMilliseconds, startStandIn, type StandIn } from "./standIn";
import type { SubmitReport, SubmitTask } from "./submitWorker";
import { work, type WorkerReport } from "./worker";

const inputBytes = 10_000;
const concurrency = 32;

/** How many inputs, and how often they are submitted by each client in turn: the median counts. */
const loads = [
  { count: 1000, rounds: 5 },
  { count: 20_000, rounds: 1 },
] as const;

const fileMegabytes = 200;

/** More than a file's size in memory is no stream, and more for twenty times the jobs is a leak. */
const flatMegabytes = 100;

/** More than so much that is still in use after twenty times the jobs is kept for each job. */
const keptMegabytes = 5;

const contenders = { snippet: "the usual snippet", objects: "client, no table", table: "client, table" } as const;
type Contender = keyof typeof contenders;

/** What each client's rate must be at least, and its processor time per job at most, as shares of the snippet's. */
const aims = { objects: { rate: 1.3, processor: 1 }, table: { rate: 0.6, processor: 2 } } as const;

interface Measured {
  jobsPerSecond: number;
  processorMilliseconds: number;
  callsPerJob: number;
  peakBytes: number;
  usedBytes: number;
}

/** How fast jobs are submitted, what that costs, and what a big input does to the memory of the process that submits it. */
export async function submission(): Promise<Part> {
  const folder = await mkdtemp(path.join(tmpdir(), "bench-"));
  const standIn = await startStandIn(addedMilliseconds);
  try {
    const ceiling = await ceilingOf(standIn);
    const found: Record<Contender, Measured>[] = [];
    for (const { count, rounds } of loads) found.push(await inTurns(standIn, count, rounds));
    const file = path.join(folder, "big.json");
    await writeFile(file);
    const big = {} as Record<Contender, SubmitReport & WorkerReport>;
    for (const by of Object.keys(contenders) as Contender[]) big[by] = await submit(standIn, by, { file });
    return partOf(ceiling, found, big);
  } finally {
    await standIn.close();
    await rm(folder, { recursive: true });
  }
}

async function inTurns(standIn: StandIn, count: number, rounds: number): Promise<Record<Contender, Measured>> {
  const each = await repeat(rounds, async () => {
    const round = {} as Record<Contender, Measured>;
    for (const by of Object.keys(contenders) as Contender[]) round[by] = await measure(standIn, by, count);
    return round;
  });
  const middle = (by: Contender) => {
    const of = (what: keyof Measured) => median(each.map((round) => round[by][what]));
    return {
      jobsPerSecond: of("jobsPerSecond"),
      processorMilliseconds: of("processorMilliseconds"),
      callsPerJob: of("callsPerJob"),
      peakBytes: of("peakBytes"),
      usedBytes: of("usedBytes"),
    };
  };
  return { snippet: middle("snippet"), objects: middle("objects"), table: middle("table") };
}

async function measure(standIn: StandIn, by: Contender, count: number): Promise<Measured> {
  await standIn.counted();
  const { milliseconds, processorMilliseconds, peakBytes, usedBytes } = await submit(standIn, by, {
    count,
    bytes: inputBytes,
    concurrency,
  });
  return {
    jobsPerSecond: count / (milliseconds / 1000),
    processorMilliseconds: processorMilliseconds / count,
    callsPerJob: (await standIn.counted()) / count,
    peakBytes,
    usedBytes,
  };
}

function submit({ url }: StandIn, by: Contender, payload: SubmitTask["payload"]): Promise<SubmitReport & WorkerReport> {
  const task: SubmitTask = { by, endpointUrl: url, payload };
  return work<SubmitReport>(path.join(__dirname, "submitWorker.js"), task);
}

/** Calls per second that the stand-ins answer at most, beside a caller that costs next to nothing. */
async function ceilingOf({ url }: StandIn): Promise<number> {
  const task: CeilingTask = { port: Number(new URL(url).port), bodyBytes: inputBytes, connections: 256, milliseconds: 3000 };
  const { calls, milliseconds } = await work<CeilingReport>(path.join(__dirname, "ceilingWorker.js"), task);
  return calls / (milliseconds / 1000);
}

function partOf(ceiling: number, found: readonly Record<Contender, Measured>[], big: Record<Contender, SubmitReport & WorkerReport>): Part {
  const share = (value: number, of: number) => `${(value / of).toFixed(2)} ×`;
  const rows = loads.flatMap(({ count }, index) => {
    const load = found[index] as Record<Contender, Measured>;
    return (Object.keys(contenders) as Contender[]).map((by) => {
      const { jobsPerSecond, processorMilliseconds, callsPerJob, peakBytes, usedBytes } = load[by];
      return [
        `${contenders[by]}, ${count} jobs`,
        jobsPerSecond.toFixed(0),
        share(jobsPerSecond, load.snippet.jobsPerSecond),
        `${processorMilliseconds.toFixed(2)} ms`,
        share(processorMilliseconds, load.snippet.processorMilliseconds),
        callsPerJob.toFixed(1),
        megabytes(peakBytes),
        megabytes(usedBytes),
      ];
    });
  });
  const files = (Object.keys(contenders) as Contender[]).map((by) => {
    const { milliseconds, processorMilliseconds, peakBytes, usedBytes } = big[by];
    const used = [`${processorMilliseconds.toFixed(0)} ms`, share(processorMilliseconds, big.snippet.processorMilliseconds)];
    return [`${contenders[by]}, the file`, seconds(milliseconds), "", ...used, "", megabytes(peakBytes), megabytes(usedBytes)];
  });
  const [few, many] = found as [Record<Contender, Measured>, Record<Contender, Measured>];
  const fastest = Math.max(...found.flatMap((load) => Object.values(load).map((one) => one.jobsPerSecond * one.callsPerJob)));
  const ours = Object.keys(aims) as (keyof typeof aims)[];
  return {
    title:
      `Submission: jobs of 10 kB, ${concurrency} at a time, and one file of ${fileMegabytes} MB; ${addedMilliseconds} ms added to every call; ` +
      `the stand-ins answer at most ${ceiling.toFixed(0)} calls per second`,
    rows: [
      [
        "client",
        "jobs per second",
        "of the snippet's",
        "processor per job",
        "of the snippet's",
        "calls per job",
        "peak memory",
        "left in use",
      ],
      ...rows,
      ...files,
    ],
    aims: [
      { what: "the stand-ins answer at least 3 times what the fastest client asks", met: ceiling >= 3 * fastest },
      ...ours.map((by) => ({
        what: `${contenders[by]}: at least ${aims[by].rate} times the snippet's rate, at most ${aims[by].processor} times its processor time`,
        met: found.every(
          (load) =>
            load[by].jobsPerSecond >= aims[by].rate * load.snippet.jobsPerSecond &&
            load[by].processorMilliseconds <= aims[by].processor * load.snippet.processorMilliseconds,
        ),
      })),
      {
        what: `20 times the jobs leave at most ${keptMegabytes} MB more in use`,
        met: ours.every((by) => many[by].usedBytes - few[by].usedBytes <= keptMegabytes * 1e6),
      },
      {
        what: `20 times the jobs, and a file of ${fileMegabytes} MB, take at most ${flatMegabytes} MB more memory`,
        met: ours.every((by) => Math.max(many[by].peakBytes, big[by].peakBytes) - few[by].peakBytes <= flatMegabytes * 1e6),
      },
    ],
  };
}

async function writeFile(file: string): Promise<void> {
  const handle = await open(file, "w");
  const megabyte = Buffer.alloc(1e6, "x");
  for (let written = 0; written < fileMegabytes; written++) await handle.write(megabyte);
  await handle.close();
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
