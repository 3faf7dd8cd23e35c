import type { JobRecord, JobState, terminalStates } from "./job";

/** How many jobs are open, as the sweeper counted them: one item of the job table. */
export interface OpenCount {
  /** The item's key. */
  jobId: typeof openCountKey;
  schemaVersion: number;
  /** Open jobs in all. */
  open: number;
  /** Open jobs by their state. */
  states: Record<Exclude<JobState, (typeof terminalStates)[number]>, number>;
  /** When the oldest of them was accepted; absent when none is open. */
  oldestCreatedAt?: string;
  /** When they were counted. */
  countedAt: string;
}

/** Key of the one {@link OpenCount} in the job table; no job id begins with `#`. */
export const openCountKey = "#count";

/** Where the floor is and why: one item of the job table. Times are ISO 8601. */
export interface Floor {
  /** The item's key. */
  jobId: typeof floorKey;
  schemaVersion: number;
  /** Counts the changes: each writer names the one that it has read. */
  revision: number;
  /** `lowering`: nobody has opened a job for long; whoever does now puts it back to `up`. */
  state: "up" | "lowering" | "down";
  /** The minimum that was set last. */
  instances: number;
  /** Configuration that the endpoint served then. */
  endpointConfigName?: string;
  /** When a caller last took on setting it. */
  setAt: string;
  /** Since when nothing holds it. */
  idleSince?: string;
  /** Since when there are more instances than are needed. */
  excess?: { since: string };
  /** New jobs are held until the fleet is empty and has shrunk. */
  drain?: { since: string; emptySince?: string; shrunkTo?: number };
}

/** Key of the one {@link Floor} in the job table; no job id begins with `#`. */
export const floorKey = "#floor";

/** How many low jobs may still be invoked, and whether others wait for that: one item of the job table, written by the sweeper. */
export interface LowRoom {
  /** The item's key. */
  jobId: typeof lowRoomKey;
  schemaVersion: number;
  /** Jobs that are invoked and have not ended from which on low ones wait; 0 once the service has priorities no more. */
  backlog: number;
  /** Name in a job's `metadata` of who it is for: jobs wait in turn with those of others. */
  fairBy?: string;
  /** How many may be invoked: below 0 when that many too many are. */
  free: number;
  /** Whether any wait, so that a new one lines up behind them. */
  waiting: boolean;
  /** Turn of the one that was admitted last. */
  turn: number;
  /** When the sweeper last set `free` by its count. */
  countedAt: string;
}

/** Key of the one {@link LowRoom} in the job table; no job id begins with `#`. */
export const lowRoomKey = "#low";

/**
 * How many objects of batches may still become jobs below `maxOpenJobs`: one item of the job table, which the sweeper sets by its count
 * and the batch function takes from. Nobody else is counted in between.
 */
export interface BatchRoom {
  /** The item's key. */
  jobId: typeof batchRoomKey;
  schemaVersion: number;
  /** Places that are left of those for batches: below 0 when that many too many are open. */
  free: number;
  /** Places that were ever taken. */
  taken: number;
  /** The same when the sweeper last counted. */
  takenBefore: number;
  /** When the last one was taken, in milliseconds since the epoch; absent before the first. */
  takenAt?: number;
  /** When the sweeper last counted, in milliseconds since the epoch. */
  countedAt: number;
}

/** Key of the one {@link BatchRoom} in the job table; no job id begins with `#`. */
export const batchRoomKey = "#room";

/** What is stored under a key of the job table: the floor, the count, and under a job id the job. */
export type ItemAt<Key extends string> = Key extends typeof floorKey
  ? Floor
  : Key extends typeof openCountKey
    ? OpenCount
    : Key extends typeof lowRoomKey
      ? LowRoom
      : Key extends typeof batchRoomKey
        ? BatchRoom
        : JobRecord;
