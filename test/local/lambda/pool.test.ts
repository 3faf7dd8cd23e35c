import { install, type Clock } from "@sinonjs/fake-timers";
import { expect } from "chai";
import { availableParallelism } from "node:os";
import type { Environment, Outcome } from "../../../local/lambda/environment";
import { EnvironmentPool } from "../../../local/lambda/pool";
import { Quiet, type LoopTimes } from "../../../local/lambda/quiet";

/** An environment without a process, whose invocations end when the test says so. */
class TestEnvironment {
  alive = true;
  initialized = true;
  closed = false;
  readonly quiet = new Quiet();
  /** What its process would say of its event loop when it is asked. */
  answer: () => LoopTimes | undefined = () => ({ active: 0, idle: performance.now() });
  readonly taken: string[] = [];
  private end: (outcome: Outcome) => void = () => undefined;

  invoke({ requestId }: { requestId: string }): Promise<Outcome> {
    this.taken.push(requestId);
    this.quiet.reset();
    return new Promise((resolve) => (this.end = resolve));
  }
  look(): void {
    const times = this.answer();
    if (times) this.quiet.report(times, performance.now());
  }
  async finish(): Promise<void> {
    this.end({ payload: "null", failed: false, durationMilliseconds: 1, logTail: "" });
    await new Promise(setImmediate);
  }
  async close(): Promise<void> {
    this.alive = false;
    this.closed = true;
  }
}

describe("the environments of a function", () => {
  let clock: Clock;
  let started: TestEnvironment[];
  let pool: EnvironmentPool;
  /** How busy the cloud's own process is. */
  let ownShare: number;
  let reserved: number | undefined;
  const run = (requestId: string, immediate = false) => pool.run({ requestId, event: "null" }, immediate);
  /** A hundred invocations at once. Returns how many environments take turns, once it is seen that these are not short. */
  const runHundred = () => {
    for (let index = 0; index < 100; index++) void run(`r${index}`);
    clock.tick(250);
    return started.length;
  };
  beforeEach(() => {
    clock = install({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
    started = [];
    ownShare = 0.1;
    reserved = undefined;
    const start = () => {
      const environment = new TestEnvironment();
      started.push(environment);
      return environment as unknown as Environment;
    };
    pool = new EnvironmentPool(
      () => reserved,
      start,
      () => ownShare,
    );
  });
  afterEach(async () => {
    clock.uninstall();
    await pool.close();
  });

  it("take a burst in turns instead of each starting a process", async () => {
    const outcomes = Promise.all(Array.from({ length: 20 }, (_, index) => run(`r${index}`)));
    for (let index = 0; index < 20; index++) {
      expect(started.map(({ taken }) => taken.length)).to.deep.equal([index + 1]);
      clock.tick(12);
      await started[0]?.finish();
    }
    expect((await outcomes).length).to.equal(20);
  });

  it("become two when an invocation waits longer than a short one takes, and the first has been loaded", () => {
    void run("first");
    if (started[0]) started[0].initialized = false;
    void run("second");
    clock.tick(5_000);
    expect(started.length).to.equal(1);
    if (started[0]) started[0].initialized = true;
    clock.tick(250);
    expect(started.map(({ taken }) => taken)).to.deep.equal([["first"], ["second"]]);
    void run("third");
    clock.tick(249);
    expect(started.length).to.equal(2);
  });

  it("stop when none is reserved: a caller is refused, an event waits until the reservation is lifted", async () => {
    const first = run("first");
    await started[0]?.finish();
    await first;
    reserved = 0;
    expect(() => run("called", true)).to.throw("Rate Exceeded.");
    void run("event");
    clock.tick(60_000);
    expect(started.flatMap(({ taken }) => taken)).to.deep.equal(["first"]);
    reserved = undefined;
    clock.tick(4_000);
    expect(started.flatMap(({ taken }) => taken)).to.deep.equal(["first", "event"]);
  });

  it("become more when the running ones are held up, one for each", async () => {
    const count = runHundred();
    clock.tick(3_250);
    expect([count, started.length]).to.deep.equal([Math.max(2, Math.floor(availableParallelism() / 2)), 2 * count]);
    clock.tick(3_250);
    expect(started.length).to.equal(3 * count);
    clock.tick(300_000);
    expect(started.length).to.equal(50);
  });

  it("don't become more because a busy machine makes their functions slow: they work, however long that takes", () => {
    const count = runHundred();
    for (const environment of started) environment.answer = () => ({ active: performance.now(), idle: 0 });
    clock.tick(300_000);
    expect(started.length).to.equal(count);
  });

  it("don't become more while the cloud itself is too busy to answer what they wait for, and do after that", () => {
    const count = runHundred();
    ownShare = 0.9;
    clock.tick(300_000);
    expect(started.length).to.equal(count);
    ownShare = 0.1;
    clock.tick(4_000);
    expect(started.length).to.equal(2 * count);
  });

  it("count what they wait for from the moment in which they stopped working", () => {
    const count = runHundred();
    for (const environment of started) {
      environment.answer = () => ({ active: Math.min(performance.now(), 60_000), idle: Math.max(0, performance.now() - 60_000) });
    }
    clock.tick(60_000);
    expect(started.length).to.equal(count);
    clock.tick(4_000);
    expect(started.length).to.equal(2 * count);
  });

  it("don't become more while those that start are still loading", () => {
    const count = runHundred();
    for (const environment of started) {
      environment.initialized = false;
      environment.answer = () => undefined;
    }
    clock.tick(60_000);
    expect(started.length).to.equal(count);
  });

  it("end when they have been idle for five minutes", async () => {
    void run("first");
    await started[0]?.finish();
    clock.tick(200_000);
    void run("second");
    await started[0]?.finish();
    clock.tick(299_999);
    expect(started.map(({ closed, taken }) => [closed, taken])).to.deep.equal([[false, ["first", "second"]]]);
    clock.tick(300_000);
    expect(started[0]?.closed).to.equal(true);
  });

  it("are replaced when their process has died in the meantime", async () => {
    void run("first");
    const [environment] = started;
    await environment?.finish();
    if (environment) environment.alive = false;
    void run("second");
    expect(started.map(({ taken }) => taken)).to.deep.equal([["first"], ["second"]]);
  });

  it("refuse a synchronous caller once a thousand run or wait", () => {
    for (let index = 0; index < 1000; index++) void run(`r${index}`, true);
    expect(() => run("one more", true)).to.throw("Rate Exceeded.");
  });
});
