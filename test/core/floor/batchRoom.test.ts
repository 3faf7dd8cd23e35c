import { expect } from "chai";
import { batchLimit, batchPlaces, recountRoom } from "../../../core/floor/batchRoom";
import { sweep } from "../../../core/lifecycle/sweep";
import type { Rooms } from "../../../core/ports";
import { batchRoomKey, type BatchRoom } from "../../../core/records/items";
import { batchRoomInMemory } from "../../../doubles/batchRoom";
import { seededRandom } from "../../../local/faults/random";
import { startJobTable, testPorts, testSettings } from "../../support/jobPorts";

/** 2026, in milliseconds. */
const start = Date.parse("2026-01-25T22:46:00.000Z");

/** A process of the batch function over a room in memory, and its clock. */
function inMemory(maxOpenJobs: number, rooms = batchRoomInMemory()) {
  const clock = { at: start, now: () => clock.at, sleep: () => Promise.reject(new Error("nobody waits here")) };
  const jobs = { get: () => Promise.resolve(rooms.room) } as never;
  const process = () => batchPlaces({ jobs, clock, rooms }, maxOpenJobs);
  const count = (open: number) => recountRoom(rooms, batchLimit(maxOpenJobs), rooms.room, { open, startedAt: clock.at });
  return { clock, rooms, process, count };
}

describe("room for batches below maxOpenJobs", () => {
  for (const [where, open] of [
    [
      "in DynamoDB",
      async () => {
        const table = await startJobTable();
        return { read: () => table.jobs.get(batchRoomKey), rooms: table.sweeps.rooms, close: () => table.close() };
      },
    ],
    [
      "in memory, as simulations have it",
      async () => {
        const rooms = batchRoomInMemory();
        return { read: () => Promise.resolve(rooms.room), rooms: rooms as Rooms, close: () => undefined };
      },
    ],
  ] as const) {
    it(`is taken once, and set once by each count, ${where}`, async () => {
      const { read, rooms, close } = await open();
      expect(await rooms.take(1, { countedAt: 1 }, 2)).to.equal(false);
      await rooms.recount(undefined, 10, 1000);
      // A second sweeper, and a write that is sent twice.
      await rooms.recount(undefined, 10, 1001);
      const room: BatchRoom = { jobId: batchRoomKey, schemaVersion: 1, free: 10, taken: 0, takenBefore: 0, countedAt: 1000 };
      expect(await read()).to.deep.equal(room);

      expect(await rooms.take(8, { countedAt: 1000 }, 2000)).to.equal(true);
      expect(await rooms.take(3, { countedAt: 1000 }, 2001)).to.equal(false);
      expect(await rooms.take(2, { countedAt: 999 }, 2001)).to.equal(false);
      const before = { ...room, free: 2, taken: 8, takenAt: 2000 };
      expect(await read()).to.deep.equal(before);

      // What is taken while it counts is not given again.
      expect(await rooms.take(1, { countedAt: 1000 }, 2002)).to.equal(true);
      await rooms.recount(before, 5, 3000);
      await rooms.recount(before, 5, 3001);
      expect(await read()).to.deep.equal({ ...before, free: 6, taken: 9, takenBefore: 8, takenAt: 2002, countedAt: 3000 });
      close();
    });
  }

  it("is none without a count, and by an old one what it left, and never more", async () => {
    const { clock, process, count } = inMemory(3);
    const none = await process().take();
    expect([none?.code, none?.message, none?.advice]).to.deep.equal([
      "LIMIT",
      "Open jobs were not counted yet, of which there may be 3 (maxOpenJobs).",
      "Look whether the sweep function, which counts them once per minute, runs.",
    ]);
    await count(0);
    // The sweeper has died, or its clock is an hour off.
    clock.at += 3_600_000;
    const taken = [await process().take(), await process().take(), await process().take()];
    expect(taken.map((limit) => limit?.code)).to.deep.equal([undefined, undefined, "LIMIT"]);
    clock.at -= 7_200_000;
    await count(0);
    expect(await process().take()).to.equal(undefined);
  });

  it("is any number without a limit, with no call", async () => {
    const places = batchPlaces({ jobs: {}, clock: { now: () => 0 }, rooms: {} } as never, 0);
    expect(await places.take()).to.equal(undefined);
    places.giveBack();
  });

  it("takes ten places with one write, the last hundred one by one, and uses them for three seconds", async () => {
    const { clock, rooms, process, count } = inMemory(1123);
    await count(0);
    const places = process();
    for (let taken = 0; taken < 10; taken++) expect(await places.take()).to.equal(undefined);
    expect(rooms.room?.free).to.equal(1000);
    await places.take();
    expect(rooms.room?.free).to.equal(990);
    // Of ten, one is used and given back: it is used again, but not when it is old.
    places.giveBack();
    for (let taken = 0; taken < 10; taken++) await places.take();
    expect(rooms.room?.free).to.equal(990);
    clock.at += 3000;
    places.giveBack();
    await places.take();
    expect(rooms.room?.free).to.equal(980);

    clock.at += 60_000;
    await count(1010 - 3);
    for (let taken = 0; taken < 3; taken++) expect(await process().take()).to.equal(undefined);
    expect((await process().take())?.message).to.equal(
      "No room was left for a batch, by the count of 2026-01-25T22:47:03.000Z, of at most 1010 open jobs, nine tenths of maxOpenJobs.",
    );
  });

  it("leaves a tenth to others, and a batch at least one place", () => {
    expect([1, 2, 10, 25, 100_000].map(batchLimit)).to.deep.equal([1, 1, 9, 22, 90_000]);
  });

  it("is counted by the sweeper of a service with batches, and by no other", async () => {
    const table = await startJobTable();
    const ports = { ...testPorts(table.jobs), ...table.sweeps };
    await sweep(ports, testSettings, Infinity);
    expect(await table.jobs.get(batchRoomKey)).to.equal(undefined);
    await sweep(ports, { ...testSettings, batchMaxOpenJobs: 20 }, Infinity);
    expect((await table.jobs.get(batchRoomKey))?.free).to.equal(18);
    table.close();
  });

  it("gives none by a count that had to stop halfway: more are open than it knows of", async () => {
    const table = await startJobTable();
    const ports = { ...testPorts(table.jobs), ...table.sweeps };
    const due: typeof ports.due = {
      page: (_, { until }) => Promise.resolve({ entries: [], ...(until === undefined && { next: "more" }) }),
    };
    await sweep({ ...ports, due }, { ...testSettings, batchMaxOpenJobs: 7 }, ports.clock.now());
    expect(await table.jobs.get(batchRoomKey)).to.equal(undefined);
    table.close();
  });

  it("is never exceeded, however many take it at once, while counting takes its time and the index follows late", async () => {
    for (const seed of [2, 3, 6, 7]) {
      const { mostOpen, made } = await play(seed);
      expect(mostOpen, `seed ${seed}`).to.be.at.most(0.9 * playMaxOpenJobs);
      expect(made, `seed ${seed}`).to.be.greaterThan(playMaxOpenJobs / 2);
    }
  });
});

