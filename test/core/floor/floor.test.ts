import { expect } from "chai";
import {
  heldSince,
  holdFloor,
  isLookedAfter,
  tendFloor,
  type FloorLoad,
  type FloorPorts,
  type FloorSettings,
} from "../../../core/floor/floor";
import type { Floor } from "../../../core/records/items";
import { testFloorSettings } from "../../support/jobPorts";

const start = Date.UTC(2026, 0, 5, 12);
const settings = testFloorSettings;

/** A scalable target that moves an endpoint in service into its bounds, and the item. */
class World {
  now = start;
  instances = 0;
  /** The target's minimum, which schedules and deployments set too; undefined: no target is registered. */
  minimum: number | undefined = 0;
  inService = true;
  configName = "first";
  item: Floor | undefined;
  /** Bounds that were set, as `minute: minimum..maximum`. */
  readonly set: string[] = [];
  readonly logged: Record<string, unknown>[] = [];
  /** Runs in the middle of the next call of the scaling service. */
  meanwhile: (() => Promise<unknown>) | undefined;
  failing: Error | undefined;
  readonly ports: FloorPorts = {
    floors: {
      read: () => Promise.resolve(this.item),
      write: (floor, revision) => {
        if (this.item?.revision !== revision) return Promise.resolve(false);
        this.item = floor;
        return Promise.resolve(true);
      },
    },
    capacity: {
      describe: () => Promise.resolve({ desiredInstances: this.instances, inService: this.inService, endpointConfigName: this.configName }),
      minimum: () => Promise.resolve(this.minimum),
      setBounds: async (minimum, maximum) => {
        const { meanwhile } = this;
        this.meanwhile = undefined;
        await meanwhile?.();
        if (this.failing) throw this.failing;
        this.set.push(`${(this.now - start) / 60_000}: ${minimum}..${maximum ?? ""}`);
        this.minimum = minimum;
        if (this.inService) this.instances = Math.min(maximum ?? 5, Math.max(minimum, this.instances));
      },
    },
    clock: { now: () => this.now },
    log: (line) => void this.logged.push(line),
  };

  minutes(count: number): void {
    this.now += count * 60_000;
  }

  /** The sweeper's minute. */
  tend(load: Partial<FloorLoad> = {}, with_: Partial<FloorSettings> = {}): Promise<Floor | undefined> {
    this.minutes(1);
    return tendFloor(this.ports, { ...settings, ...with_ }, { running: 0, held: 0, countedAt: this.now, ...load });
  }

  /** The sweeper's minutes until something is so; an hour at most. */
  async until(reached: () => boolean, load: Partial<FloorLoad> = {}, with_: Partial<FloorSettings> = {}): Promise<void> {
    for (let minute = 1; minute <= 60; minute++) {
      await this.tend(load, with_);
      if (reached()) return;
    }
    throw new Error(`not reached: ${JSON.stringify(this.item)}`);
  }

  hold(with_: Partial<FloorSettings> = {}): Promise<string | undefined> {
    return holdFloor(this.ports, { ...settings, ...with_ });
  }
}

