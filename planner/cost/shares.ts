import { runSeconds, type EndedJob, type EndpointHistory, type RanOn } from "./runs";

/** What one job used, in seconds of instances. */
export interface JobShare {
  /** Of an instance on which the model worked on it; part of one where several requests share it. */
  computeSeconds: number;
  /** Its share of the time from an instance's coming until its fleet's first run. */
  startupSeconds: number;
  /** Its share of the time in which instances were there for nothing. */
  idleSeconds: number;
}

/** What jobs used, and what nobody can be charged with. */
export interface CostShares {
  /** In the order of the jobs. */
  jobs: JobShare[];
  /** All that CloudWatch has counted; undefined when it can't be asked. */
  instanceSeconds?: number;
  /** Of that, while the endpoint was awake without a job that ended: warm hours, a minimum above zero, a start for nothing. */
  withoutJobsSeconds: number;
  /** Compute that lies outside what CloudWatch has counted: its minutes are coarser than runs, and it has none of the jobs `unmeasured`. */
  beyondSeconds: number;
  /**
   * Indexes of the jobs that ended in minutes of which CloudWatch has no metrics: they come up to five minutes late, and are not kept for
   * ever. Their compute is the most that the endpoint's instances can have run, and they have no share of start-up and idle time.
   */
  unmeasured: ReadonlySet<number>;
}

const minuteMilliseconds = 60_000;
const minuteSeconds = 60;

/** A stretch of minutes in which there was an instance. */
interface Awake {
  first: number;
  /** The minute after its last one. */
  end: number;
}

/**
 * Shares what instances cost among the jobs that ran on them.
 *
 * Each stretch in which the endpoint was awake is shared by itself, by how long each of its jobs computed: who wakes an endpoint for one
 * job pays its start and its idle time, and a full one has none. The parts add up to what CloudWatch has counted.
 */
export function costShares(jobs: readonly EndedJob[], on: RanOn, history: EndpointHistory | undefined): CostShares {
  const runs = runSeconds(jobs, on, history);
  const shares = Array.from(runs, (seconds): JobShare => ({ computeSeconds: seconds / on.concurrency, startupSeconds: 0, idleSeconds: 0 }));
  if (history === undefined) {
    const beyondSeconds = bound(jobs, shares, [...jobs.keys()], on.maxInstances);
    return { jobs: shares, withoutJobsSeconds: 0, beyondSeconds, unmeasured: new Set(jobs.keys()) };
  }
  const stretches = awakeIn(history);
  const members = new Map<Awake, number[]>(stretches.map((awake) => [awake, []]));
  const unmeasured = new Set<number>();
  for (const [index, { finishedAt }] of jobs.entries()) {
    const awake = stretchOf(stretches, (finishedAt - history.startsAt) / minuteMilliseconds);
    if (awake === undefined) unmeasured.add(index);
    else members.get(awake)?.push(index);
  }
  let beyondSeconds = bound(jobs, shares, [...unmeasured], on.maxInstances);
  let withoutJobsSeconds = 0;
  for (const [awake, indexes] of members) {
    const counted = instanceSecondsIn(history, awake.first, awake.end);
    const compute = indexes.reduce((sum, index) => sum + (shares[index] as JobShare).computeSeconds, 0);
    if (compute === 0) {
      withoutJobsSeconds += counted;
      continue;
    }
    beyondSeconds += Math.max(0, compute - counted);
    const over = Math.max(0, counted - compute);
    const firstRun = indexes.reduce(
      (first, index) => Math.min(first, (jobs[index] as EndedJob).finishedAt - 1000 * (runs[index] as number)),
      Infinity,
    );
    const firstMinute = Math.max(awake.first, Math.floor((firstRun - history.startsAt) / minuteMilliseconds));
    const startup = Math.min(over, instanceSecondsIn(history, awake.first, firstMinute));
    for (const index of indexes) {
      const share = shares[index] as JobShare;
      share.startupSeconds = (startup * share.computeSeconds) / compute;
      share.idleSeconds = ((over - startup) * share.computeSeconds) / compute;
    }
  }
  const instanceSeconds = instanceSecondsIn(history, 0, history.instances.length);
  return { jobs: shares, instanceSeconds, withoutJobsSeconds, beyondSeconds, unmeasured };
}

/**
 * Brings the compute of some jobs to what the most instances can have run in the time in which the service had any of the jobs.
 *
 * @returns seconds of instances that are left
 */
function bound(jobs: readonly EndedJob[], shares: JobShare[], indexes: readonly number[], maxInstances: number): number {
  const times = indexes.map((index) => jobs[index] as EndedJob).sort((a, b) => a.receivedAt - b.receivedAt);
  let [milliseconds, until] = [0, -Infinity];
  for (const { receivedAt, finishedAt } of times) {
    milliseconds += Math.max(0, finishedAt - Math.max(receivedAt, until));
    until = Math.max(until, finishedAt);
  }
  const compute = indexes.reduce((sum, index) => sum + (shares[index] as JobShare).computeSeconds, 0);
  const most = (maxInstances * milliseconds) / 1000;
  if (compute <= most) return compute;
  for (const index of indexes) (shares[index] as JobShare).computeSeconds *= most / compute;
  return most;
}

function awakeIn({ instances }: EndpointHistory): Awake[] {
  const found: Awake[] = [];
  let first: number | undefined;
  for (let minute = 0; minute <= instances.length; minute++) {
    const isAwake = (instances[minute] ?? 0) > 0;
    if (isAwake) first ??= minute;
    else if (first !== undefined) {
      found.push({ first, end: minute });
      first = undefined;
    }
  }
  return found;
}

/** The stretch in which a moment lies; a run may end a moment before its instance first says that it is there, or after it last did. */
function stretchOf(stretches: readonly Awake[], minute: number): Awake | undefined {
  let [least, most] = [0, stretches.length];
  while (least < most) {
    const middle = (least + most) >> 1;
    if ((stretches[middle] as Awake).end + 1 <= minute) least = middle + 1;
    else most = middle;
  }
  const found = stretches[least];
  return found !== undefined && minute >= found.first - 1 ? found : undefined;
}

function instanceSecondsIn({ instances }: EndpointHistory, from: number, to: number): number {
  let sum = 0;
  for (let minute = from; minute < to; minute++) sum += (instances[minute] ?? 0) * minuteSeconds;
  return sum;
}