const playMaxOpenJobs = 2000;

/**
 * Processes that take places and make jobs in them, which end at some time, in steps of a tenth of a second. The sweeper counts
 * once per minute, part by part in up to six seconds, what was made a second ago and longer.
 */
async function play(seed: number): Promise<{ mostOpen: number; made: number }> {
  const random = seededRandom(seed);
  const { clock, rooms, process } = inMemory(playMaxOpenJobs);
  // Some use up the room within a minute, others take longer, and of some hardly a job ends meanwhile.
  const processes = Array.from({ length: random.integer(3, 30) }, () => ({ places: process(), busyUntil: 0, isMaking: false }));
  const lastsSeconds = seed % 2 === 0 ? random.integer(60, 900) : 20_000;
  let open: { index: number; made: number; ends: number }[] = [];
  let [mostOpen, made] = [0, 0];
  let counting: { before: typeof rooms.room; startedAt: number; until: number; open: number; parts: number } | undefined;
  for (let step = 0; step < 6000; step++) {
    clock.at = start + step * 100;
    for (const each of processes) {
      if (clock.at < each.busyUntil) continue;
      if (each.isMaking) open.push({ index: made++, made: clock.at, ends: clock.at + random.next() * 2000 * lastsSeconds });
      each.isMaking = (await each.places.take()) === undefined;
      each.busyUntil = clock.at + (each.isMaking ? 100 + random.next() * 800 : 5000);
    }
    if (step % 600 === 0) counting = { before: rooms.room, startedAt: clock.at, until: clock.at + random.next() * 6000, open: 0, parts: 0 };
    open = open.filter(({ ends }) => ends > clock.at);
    mostOpen = Math.max(mostOpen, open.length);
    if (!counting) continue;
    // A part of eight at each moment, as the index has it then.
    const { parts } = counting;
    if (parts < 8) counting.open += open.filter((job) => job.index % 8 === parts && job.made <= clock.at - 1000).length;
    counting.parts++;
    if (counting.parts < 8 || clock.at < counting.until) continue;
    await recountRoom(rooms, batchLimit(playMaxOpenJobs), counting.before, counting);
    counting = undefined;
  }
  return { mostOpen, made };
}