describe("the floor under open jobs", () => {
  let world: World;
  beforeEach(() => (world = new World()));

  it("is one instance as soon as a job opens: a sleeping endpoint wakes without waiting for an alarm", async () => {
    await world.hold();

    expect({ set: world.set, instances: world.instances }).to.deep.equal({ set: ["0: 1.."], instances: 1 });
  });

  it("is what runs when a job opens: an alarm about the idle minutes before must not take any of it", async () => {
    world.instances = 3;
    await world.hold();

    expect(world.set).to.deep.equal(["0: 3.."]);
  });

  it("is set once for all who submit together", async () => {
    await Promise.all(Array.from({ length: 200 }, () => world.hold()));
    world.minutes(2);
    await world.hold();

    expect(world.set).to.deep.equal(["0: 1.."]);
  });

  it("is set by who submits when no sweeper looks after it", async () => {
    await world.hold();
    world.minutes(3);
    await world.hold();

    expect(world.set).to.deep.equal(["0: 1..", "3: 1.."]);
  });

  it("costs nobody his job when it can't be raised: the sweeper tries again", async () => {
    world.failing = Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });
    expect(await world.hold()).to.equal(undefined);
    expect(world.logged.filter(({ level }) => level !== undefined)).to.deep.equal([
      { level: "warn", message: "floor not raised", reason: "ThrottlingException", detail: "Rate exceeded" },
    ]);

    world.failing = undefined;
    await world.tend({ running: 1 });
    expect(world.instances).to.equal(1);
  });

  it("is set again each minute: a deployment puts the configured minimum back, and an endpoint that updates ignores it", async () => {
    world.inService = false;
    await world.hold();
    world.inService = true;
    await world.tend({ running: 1 });
    await world.tend({ running: 1 });

    expect({ set: world.set, instances: world.instances }).to.deep.equal({ set: ["0: 1..", "1: 1..", "2: 1.."], instances: 1 });
  });

  it("rises to what alarms have added, and never above the most instances", async () => {
    await world.hold();
    world.instances = 4;
    await world.tend({ running: 9 });
    world.instances = 7;
    await world.tend({ running: 9 });

    expect(world.set).to.deep.equal(["0: 1..", "1: 4..", "2: 5.."]);
  });

  it("brings a scaled-out fleet back after an update, which has put it to its initial count: alarms would take minutes again", async () => {
    world.instances = 4;
    await world.hold();
    await world.tend({ running: 9 });
    Object.assign(world, { inService: false, instances: 1 });
    await world.tend({ running: 9 });
    Object.assign(world, { inService: true, configName: "second" });
    await world.tend({ running: 9 });
    expect({ set: world.set.at(-1), instances: world.instances }).to.deep.equal({ set: "3: 4..", instances: 4 });

    // Another decrease is no update's: capacity that AWS does not have is not asked for each minute.
    world.instances = 2;
    await world.tend({ running: 9 });
    expect(world.set.at(-1)).to.equal("4: 2..");
  });

  it("leaves a fleet as an update has made it when nothing was open: a sleeping endpoint that it woke goes back to sleep", async () => {
    world.instances = 4;
    await world.hold();
    await world.until(() => world.item?.state === "down");
    Object.assign(world, { instances: 1, configName: "second" });
    await world.hold();
    await world.tend({ running: 1 });
    expect(world.instances).to.equal(1);
  });

  it("is one instance at most when single ones may go", async () => {
    world.instances = 4;
    await world.hold({ partialScaleIn: true });

    expect(world.set).to.deep.equal(["0: 1.."]);
  });

  it("goes back to the minimum when nothing was open for idleSeconds, and not before", async () => {
    world.instances = 2;
    await world.hold();
    for (let minute = 1; minute <= 13; minute++) await world.tend();

    expect(world.item).to.deep.include({ state: "down", instances: 0 });
    expect(world.set.at(-1)).to.equal("12: 0..");
  });

  it("counts the idle time anew after each job", async () => {
    await world.hold();
    for (let minute = 1; minute <= 9; minute++) await world.tend();
    await world.tend({ running: 1 });
    for (let minute = 1; minute <= 10; minute++) await world.tend();

    expect(world.item?.state).to.equal("up");
  });

  it("stays up when a job opens while it is about to be lowered", async () => {
    await world.hold();
    await world.until(() => world.item?.state === "lowering");
    await world.hold();
    await world.tend({ running: 1 });

    expect(world.item?.state).to.equal("up");
    expect(world.set.filter((bounds) => bounds.endsWith(": 0.."))).to.deep.equal([]);
  });

  it("is raised again when a job opens in the very moment of lowering: the job's own raise may have come before", async () => {
    await world.hold();
    await world.until(() => world.item?.state === "lowering");
    world.meanwhile = () => world.hold();
    await world.tend();

    expect(world.item?.state).to.equal("up");
    expect(world.set.slice(-3)).to.deep.equal(["12: 1..", "12: 0..", "12: 1.."]);
  });

  it("is lowered by the next sweep when one died on it", async () => {
    await world.hold();
    await world.until(() => world.item?.state === "lowering");
    world.failing = new Error("killed");
    const died = await world.tend().catch((error: unknown) => (error as Error).message);
    world.failing = undefined;
    await world.tend();

    expect([died, world.item?.state, world.set.at(-1)]).to.deep.equal(["killed", "down", "13: 0.."]);
  });

  it("is not touched when nothing was ever open, or the endpoint is gone", async () => {
    await world.tend();
    world.ports.capacity.describe = () => Promise.resolve(undefined);
    await world.hold();
    await world.tend({ running: 1 });

    expect(world.set).to.deep.equal([]);
  });

  it("goes back to the warm hours' minimum during those, and stands on it while jobs are open", async () => {
    const warm = { windows: ["mon-fri 08:00-18:00"], timeZone: "UTC", minCapacity: 2 };
    await world.hold({ warm });
    for (let minute = 1; minute <= 12; minute++) await world.tend({}, { warm });

    expect([world.set[0], world.set.at(-1)]).to.deep.equal(["0: 2..", "12: 2.."]);
  });

  describe("with nothing open", () => {
    const warm = { windows: ["mon-fri 08:00-18:00"], timeZone: "UTC", minCapacity: 2 };

    it("is the configured minimum again after warm hours were removed while they were on: their GPU would run on and cost", async () => {
      world.minimum = 2;
      world.instances = 2;
      await world.tend();
      await world.tend();

      expect({ set: world.set, item: world.item?.state }).to.deep.equal({ set: ["1: 0.."], item: "down" });
    });

    it("is that of warm hours which a deployment ended or began in their middle: the promised instances would be missing", async () => {
      await world.tend({}, { warm });
      await world.tend({}, { warm });
      expect({ set: world.set, instances: world.instances }).to.deep.equal({ set: ["1: 2.."], instances: 2 });

      // As `pulumi up` registers the target with another maximum.
      world.minimum = 0;
      world.instances = 0;
      await world.tend({}, { warm });
      expect({ set: world.set, instances: world.instances }).to.deep.equal({ set: ["1: 2..", "3: 2.."], instances: 2 });
    });

    it("is set once more when the endpoint was updating at the time, which ignored it", async () => {
      world.inService = false;
      await world.tend({}, { warm });
      await world.tend({}, { warm });
      world.inService = true;
      await world.tend({}, { warm });
      await world.tend({}, { warm });

      expect({ set: world.set, instances: world.instances }).to.deep.equal({ set: ["1: 2..", "3: 2.."], instances: 2 });
    });

    it("leaves a target alone that a deployment has taken away: registered again, it would block the new hardware", async () => {
      world.minimum = undefined;
      await world.tend({}, { warm });

      expect([world.set, world.item]).to.deep.equal([[], undefined]);
    });

    it("is raised again when a job opens while it is put right", async () => {
      world.minimum = 2;
      world.instances = 3;
      world.meanwhile = () => world.hold();
      await world.tend();

      expect({ set: world.set, item: world.item?.state }).to.deep.equal({ set: ["1: 3..", "1: 0..", "1: 3.."], item: "up" });
    });
  });

  describe("with drain", () => {
    const drain = { drain: true };

    /** Four instances, of which the given jobs need one, until the fleet is to be emptied. */
    async function oversized(load: Partial<FloorLoad>): Promise<void> {
      world.instances = 4;
      await world.hold(drain);
      await world.until(() => world.item?.drain !== undefined, load, drain);
    }

    it("holds new jobs once more instances than needed ran for half of idleSeconds", async () => {
      await oversized({ running: 2 });

      expect(world.now - start).to.equal(6 * 60_000);
      expect(await world.hold(drain)).to.equal("2026-01-05T12:06:00.000Z");
    });

    it("shrinks the empty fleet to what the held jobs need, and lets them go on when that is done", async () => {
      await oversized({ running: 2 });
      await world.tend({ running: 1, held: 1 }, drain);
      await world.tend({ held: 4 }, drain);
      expect([world.instances, world.item?.drain?.shrunkTo]).to.deep.equal([4, undefined]);

      world.inService = true;
      await world.tend({ held: 4 }, drain);
      expect([world.instances, world.item?.drain?.shrunkTo]).to.deep.equal([2, 2]);
      expect(world.set.slice(-2)).to.deep.equal(["9: 2..2", "9: 2..5"]);

      await world.tend({ held: 5 }, drain);
      expect(world.item?.drain).to.equal(undefined);
      expect(await world.hold(drain)).to.equal(undefined);
    });

    it("holds jobs for as long as instances still go: the service may take one that has just got a job", async () => {
      await oversized({ running: 1 });
      await world.tend({ held: 1 }, drain);
      await world.tend({ held: 1 }, drain);
      world.inService = false;
      await world.tend({ held: 1 }, drain);
      expect(world.item?.drain?.shrunkTo).to.equal(1);

      world.inService = true;
      await world.tend({ held: 1 }, drain);
      expect(world.item?.drain).to.equal(undefined);
    });

    it("shrinks nothing on one look: a job that was invoked as the emptying began may not have shown", async () => {
      await oversized({ running: 1 });
      await world.tend({ held: 1 }, drain);
      await world.tend({ running: 1, held: 1 }, drain);
      await world.tend({ held: 2 }, drain);

      expect(world.instances).to.equal(4);
    });

    it("shrinks nothing by a count from before the fleet was first seen empty: what was invoked since is not in it", async () => {
      await oversized({ running: 1 });
      await world.tend({ held: 1 }, drain);
      await world.tend({ held: 1, countedAt: Date.parse(world.item?.drain?.emptySince as string) }, drain);
      expect([world.instances, world.item?.drain?.shrunkTo]).to.deep.equal([4, undefined]);

      await world.tend({ held: 1 }, drain);
      expect(world.item?.drain?.shrunkTo).to.equal(1);
    });

    it("lets held jobs go on when so many have come that all instances are needed", async () => {
      await oversized({ running: 2 });
      await world.tend({ running: 1, held: 12 }, drain);

      expect(world.item?.drain).to.equal(undefined);
    });

    it("gives up on a fleet that doesn't get empty within idleSeconds: a long job must not hold all others", async () => {
      await oversized({ running: 1 });
      for (let minute = 1; minute <= 10; minute++) await world.tend({ running: 1, held: 1 }, drain);

      expect(world.item).to.not.have.property("drain");
      expect(world.instances).to.equal(4);
    });

    it("leaves one instance of an idle fleet until idleSeconds are over", async () => {
      await oversized({});
      for (let minute = 1; minute <= 3; minute++) await world.tend({}, drain);
      expect([world.instances, world.item?.state]).to.deep.equal([1, "up"]);

      await world.until(() => world.item?.state === "down", {}, drain);
      expect((world.now - start) / 60_000).to.equal(12);
    });
  });
});

