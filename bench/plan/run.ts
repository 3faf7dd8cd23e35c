/**
 * `npm run bench:plan`: how long the planner takes for a week of jobs, beside the same week replayed through the embedded cloud's own
 * objects, and how long a search takes. Each figure is of a process of its own.
 */
import { fork } from "node:child_process";
import { monday, usualSettings, usualUnknowns } from "../../doubles/planned";
import { seededRandom } from "../../local/faults/random";
import { plan, simulate, type Load, type PlanSettings } from "../../planner";
import { machine, table } from "../measure";

const days = 7;
/** What is measured. */
const planned = [10_000, 100_000, 1_000_000];
/** The embedded cloud is given as much as it ends in minutes. */
const replayed = [10_000, 100_000, 1_000_000];
/** Jobs, and number, of the simulations before the one that is measured: a small one takes three times as long before its code is compiled. */
const warmUp = { jobs: 10_000, times: 10 };
const searched = 100_000;
const searchThreads = 2;

const settings: PlanSettings = { ...usualSettings, usdPerHour: 1.515 };

/** What one process measures. */
type Measurement = { kind: "plan" | "replay" | "search"; jobs: number };

interface Figures {
  /** Processor time of all its threads. */
  cpuSeconds: number;
  wallSeconds: number;
  /** The most memory that the process had. */
  megabytes: number;
  /** So that what is compared is the same: jobs that finished, or simulations that were made. */
  count: number;
}

/** A week with a day's curve that keeps two instances busy on average, however many jobs it is made of. */
function week(jobs: number): Load {
  const random = seededRandom(1).next;
  const seconds = days * 86_400;
  const arrivalSeconds = new Float64Array(jobs);
  for (let job = 0; job < jobs;) {
    const at = random() * seconds;
    if (random() < (1 - Math.cos((2 * Math.PI * at) / 86_400)) / 2) arrivalSeconds[job++] = at;
  }
  arrivalSeconds.sort();
  const meanSeconds = (2 * seconds) / jobs;
  const durationSeconds = arrivalSeconds.map(() => meanSeconds * (0.3 + 1.4 * random()));
  return { name: "week", startsAt: monday, arrivalSeconds, durationSeconds, periodSeconds: seconds };
}

async function run(kind: Measurement["kind"], load: Load): Promise<number> {
  if (kind === "plan") return (await simulate(load, settings, usualUnknowns)).finished;
  // Loaded only here: the program and its engine would count as the planner's memory.
  const { replayEmbedded } = kind === "replay" ? await import("./embedded.js") : {};
  if (replayEmbedded) return (await replayEmbedded(load, settings, usualUnknowns, days * 24 + 1)).completed;
  let simulations = 0;
  await plan(load, settings, {}, { threads: searchThreads, onProgress: (done) => (simulations = done) });
  return simulations;
}

async function measure({ kind, jobs }: Measurement): Promise<Figures> {
  const load = week(jobs);
  // Compiled code for both: what all but the first simulations of a search find.
  for (let time = 0; kind !== "search" && time < warmUp.times; time++) await run(kind, week(warmUp.jobs));
  const began = performance.now();
  const before = process.cpuUsage();
  const count = await run(kind, load);
  const { user, system } = process.cpuUsage(before);
  return {
    cpuSeconds: (user + system) / 1e6,
    wallSeconds: (performance.now() - began) / 1000,
    megabytes: process.resourceUsage().maxRSS / 1024,
    count,
  };
}

/** Measures in a fresh process. */
function measured(measurement: Measurement): Promise<Figures> {
  return new Promise((resolve, reject) => {
    const child = fork(__filename, [JSON.stringify(measurement)]);
    let figures: Figures | undefined;
    child.on("message", (message) => (figures = message as Figures));
    child.on("error", reject);
    child.on("exit", (code) => {
      if (figures) resolve(figures);
      else reject(new Error(`${measurement.kind} of ${measurement.jobs} jobs ended with ${code}`));
    });
  });
}

async function report(): Promise<void> {
  console.log(machine());
  const replays = new Map<number, Figures>();
  for (const jobs of replayed) replays.set(jobs, await measured({ kind: "replay", jobs }));
  const rows: string[][] = [["jobs in a week", "planner", "memory", "embedded cloud", "memory", "times faster"]];
  for (const jobs of planned) {
    const own = await measured({ kind: "plan", jobs });
    const other = replays.get(jobs);
    if (other && other.count !== own.count) throw new Error(`${own.count} jobs finished in the plan, ${other.count} in the embedded cloud`);
    rows.push([
      jobs.toLocaleString("en-US"),
      seconds(own),
      memory(own),
      other ? seconds(other) : "",
      other ? memory(other) : "",
      other ? (other.cpuSeconds / own.cpuSeconds).toFixed(0) : "",
    ]);
  }
  console.log(`\nOne simulation, in processor seconds:\n${table(rows)}`);
  const search = await measured({ kind: "search", jobs: searched });
  console.log(
    `\nA search of 200 candidates, ${searched.toLocaleString("en-US")} jobs, ${searchThreads} threads: ${search.count} simulations, ` +
      `${search.wallSeconds.toFixed(0)} s, ${search.cpuSeconds.toFixed(0)} processor seconds, ${memory(search)}`,
  );
}

function seconds({ cpuSeconds }: Figures): string {
  return `${cpuSeconds.toFixed(2)} s`;
}

function memory({ megabytes }: Figures): string {
  return `${megabytes.toFixed(0)} MB`;
}

async function main(): Promise<void> {
  const [measurement] = process.argv.slice(2);
  if (measurement === undefined) return report();
  process.send?.(await measure(JSON.parse(measurement) as Measurement));
  process.disconnect();
}

main().catch((error: unknown) => {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
