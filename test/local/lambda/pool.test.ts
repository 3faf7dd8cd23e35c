import { install, type Clock } from "@sinonjs/fake-timers";
import { expect } from "chai";
import type { FunctionDefinition } from "../../../local/lambda/definition";
import type { Environment, Outcome } from "../../../local/lambda/environment";
import { EnvironmentPool } from "../../../local/lambda/pool";

/** An environment without a process, whose invocations end when the test says so. */
class TestEnvironment {
  alive = true;
  initialized = true;
  closed = false;
  readonly taken: string[] = [];
  private end: (outcome: Outcome) => void = () => undefined;

  invoke({ requestId }: { requestId: string }): Promise<Outcome> {
    this.taken.push(requestId);
    return new Promise((resolve) => (this.end = resolve));
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
  const run = (requestId: string, immediate = false) => pool.run({ requestId, event: "null" }, immediate);
  beforeEach(() => {
    clock = install({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
    started = [];
    pool = new EnvironmentPool({ reservedConcurrency: undefined } as FunctionDefinition, () => {
      const environment = new TestEnvironment();
      started.push(environment);
      return environment as unknown as Environment;
    });
  });
  afterEach(async () => {
    clock.uninstall();
    await pool.close();
  });

  it("take a burst in turns instead of each starting a process", async () => {
    const outcomes = Promise.all(Array.from({ length: 20 }, (_, index) => run(`r${index}`)));
    const count = started.length;
    while (started.some(({ taken }) => taken.length < 20 / count)) {
      for (const environment of started) await environment.finish();
    }
    for (const environment of started) await environment.finish();
    expect([(await outcomes).length, started.length]).to.deep.equal([20, count]);
  });

  it("become more when the running ones are held up, one for each", async () => {
    const waiting = Array.from({ length: 100 }, (_, index) => run(`r${index}`));
    const count = started.length;
    clock.tick(3_250);
    expect([waiting.length, started.length]).to.deep.equal([100, 2 * count]);
    clock.tick(3_250);
    expect(started.length).to.equal(3 * count);
    clock.tick(300_000);
    expect(started.length).to.equal(50);
  });

  it("don't become more while those that start are still loading", () => {
    for (let index = 0; index < 100; index++) void run(`r${index}`);
    const count = started.length;
    for (const environment of started) environment.initialized = false;
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
