import { isoTime } from "../records/isoTime";
import { codedOf, type CodedError } from "../records/errors";
import { dueShardCount, recordSchemaVersion, waitingDueAt } from "../records/table";
import { advance } from "./attempt";
import { lookAfter, lookAgain, type LookPorts, type LookSettings } from "./lookAfter";
import { admitLow, endLow, lowEnded, recountLow, type LowPrioritySettings } from "./priority";
import { openMetrics } from "../metrics";
import { batchRoomKey, lowRoomKey, openCountKey, type OpenCount } from "../records/items";
import { batchLimit, recountRoom } from "../floor/batchRoom";
import { heldSince } from "../floor/floor";
import type { DueIndex, Endpoint, JobPorts, JobSettings, SweepPorts } from "../ports";
import { beat } from "./tasks";

/** What one sweep found and did. */
export interface SweepReport {
  count: OpenCount;
  /** Jobs that were due and looked after. */
  looked: number;
  /** Jobs whose look failed; they are due again. */
  failed: number;
  /** Whether jobs that were due were left to the next sweep: for want of time, or because another one has begun. */
  unfinished: boolean;
}

/** What a sweep goes by. */
export interface SweepSettings extends LookSettings {
  /** Only where the service has priorities. */
  lowPriority?: LowPrioritySettings;
  /** `maxOpenJobs`, of which batches may use {@link batchLimit}; 0: any number. Only where there are batches. */
  batchMaxOpenJobs?: number;
}

/** Name of the lease under which one sweep runs at a time. */
const leaseName = "sweep";

/** How many jobs that wait for a priority, where there are none any more, are invoked by one sweep. */
const mostReleased = 1000;

/** How long a sweep that died keeps the next one away; a living one takes its lease anew long before. */
const leaseSeconds = 60;
const leaseRenewalSeconds = 20;

/** Due jobs that are read at once, and looked after at once, in each shard. */
const pageEntries = 100;
const looksAtOnce = 8;

/** When to look again at a job whose look failed. */
const failurePauseSeconds = 120;

/** After how many refusals in a row the endpoint is left in peace for the rest of a sweep. */
const refusalsInARow = 10;

/**
 * Counts the open jobs, reports the count to alarms and submitters, and looks after every job that is due.
 *
 * It keeps nothing between two runs and no more than one page per shard in memory: a look moves a job's `dueAt`, so that
 * the next sweep begins where this one had to end. Two at once would do no harm; the lease only spares their work.
 *
 * @param giveUpAt milliseconds since the epoch after which no further job is looked at
 * @returns undefined when another sweep is at work
 */
export async function sweep(ports: SweepPorts, settings: SweepSettings, giveUpAt: number): Promise<SweepReport | undefined> {
  const { lowPriority, batchMaxOpenJobs = 0 } = settings;
  const owner = Buffer.from(ports.randomBytes(12)).toString("base64url");
  const start = ports.clock.now();
  let renewAt = 0;
  const holdLease = async () => {
    const now = ports.clock.now();
    if (now < renewAt) return true;
    renewAt = now + leaseRenewalSeconds * 1000;
    return ports.leases.take(leaseName, owner, now, now + leaseSeconds * 1000);
  };

  if (!(await holdLease())) return undefined;
  try {
    const before = lowPriority && (await ports.jobs.get(lowRoomKey));
    const batchRoom = batchMaxOpenJobs > 0 ? await ports.jobs.get(batchRoomKey) : undefined;
    const { count, waiting, isWhole } = await countOpen(ports, giveUpAt);
    openMetrics(settings.endpointName, count, ports.clock.now()).forEach(ports.log);
    await ports.counts.put(count);
    // More are open than were counted: batches have to wait for a count that is whole.
    if (batchMaxOpenJobs > 0 && isWhole)
      await recountRoom(ports.rooms, batchLimit(batchMaxOpenJobs), batchRoom, { open: count.open, startedAt: start });
    const endpoint = sparingEndpoint(ports.endpoint);
    const held = await heldSince(ports);
    const { low, ...others } = ports;
    const moving = { ...others, endpoint };
    if (lowPriority) {
      const room = await recountLow(ports, lowPriority, before, count.states.INVOKING + count.states.SUBMITTED);
      if (held === undefined) await unlessFailed(ports, "no low job admitted", admitLow({ ...moving, low }, settings, room, giveUpAt));
    } else if (waiting.length > 0) {
      // Priorities were taken away; a service that never had any reads nothing for that.
      await endLow(ports);
      if (held === undefined) await atOnce(looksAtOnce, waiting, (jobId) => release(moving, settings, jobId, giveUpAt));
    }
    const looking = lowPriority ? { ...moving, low, lowEnded: lowEnded({ ...moving, low }, settings) } : moving;
    const looks = await lookAfterDue(ports.due, looking, settings, { start, giveUpAt, held: held !== undefined, holdLease });
    return { count, ...looks };
  } finally {
    await ports.leases.release(leaseName, owner);
  }
}

/** Invokes a job that waits for its priority, although the service has priorities no more. */
async function release(ports: JobPorts, settings: JobSettings, jobId: string, giveUpAt: number): Promise<void> {
  const now = ports.clock.now();
  const job = now < giveUpAt ? await ports.jobs.get(jobId) : undefined;
  if (job?.turn !== undefined) await unlessFailed(ports, "low job not released", advance(ports, settings, job, now));
}

