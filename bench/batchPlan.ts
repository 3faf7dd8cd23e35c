import { roomPauseMilliseconds } from "../core/lifecycle/batch";
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
/** The sweeper counts open jobs once per minute. */
const countSeconds = 60;
const tickSeconds = roomPauseMilliseconds / 1000;
/** 256 MB of Lambda on x86 in us-east-1, and an invocation. https://aws.amazon.com/lambda/pricing/ */
const usdPerSecond = 0.25 * 0.0000166667;
const usdPerInvocation = 0.2e-6;

/** Plays a batch in steps of five seconds, in which an invocation looks for room. */
export function playBatch(load: BatchLoad): BatchOutcome {
  const { objects, engineConcurrency, maxOpenJobs, slots, jobSeconds, startupSeconds } = load;
  const outcome: BatchOutcome = { hours: 0, mostOpen: 0, longestWaitHours: 0, temporaryFailures: 0, lambdaUsd: 0 };
  /** Jobs that wait, by the tick in which they came: first in, first out. */
  const queue: { at: number; jobs: number }[] = [];
  let head = 0;
  let [left, running, queued, counted, waited, finished] = [objects, 0, 0, 0, 0, 0];
  for (let seconds = 0; left > 0 || running + queued > 0; seconds += tickSeconds) {
    if (seconds % countSeconds === 0) counted = Math.round(running + queued);
    const active = Math.min(engineConcurrency, left);
    if (active > 0 && maxOpenJobs > 0 && counted >= maxOpenJobs) {
      outcome.lambdaUsd += active * tickSeconds * usdPerSecond;
      waited += tickSeconds;
      if (waited >= waitSeconds) {
        outcome.temporaryFailures += active;
        outcome.lambdaUsd += active * usdPerInvocation;
        waited = 0;
      }
    } else if (active > 0) {
      const jobs = Math.min(left, Math.floor((engineConcurrency * tickSeconds) / makeSeconds));
      outcome.lambdaUsd += jobs * (makeSeconds * usdPerSecond + usdPerInvocation);
      queue.push({ at: seconds, jobs });
      left -= jobs;
      queued += jobs;
      waited = 0;
    }
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
function main(): void {
  const rows = [1000, 100, 10].flatMap((engineConcurrency) =>
    [100_000, 20_000].map((maxOpenJobs) => {
      const { hours, mostOpen, longestWaitHours, temporaryFailures, lambdaUsd } = playBatch({ ...million, engineConcurrency, maxOpenJobs });
      const figures = [hours.toFixed(1), String(mostOpen), longestWaitHours.toFixed(1), String(temporaryFailures), lambdaUsd.toFixed(2)];
      return [String(engineConcurrency), String(maxOpenJobs), ...figures];
    }),
  );
  const heading = ["invocations at a time", "maxOpenJobs", "hours", "most open", "longest wait, h", "TemporaryFailure", "Lambda, USD"];
  console.log(`1,000,000 objects of 20 seconds each on 100 instances with 4 requests each\n${table([heading, ...rows])}`);
}

if (require.main === module) main();
