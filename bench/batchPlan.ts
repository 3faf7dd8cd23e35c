import { batchLimit, recountRoom } from "../core/floor/batchRoom";
import { roomPauseMilliseconds } from "../core/lifecycle/batch";
import { batchRoomInMemory } from "../doubles/batchRoom";
import { table } from "./measure";

/** A batch, the engine that makes its objects jobs, and the fleet that runs them. */
export interface BatchLoad {
  objects: number;
  /** Invocations of the batch function at a time. */
  engineConcurrency: number;
  maxOpenJobs: number;
  /** Requests that the whole fleet runs at a time. */
  slots: number;
  /** At least a step of five seconds. */
  jobSeconds: number;
  /** From the first job until the fleet is there. */
  startupSeconds: number;
}

/** What became of it. */
export interface BatchOutcome {
  hours: number;
  mostOpen: number;
  /** The longest that a job waited for the model, in hours: it must stay below `requestTtlSeconds`. */
  longestWaitHours: number;
  /** Answers TemporaryFailure: tasks that S3 has to try again. */
  temporaryFailures: number;
  /** What the batch function's invocations cost, those that waited for room included. */
  lambdaUsd: number;
}

/** What making one job takes the function. */
const makeSeconds = 0.15;
/** For so long an invocation waits for room: the function's time, less what its answer takes. */
const waitSeconds = 295;
/** The sweeper counts open jobs once per minute, and takes so long for 100,000: in this time what is open is not what it counts. */
const countSeconds = 60;
const countingSeconds = 5;
const tickSeconds = roomPauseMilliseconds / 1000;
/** 256 MB of Lambda on x86 in us-east-1, and an invocation. https://aws.amazon.com/lambda/pricing/ */
const usdPerSecond = 0.25 * 0.0000166667;
const usdPerInvocation = 0.2e-6;

/** What so many invocations cost at most per hour, when all they do is wait. */
export function waitingUsdPerHour(engineConcurrency: number): number {
  return engineConcurrency * 3600 * usdPerSecond;
}

/** Plays a batch in steps of five seconds, in which an invocation looks for room; the room is the sweeper's and the function's own. */
export async function playBatch(load: BatchLoad): Promise<BatchOutcome> {
  const { objects, engineConcurrency, maxOpenJobs, slots, jobSeconds, startupSeconds } = load;
  const outcome: BatchOutcome = { hours: 0, mostOpen: 0, longestWaitHours: 0, temporaryFailures: 0, lambdaUsd: 0 };
  const rooms = batchRoomInMemory();
  /** Jobs that wait, by the tick in which they came: first in, first out. */
  const queue: { at: number; jobs: number }[] = [];
  let head = 0;
  let counting: { before: typeof rooms.room; open: number; startedAt: number } | undefined;
  let [left, running, queued, waited, finished] = [objects, 0, 0, 0, 0];
  for (let seconds = 0; left > 0 || running + queued > 0; seconds += tickSeconds) {
    const now = seconds * 1000;
    if (seconds % countSeconds === 0) counting = { before: rooms.room, open: Math.round(running + queued), startedAt: now };
    if (counting && seconds % countSeconds >= countingSeconds) {
      await recountRoom(rooms, batchLimit(maxOpenJobs), counting.before, counting);
      counting = undefined;
    }
    const active = Math.min(engineConcurrency, left);
    const places = maxOpenJobs === 0 ? left : Math.max(0, rooms.room?.free ?? 0);
    const jobs = Math.min(left, places, Math.floor((active * tickSeconds) / makeSeconds));
    if (rooms.room && jobs > 0) await rooms.take(jobs, rooms.room, now);
    outcome.lambdaUsd += jobs * usdPerInvocation + active * tickSeconds * usdPerSecond;
    if (jobs > 0) queue.push({ at: seconds, jobs });
    left -= jobs;
    queued += jobs;
    // Of those that got no place, each one that has waited for long comes back to the engine.
    const waiting = Math.max(0, active - (jobs * makeSeconds) / tickSeconds);
    waited += (waiting * tickSeconds) / waitSeconds;
    const failures = Math.floor(waited);
    waited -= failures;
    outcome.temporaryFailures += failures;
    outcome.lambdaUsd += failures * usdPerInvocation;
    // A slot ends so many jobs in a step, and takes as many again.
    finished += seconds < startupSeconds ? 0 : (running * tickSeconds) / jobSeconds;
    const ends = Math.min(running, Math.floor(finished));
    finished -= ends;
    running -= ends;
    let free = seconds < startupSeconds ? 0 : slots - running;
    for (let first = queue[head]; first !== undefined && free > 0; first = queue[head]) {
      const taken = Math.min(free, first.jobs);
      first.jobs -= taken;
      free -= taken;
      running += taken;
      queued -= taken;
      outcome.longestWaitHours = Math.max(outcome.longestWaitHours, (seconds - first.at) / 3600);
      if (first.jobs === 0) head++;
    }
    outcome.mostOpen = Math.max(outcome.mostOpen, running + queued);
    outcome.hours = (seconds + tickSeconds) / 3600;
  }
  return outcome;
}

const million = { objects: 1_000_000, slots: 400, jobSeconds: 20, startupSeconds: 300 };

/** `npm run bench:batch-plan`: a million objects, by how many the engine invokes at a time and how many jobs may be open. */
async function main(): Promise<void> {
  const rows: string[][] = [];
  for (const engineConcurrency of [1000, 100, 10]) {
    for (const maxOpenJobs of [100_000, 20_000]) {
      const played = await playBatch({ ...million, engineConcurrency, maxOpenJobs });
      const { hours, mostOpen, longestWaitHours, temporaryFailures, lambdaUsd } = played;
      const figures = [hours.toFixed(1), String(mostOpen), longestWaitHours.toFixed(1), String(temporaryFailures), lambdaUsd.toFixed(2)];
      rows.push([String(engineConcurrency), String(maxOpenJobs), ...figures]);
    }
  }
  const heading = ["invocations at a time", "maxOpenJobs", "hours", "most open", "longest wait, h", "TemporaryFailure", "Lambda, USD"];
  console.log(`1,000,000 objects of 20 seconds each on 100 instances with 4 requests each\n${table([heading, ...rows])}`);
}

if (require.main === module) void main();
