import { createHash } from "node:crypto";
import { advance } from "../../core/lifecycle/attempt";
import { admitLow, enterLow, lowEnded, recountLow, wait, type LowPorts, type LowPrioritySettings } from "../../core/lifecycle/priority";
import type { Floors } from "../../core/floor/floor";
import type { Change, Expected, LowQueue } from "../../core/ports";
import { floorKey, lowRoomKey, type LowRoom } from "../../core/records/items";
import type { JobRecord } from "../../core/records/job";
import { endpointName, type Simulation } from "./simulation";

const settings = { endpointName, bucketName: "bench", outputPrefix: "output/", notificationsEnabled: true, retentionDays: 1 };

/** A batch's jobs, moved by the rules of core/lifecycle/priority.ts over a table in memory. */
export class LowJobs {
  private readonly records = new Map<string, JobRecord>();
  private readonly line = new Map<string, number>();
  private readonly modelSeconds = new Map<string, number>();
  private readonly turns = new Map<string, number>();
  private room: LowRoom | undefined;
  private readonly ports: LowPorts;
  private readonly admitNext: (job: JobRecord) => Promise<void>;

  constructor(
    simulation: Simulation,
    floors: Floors,
    private readonly priorities: LowPrioritySettings,
  ) {
    const unused = () => Promise.reject(new Error("the simulation has no objects"));
    this.ports = {
      jobs: {
        create: unused,
        get: async (key: string) => (key === lowRoomKey ? this.room : key === floorKey ? floors.read() : this.records.get(key)) as never,
        change: (jobId, expected, change) => Promise.resolve(this.change(jobId, expected, change)),
      },
      objects: { put: unused, head: unused, get: unused, copy: unused },
      endpoint: {
        takesInput: () => undefined,
        invoke: ({ inferenceId }) => {
          const jobId = inferenceId.replace("1.", "");
          simulation.invoke(jobId, this.modelSeconds.get(jobId) as number);
          return Promise.resolve({ kind: "taken" });
        },
      },
      events: { publish: () => Promise.resolve() },
      clock: { now: () => simulation.clock.now(), sleep: unused },
      hash: (data) => createHash("sha256").update(data).digest("hex"),
      randomBytes: (count) => new Uint8Array(count),
      log: () => undefined,
      low: this.queue(),
    };
    this.admitNext = lowEnded(this.ports, settings);
  }

  /** Whether it is of the batch. */
  has(jobId: string): boolean {
    return this.modelSeconds.has(jobId);
  }

  /** Whether it waits for its turn. */
  waits(jobId: string): boolean {
    return this.line.has(jobId);
  }

  async submit(jobId: string, modelSeconds: number): Promise<void> {
    this.modelSeconds.set(jobId, modelSeconds);
    // Before the first sweep there is no room to know of.
    this.room ??= { jobId: lowRoomKey, schemaVersion: 1, ...this.priorities, free: 0, waiting: false, turn: 0, countedAt: "" };
    const mayGo = await enterLow(this.ports);
    const job = { jobId, state: "ACCEPTED", priority: "low", endpointName, createdAt: new Date(0).toISOString() } as JobRecord;
    this.records.set(jobId, job);
    await (mayGo ? advance(this.ports, settings, job, 0) : wait(this.ports, settings, job));
  }

  ended(jobId: string): void {
    const job = this.records.get(jobId);
    if (this.records.delete(jobId) && job) void this.admitNext(job);
  }

  /** What the sweeper does for them once a minute. @param invoked jobs that are invoked and have not ended */
  async sweep(invoked: number): Promise<void> {
    const free = await recountLow(this.ports, this.priorities, this.room, invoked);
    await admitLow(this.ports, settings, free, Infinity);
  }

  private change(jobId: string, { states, present, absent }: Expected, { set, remove = [] }: Change): JobRecord | undefined {
    const job = this.records.get(jobId);
    if (!job || !states.includes(job.state)) return undefined;
    if ((present !== undefined && job[present] === undefined) || (absent !== undefined && job[absent] !== undefined)) return undefined;
    const changed = { ...job, ...set };
    for (const attribute of remove) delete changed[attribute];
    this.records.set(jobId, changed);
    if (changed.turn === undefined) this.line.delete(jobId);
    else this.line.set(jobId, changed.turn);
    return changed;
  }

  private queue(): LowQueue {
    const change = (by: (room: LowRoom) => Partial<LowRoom> | undefined) => {
      const change = this.room && by(this.room);
      if (change) this.room = { ...(this.room as LowRoom), ...change };
      return Promise.resolve(change && this.room);
    };
    return {
      take: async (turn) =>
        (await change(({ free, waiting }) =>
          free < 1 || (turn === undefined && waiting) ? undefined : { free: free - 1, ...(turn === undefined ? {} : { turn }) },
        )) !== undefined,
      give: () => change(({ free }) => ({ free: free + 1 })),
      line: () => change(() => ({ waiting: true })),
      clear: async () => void (await change(() => ({ waiting: false }))),
      recount: async (counted) => {
        this.room = { jobId: lowRoomKey, schemaVersion: 1, waiting: false, turn: 0, ...this.room, ...counted };
      },
      nextTurn: (key, least) => {
        const turn = Math.max(this.turns.get(key) ?? 0, least) + 1;
        this.turns.set(key, turn);
        return Promise.resolve(turn);
      },
      first: (count) => {
        // Turns of one tenant are given in their order, and the map keeps it.
        const first: string[] = [];
        for (const jobId of this.line.keys()) if (first.push(jobId) >= count) break;
        return Promise.resolve(first);
      },
    };
  }
}
