import { expect } from "chai";
import { AdjustableClock, mostSpeed, WallClock } from "../../local/clock";

describe("the wall's clock of an embedded cloud", () => {
  const pending = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

  it("ends its timers when it is closed: a message's time-out of hours keeps no process alive", () => {
    const before = pending();
    const clock = new WallClock();
    clock.setTimeout(() => undefined, 43_200_000);
    clock.clearTimeout(clock.setTimeout(() => undefined, 43_200_000));
    expect(pending()).to.equal(before + 1);
    clock.close();

    expect(pending()).to.equal(before);
  });

  it("runs what is due until then", async () => {
    const clock = new WallClock();
    await new Promise<void>((resolve) => clock.setTimeout(resolve, 1));
    clock.close();
  });
});

describe("a clock whose speed is changed while it runs", () => {
  let clock: AdjustableClock;
  beforeEach(() => {
    clock = new AdjustableClock();
  });
  afterEach(() => clock.close());
  const after = (milliseconds: number) => new Promise<void>((resolve) => clock.setTimeout(resolve, milliseconds));

  it("is the wall's until then, and says once that it no longer is: what runs by the wall must begin anew", async () => {
    const changes: boolean[] = [];
    clock.onChange((hasLeftWall) => changes.push(hasLeftWall));
    expect(Math.abs(clock.now() - Date.now())).to.be.below(1000);
    expect(clock.isWall).to.equal(true);
    clock.setSpeed(1);
    expect(clock.isWall).to.equal(true);
    clock.setSpeed(100);
    clock.setSpeed(1);

    expect(changes).to.deep.equal([false, true, false]);
    expect([clock.isWall, clock.speed]).to.deep.equal([false, 1]);
  });

  it("fires timers that were set before by its new time, and never goes back", async () => {
    const later = after(600_000);
    const before = clock.now();
    clock.setSpeed(mostSpeed);
    const fast = after(60_000);
    await fast;
    const then = clock.now();
    clock.setSpeed(1);
    expect(clock.now()).to.be.at.least(then);
    expect(then - before).to.be.at.least(60_000);
    clock.skip(600);
    await later;
    expect(clock.now() - before).to.be.at.least(600_000);
  });

  it("runs fast to a chosen time, and then as before", async () => {
    clock.setSpeed(10);
    const from = clock.now();
    const arrived = new Promise<void>((resolve) => clock.onChange(() => clock.runningTo === undefined && resolve()));
    clock.skip(120);
    expect(clock.runningTo).to.be.at.least(from + 120_000);
    expect(clock.speed).to.equal(mostSpeed);
    await arrived;

    expect(clock.speed).to.equal(10);
    expect(clock.now() - from).to.be.at.least(120_000);
  });

  it("is at a chosen time when it arrives there, however busy its process is", async () => {
    const to = clock.now() + 90_000;
    const arrived = new Promise<number>((resolve) => clock.onChange(() => clock.runningTo === undefined && resolve(clock.now())));
    clock.skipTo(to);
    // Nothing else runs for a fifth of a second, in which the clock would go 200 s.
    const until = performance.now() + 200;
    while (performance.now() < until);

    expect(await arrived).to.be.within(to, to + 1);
  });

  it("arrives at a chosen time, though the wall's goes on while it is told to run", async () => {
    const wall = Date.now;
    let reading = wall();
    const arrived = new Promise<void>((resolve) => clock.onChange(() => clock.runningTo === undefined && resolve()));
    try {
      Date.now = () => ++reading;
      clock.skip(1);
    } finally {
      Date.now = wall;
    }
    await arrived;
  });

  it("says what it takes", () => {
    for (const speed of [0, -1, 0.5, mostSpeed + 1, NaN, "60" as never]) {
      expect(() => clock.setSpeed(speed), String(speed)).to.throw(`speed: got ${JSON.stringify(speed)}, expected a number from 1 to 1000`);
    }
    expect(() => clock.skipTo(Date.UTC(2020, 0))).to.throw(/^to: got 2020-01-01T00:00:00.000Z, expected a time after /);
    expect(() => clock.skip(0)).to.throw("seconds: got 0, expected a number from 1 to 604800");
  });
});
