import { advance, callLeaseSeconds } from "./attempt";
import { heldSince } from "../floor/floor";
import { codedError, thrown } from "../records/errors";
import { isoTime } from "../records/isoTime";
import { lowRoomKey, type LowRoom } from "../records/items";
import type { JobRecord } from "../records/job";
import { waitingDueAt } from "../records/table";
import type { JobPorts, JobSettings, LowEntry, LowQueue } from "../ports";

/** What priorities go by. */
export interface LowPrioritySettings {
  /** Jobs that are invoked and have not ended from which on low ones wait. */
  backlog: number;
  /** Name in `metadata` of who a job is for. @default all are for the same */
  fairBy?: string;
}

/** What lining low jobs up takes. */
export interface LowEntryPorts extends JobPorts {
  low: LowEntry;
}

/** What moving low jobs takes. */
export interface LowPorts extends JobPorts {
  low: LowQueue;
}

/** For how long it is remembered which turn a tenant has got, when no more come from it. */
const turnSeconds = 30 * 86_400;

/** How many whose turn is next are read at least: others, who read the same ones, may be faster at the first. */
const pageEntries = 25;

/** How many the end of one admits: one in its place, and one more where a place was lost. */
const admittedByEnd = 2;

/**
 * Whether a new low job may be invoked at once: a place is then taken for it.
 *
 * @throws a coded error: `BAD_INPUT` where the service has no priorities
 */
export async function enterLow({ jobs, low }: { jobs: JobPorts["jobs"]; low?: LowEntry }): Promise<boolean> {
  const room = low && (await roomOf({ jobs }));
  if (!room) throw noPriorities();
  return !room.waiting && low.take();
}

/** Looks whether a service has priorities, and takes no place. @throws a coded error: `BAD_INPUT` where it has none */
export async function requirePriorities(ports: { jobs: Pick<JobPorts["jobs"], "get"> }): Promise<void> {
  if (!(await roomOf(ports))) throw noPriorities();
}

function noPriorities(): Error {
  const message = 'priority: got "low", expected "normal" or nothing: this service has no priorities';
  const advice =
    "Deploy it with priorityEnabled, which its sweeper then makes known within a minute, or leave priority out: the job then stands in line with all others.";
  return thrown(codedError("BAD_INPUT", message, { field: "priority", advice }));
}

/** The room, where the service has priorities. */
async function roomOf({ jobs }: { jobs: Pick<JobPorts["jobs"], "get"> }): Promise<LowRoom | undefined> {
  const room = await jobs.get(lowRoomKey);
  return room && room.backlog > 0 ? room : undefined;
}

/**
 * Has an accepted low job, whose input is in place, wait for its turn. Turns go round among tenants: the next of a tenant comes one
 * after its last, but never before the turn that is on now, so that who has many jobs waiting delays only himself. This is start-time
 * fair queueing. https://doi.org/10.1145/248156.248171
 *
 * @returns the record as it is afterwards: waiting, or further if there was room after all
 */
export async function wait(ports: LowEntryPorts, settings: JobSettings, job: JobRecord): Promise<JobRecord> {
  if (job.turn !== undefined) return job;
  const room = await roomOf(ports);
  // Priorities were taken away in between.
  if (!room) return advance(ports, settings, job, ports.clock.now());
  const tenant = room.fairBy === undefined ? "" : (job.metadata?.[room.fairBy] ?? "");
  const expiresAt = Math.floor(ports.clock.now() / 1000) + turnSeconds;
  const turn = await ports.low.nextTurn(`#turn/${ports.hash(tenant).slice(0, 32)}`, room.turn, expiresAt);
  const waiting = await ports.jobs.change(
    job.jobId,
    { states: ["ACCEPTED"], absent: "attempt" },
    { set: { turn, dueAt: waitingDueAt }, from: job },
  );
  if (!waiting) return (await ports.jobs.get(job.jobId)) ?? job;
  if (room.waiting) return waiting;
  const lined = await ports.low.line();
  // Those who ended the last of the others didn't see it wait.
  const missed = lined !== undefined && lined.free > 0 && (await heldSince(ports)) === undefined && (await ports.low.take(turn));
  if (!missed) return waiting;
  const admitted = await admit(ports, settings, job.jobId);
  if (admitted) return admitted;
  await ports.low.give();
  return (await ports.jobs.get(job.jobId)) ?? waiting;
}

