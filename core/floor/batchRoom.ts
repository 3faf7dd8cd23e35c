import { codedError, type CodedError } from "../records/errors";
import { batchRoomKey, type BatchRoom } from "../records/items";
import type { JobPorts, Rooms } from "../ports";

/** What part of `maxOpenJobs` batches leave to others: people would be refused for as long as a batch is under way. */
const shareOfOthers = 0.1;

/** Open jobs from which on no object of a batch becomes one. */
export function batchLimit(maxOpenJobs: number): number {
  return Math.max(1, Math.floor(maxOpenJobs * (1 - shareOfOthers)));
}

/** Most places that are taken with one write, so that the one item takes fewer than 1,000 writes per second. */
const mostAtOnce = 10;

/** What part of the room is taken at once: the last places are taken one by one, since unused ones stay taken until the next count. */
const shareOfRoom = 100;

/** For how long places that were taken may be used. */
const heldSeconds = 3;

/** Whoever takes a place has made its job, and the index that is counted knows of it, in this time. */
const settledSeconds = 20;

/** What taking places needs. */
export interface RoomPorts extends Pick<JobPorts, "jobs" | "clock"> {
  rooms: Rooms;
}

/** Places below {@link batchLimit} for objects of batches. */
export interface BatchPlaces {
  /** Takes one. @returns why there is none: `LIMIT` */
  take(): Promise<CodedError | undefined>;
  /** Gives one back in which no job was made. */
  giveBack(): void;
}

/**
 * Places as one process takes them, some at a time.
 *
 * @param maxOpenJobs 0: any number
 */
export function batchPlaces({ jobs, clock, rooms }: RoomPorts, maxOpenJobs: number): BatchPlaces {
  let held = 0;
  let heldSince = 0;
  const isHeld = () => {
    const age = clock.now() - heldSince;
    return age >= 0 && age < heldSeconds * 1000;
  };
  return {
    async take() {
      if (maxOpenJobs === 0) return undefined;
      if (held > 0 && isHeld()) {
        held--;
        return undefined;
      }
      const room = await jobs.get(batchRoomKey);
      const now = clock.now();
      if (!room) {
        const advice = "Look whether the sweep function, which counts them once per minute, runs.";
        return codedError("LIMIT", `Open jobs were not counted yet, of which there may be ${maxOpenJobs} (maxOpenJobs).`, { advice });
      }
      const count = Math.min(mostAtOnce, Math.ceil(room.free / shareOfRoom));
      if (count < 1 || !(await rooms.take(count, room, now))) {
        const countedAt = new Date(room.countedAt).toISOString();
        const most = `${batchLimit(maxOpenJobs)} open jobs, nine tenths of maxOpenJobs`;
        return codedError("LIMIT", `No room was left for a batch, by the count of ${countedAt}, of at most ${most}.`);
      }
      held = count - 1;
      heldSince = now;
      return undefined;
    },
    giveBack() {
      if (maxOpenJobs !== 0 && isHeld()) held++;
    },
  };
}

/**
 * Sets the room for batches by what the sweeper has counted. Places of which jobs may not be counted yet are taken off once more, so
 * that the bound holds: those taken while it counted, and if any was taken just before, all since the count before. The next count
 * gives back what was too much.
 *
 * @param limit {@link batchLimit}
 * @param before the room before counting
 * @param open jobs that were counted
 * @param startedAt when counting began, in milliseconds since the epoch
 */
export async function recountRoom(
  rooms: Rooms,
  limit: number,
  before: BatchRoom | undefined,
  { open, startedAt }: { open: number; startedAt: number },
): Promise<void> {
  const { free = 0, taken = 0, takenBefore = 0, takenAt, countedAt } = before ?? {};
  const secondsSince = (at = -Infinity) => (startedAt - at) / 1000;
  // What was taken just before the count before would be in neither. A clock that was put back says nothing of that.
  if (secondsSince(countedAt) >= 0 && secondsSince(countedAt) < settledSeconds) return;
  const unsettled = secondsSince(takenAt) < settledSeconds ? taken - takenBefore : 0;
  await rooms.recount(before, limit - open - unsettled - free, startedAt);
}