/** Jobs that are due are looked after whatever becomes of those that wait: the next sweep tries again. */
async function unlessFailed({ log }: JobPorts, message: string, work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => log({ level: "error", message, reason: (error as Error).message.slice(0, 500) }));
}

/**
 * Counts what the index knows of open jobs; it follows the table with some delay. How old those are that wait for their priority says
 * nothing of the service.
 *
 * @returns also the first of those, and whether there was time to count all
 */
async function countOpen(ports: SweepPorts, giveUpAt: number): Promise<{ count: OpenCount; waiting: string[]; isWhole: boolean }> {
  const waiting: string[] = [];
  const states = { ACCEPTED: 0, INVOKING: 0, SUBMITTED: 0 };
  let oldest: string | undefined;
  let isWhole = true;
  await eachShard(async (shard) => {
    for (let after: unknown = undefined; ;) {
      const { entries, next } = await ports.due.page(shard, after === undefined ? {} : { after });
      for (const { jobId, state, createdAt, dueAt } of entries) {
        // An ended job that isn't announced yet.
        if (!(state in states)) continue;
        states[state as keyof typeof states]++;
        if (state === "ACCEPTED" && dueAt === waitingDueAt) {
          if (waiting.length < mostReleased) waiting.push(jobId);
        } else if (oldest === undefined || createdAt < oldest) oldest = createdAt;
      }
      if (next === undefined) return;
      if (ports.clock.now() >= giveUpAt) {
        isWhole = false;
        return;
      }
      after = next;
    }
  });
  const count = {
    jobId: openCountKey,
    schemaVersion: recordSchemaVersion,
    open: states.ACCEPTED + states.INVOKING + states.SUBMITTED,
    states,
    ...(oldest === undefined ? {} : { oldestCreatedAt: oldest }),
    countedAt: isoTime(ports.clock.now()),
  } as const;
  return { count, waiting, isWhole };
}

/** How a sweep looks after the jobs that are due. */
interface Looks {
  /** Jobs that were due then are due; milliseconds since the epoch. */
  start: number;
  giveUpAt: number;
  /** Whether accepted jobs are left alone. */
  held: boolean;
  holdLease: () => Promise<boolean>;
}

async function lookAfterDue(
  due: DueIndex,
  ports: LookPorts & Pick<SweepPorts, "tasks">,
  settings: LookSettings,
  { start, giveUpAt, held, holdLease }: Looks,
): Promise<Omit<SweepReport, "count">> {
  const report = { looked: 0, failed: 0, unfinished: false };

  async function look(jobId: string): Promise<void> {
    if (ports.clock.now() >= giveUpAt) {
      report.unfinished = true;
      return;
    }
    const job = await ports.jobs.get(jobId);
    if (!job) return;
    report.looked++;
    try {
      await lookAfter(ports, settings, job);
      await beat(ports.tasks, job);
    } catch (error) {
      const coded = codedOf(error);
      // The refusal is in the record, with its own time.
      if (coded?.retryable === true) return;
      report.failed++;
      const { name, message } = error as Error;
      ports.log({ level: "error", message: "look failed", jobId, code: coded?.code ?? name, reason: message.slice(0, 500) });
      await lookAgain(ports, job, ports.clock.now() + failurePauseSeconds * 1000);
    }
  }

  /** A held job stays due, and its tasks must not give it up for dead. */
  async function beatHeld(jobId: string): Promise<void> {
    const job = ports.clock.now() >= giveUpAt ? undefined : await ports.jobs.get(jobId);
    if (job) await beat(ports.tasks, job);
  }

  await eachShard(async (shard) => {
    const until = isoTime(start);
    for (let after: unknown = undefined; ;) {
      const { entries, next } = await due.page(shard, { until, limit: pageEntries, ...(after === undefined ? {} : { after }) });
      await atOnce(looksAtOnce, entries, async ({ jobId, state }) => {
        if (!held || state !== "ACCEPTED") await look(jobId);
        else if (ports.tasks !== undefined) await beatHeld(jobId);
      });
      if (next === undefined) return;
      after = next;
      if (report.unfinished || !(await holdLease())) {
        report.unfinished = true;
        return;
      }
    }
  });
  return report;
}

async function eachShard(work: (shard: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: dueShardCount }, (_, shard) => work(shard)));
}

/** Works on items, `count` of them at a time. */
async function atOnce<Item>(count: number, items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: count }, worker));
}

/** The endpoint, until it has refused so often in a row that asking for more would only make it worse. */
function sparingEndpoint(endpoint: Endpoint): Endpoint {
  let refusals = 0;
  let last: CodedError | undefined;
  return {
    ...endpoint,
    async invoke(invocation) {
      if (last && refusals >= refusalsInARow) return { kind: "refused", error: last };
      const outcome = await endpoint.invoke(invocation);
      const isBusy = outcome.kind === "refused" && outcome.error.retryable;
      refusals = isBusy ? refusals + 1 : 0;
      last = isBusy ? outcome.error : undefined;
      return outcome;
    },
  };
}