/** Takes a job out of the line and invokes it, once: undefined when it is no longer in there. A crash in between lets it line up anew. */
async function admit(ports: JobPorts, settings: JobSettings, jobId: string): Promise<JobRecord | undefined> {
  const now = ports.clock.now();
  const out = { set: { dueAt: isoTime(now + callLeaseSeconds * 1000) }, remove: ["turn"] as const };
  const job = await ports.jobs.change(jobId, { states: ["ACCEPTED"], present: "turn" }, out);
  // Refused for now it is tried again as any other.
  return job && advance(ports, settings, job, now);
}

/**
 * Admits low jobs in the order of their turns, for as long as there is room and the endpoint takes them.
 *
 * @param most how many
 * @param giveUpAt milliseconds since the epoch after which none is started
 * @returns how many were admitted
 */
export async function admitLow(ports: LowPorts, settings: JobSettings, most: number, giveUpAt: number): Promise<number> {
  const { low, clock } = ports;
  if (most <= 0) return 0;
  let admitted = 0;
  // Taken for one that somebody else has admitted: good for the next.
  let spare = false;
  const tried = new Set<string>();
  try {
    for (;;) {
      const next = await low.first(Math.max(pageEntries, most - admitted) + tried.size);
      if (next.length === 0) await low.clear();
      const fresh = next.filter((jobId) => !tried.has(jobId));
      if (fresh.length === 0) return admitted;
      for (const jobId of fresh) {
        if (admitted >= most || clock.now() >= giveUpAt) return admitted;
        tried.add(jobId);
        const turn = (await ports.jobs.get(jobId))?.turn;
        if (turn === undefined) continue;
        if (!spare && !(await low.take(turn))) return admitted;
        spare = true;
        const job = await admit(ports, settings, jobId);
        if (!job) continue;
        spare = false;
        admitted++;
        if (job.refusal) return admitted;
      }
    }
  } finally {
    if (spare) await low.give();
  }
}

/** Admits the next ones in the place of a low job that has ended; what fails on it is logged, and left to the sweeper. */
export function lowEnded(ports: LowPorts, settings: JobSettings): (job: JobRecord) => Promise<void> {
  return async ({ jobId }) => {
    try {
      const room = await ports.low.give();
      if (room?.waiting !== true || room.free < 1 || (await heldSince(ports)) !== undefined) return;
      await admitLow(ports, settings, admittedByEnd, Infinity);
    } catch (error) {
      ports.log({ level: "warn", message: "no low job admitted", jobId, reason: (error as Error).name });
    }
  };
}

/**
 * Sets the room by what the sweeper has counted. Places that were taken while it counted are taken off once more: so the
 * bound holds, and the next count gives back what was too much.
 *
 * @param before the room before counting
 * @param invoked jobs that were counted as invoked
 * @returns how many low jobs may be admitted
 */
export async function recountLow(
  { jobs, low, clock }: Pick<LowPorts, "jobs" | "low" | "clock">,
  { backlog, fairBy }: LowPrioritySettings,
  before: LowRoom | undefined,
  invoked: number,
): Promise<number> {
  const after = await jobs.get(lowRoomKey);
  const taken = Math.max(0, (before?.free ?? 0) - (after?.free ?? 0));
  const free = backlog - invoked - taken;
  await low.recount({ backlog, ...(fairBy === undefined ? {} : { fairBy }), free, countedAt: isoTime(clock.now()) });
  return Math.max(0, free);
}

/** Says that the service has priorities no more: those that still wait are for the sweeper to release. */
export async function endLow({ jobs, low, clock }: Pick<LowPorts, "jobs" | "low" | "clock">): Promise<void> {
  const room = await jobs.get(lowRoomKey);
  if (room && room.backlog > 0) await low.recount({ backlog: 0, free: 0, countedAt: isoTime(clock.now()) });
}