describe("whether new jobs are held", () => {
  const at = (seconds: number) => new Date(start - seconds * 1000).toISOString();
  const floor = (changes: Partial<Floor>): Floor => {
    return { jobId: "#floor", schemaVersion: 1, revision: 1, state: "up", instances: 2, setAt: at(1), ...changes };
  };
  const held = (item: Floor | undefined) =>
    heldSince({
      jobs: { get: (key: string) => Promise.resolve(key === "#floor" ? item : undefined) as never },
      clock: { now: () => start },
    });

  it("is known from the floor, for as long as somebody looks after it: they would wait for ever", async () => {
    const drain = { since: at(60) };

    expect([await held(floor({ drain })), await held(floor({ drain, setAt: at(149.999) }))]).to.deep.equal([at(60), at(60)]);
    expect([
      await held(floor({ drain, setAt: at(150) })),
      await held(floor({ drain, state: "lowering" })),
      await held(floor({})),
      await held(undefined),
    ]).to.deep.equal([undefined, undefined, undefined, undefined]);
    expect([isLookedAfter(floor({}), start), isLookedAfter(floor({ state: "down" }), start)]).to.deep.equal([true, false]);
  });

  it("is told to who submits, who then raises nothing", async () => {
    const world = new World();
    world.item = floor({ drain: { since: at(60) } });

    expect([await world.hold(), world.set, world.logged]).to.deep.equal([at(60), [], []]);
    world.item = floor({});
    expect([await world.hold(), world.set]).to.deep.equal([undefined, []]);
  });

  it("is told to scaling with the first job, before anybody has counted", async () => {
    const world = new World();
    await world.hold();

    expect(world.logged).to.have.lengthOf(1);
    expect(world.logged[0]).to.include({ OpenJobs: 1, EndpointName: "ocr" });
  });

  it("waits until 20 s after it was decided to lower the floor: whoever submits meanwhile must be seen", async () => {
    const world = new World();
    const lowering = (setAt: string) => floor({ state: "lowering", setAt, instances: 3 });
    const tended = async (setAt: string) => {
      Object.assign(world, { item: lowering(setAt), instances: 3, minimum: 3 });
      return (await tendFloor(world.ports, settings, { running: 0, held: 0, countedAt: start }))?.state;
    };

    expect([await tended(at(19.999)), await tended(at(20))]).to.deep.equal(["lowering", "down"]);
  });
});
