import type { Rooms } from "../core/ports";
import { batchRoomKey, type BatchRoom } from "../core/records/items";
import { recordSchemaVersion } from "../core/records/table";

/** The room for batches as the table keeps it, in memory. */
export function batchRoomInMemory(): Rooms & { room: BatchRoom | undefined } {
  const rooms: Rooms & { room: BatchRoom | undefined } = {
    room: undefined,
    take(count, { countedAt }, now) {
      const { room } = rooms;
      if (!room || room.free < count || room.countedAt !== countedAt) return Promise.resolve(false);
      rooms.room = { ...room, free: room.free - count, taken: room.taken + count, takenAt: now };
      return Promise.resolve(true);
    },
    recount(before, more, countedAt) {
      const { room } = rooms;
      if (room?.countedAt !== before?.countedAt) return Promise.resolve();
      const { free = 0, taken = 0 } = room ?? {};
      const counted = { free: free + more, taken, takenBefore: before?.taken ?? 0, countedAt };
      rooms.room = { ...room, jobId: batchRoomKey, schemaVersion: recordSchemaVersion, ...counted };
      return Promise.resolve();
    },
  };
  return rooms;
}
