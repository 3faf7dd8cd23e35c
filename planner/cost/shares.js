import { runSeconds } from "./runs";
const minuteMilliseconds = 60_000;
const minuteSeconds = 60;
/**
 * Shares what instances cost among the jobs that ran on them.
 *
 * Each stretch in which the endpoint was awake is shared by itself, by how long each of its jobs computed: who wakes an endpoint for one
 * job pays its start and its idle time, and a full one has none. The parts add up to what CloudWatch has counted.
 */
export function costShares(jobs, concurrency, history) {
  const runs = runSeconds(jobs, concurrency, history);
  const shares = Array.from(runs, (seconds) => ({ computeSeconds: seconds / concurrency, startupSeconds: 0, idleSeconds: 0 }));
  if (history === undefined) return { jobs: shares, withoutJobsSeconds: 0, beyondSeconds: 0 };
  const stretches = awakeIn(history);
  const members = new Map(stretches.map((awake) => [awake, []]));
  let beyondSeconds = 0;
  for (const [index, { finishedAt }] of jobs.entries()) {
    const awake = stretchOf(stretches, (finishedAt - history.startsAt) / minuteMilliseconds);
    if (awake === undefined) beyondSeconds += shares[index].computeSeconds;
    else members.get(awake)?.push(index);
  }
  let withoutJobsSeconds = 0;
  for (const [awake, indexes] of members) {
    const counted = instanceSecondsIn(history, awake.first, awake.end);
    const compute = indexes.reduce((sum, index) => sum + shares[index].computeSeconds, 0);
    if (compute === 0) {
      withoutJobsSeconds += counted;
      continue;
    }
    beyondSeconds += Math.max(0, compute - counted);
    const over = Math.max(0, counted - compute);
    const firstRun = indexes.reduce((first, index) => Math.min(first, jobs[index].finishedAt - 1000 * runs[index]), Infinity);
    const firstMinute = Math.max(awake.first, Math.floor((firstRun - history.startsAt) / minuteMilliseconds));
    const startup = Math.min(over, instanceSecondsIn(history, awake.first, firstMinute));
    for (const index of indexes) {
      const share = shares[index];
      share.startupSeconds = (startup * share.computeSeconds) / compute;
      share.idleSeconds = ((over - startup) * share.computeSeconds) / compute;
    }
  }
  return { jobs: shares, instanceSeconds: instanceSecondsIn(history, 0, history.instances.length), withoutJobsSeconds, beyondSeconds };
}
function awakeIn({ instances }) {
  const found = [];
  let first;
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
function stretchOf(stretches, minute) {
  let [least, most] = [0, stretches.length];
  while (least < most) {
    const middle = (least + most) >> 1;
    if (stretches[middle].end + 1 <= minute) least = middle + 1;
    else most = middle;
  }
  const found = stretches[least];
  return found !== undefined && minute >= found.first - 1 ? found : undefined;
}
function instanceSecondsIn({ instances }, from, to) {
  let sum = 0;
  for (let minute = from; minute < to; minute++) sum += (instances[minute] ?? 0) * minuteSeconds;
  return sum;
}
