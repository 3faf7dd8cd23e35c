import { expect } from "chai";
import { createServiceClock } from "../../core/serviceClock";
import { VirtualClock } from "../../local/clock";

const start = Date.parse("2026-01-25T22:46:00.300Z");
const hour = 3_600_000;

describe("the service's clock", () => {
  let own: VirtualClock;
  beforeEach(() => (own = new VirtualClock(start)));

  /** An answer of a service whose clock is off from the process's by so much; it took so long to come. */
  async function hears(clock: ReturnType<typeof createServiceClock>, offMilliseconds: number, tookMilliseconds = 40, speed?: number) {
    const sentAt = own.now();
    const answeredAt = sentAt + tookMilliseconds / 2 + offMilliseconds;
    await own.advance(tookMilliseconds);
    clock.hear({ sentAt, date: Math.floor(answeredAt / 1000) * 1000, ...(speed === undefined ? {} : { speed }) });
  }

  it("leaves a clock that is right as it is, to the millisecond", async () => {
    const clock = createServiceClock(own);
    expect([clock.isKnown, clock.stamp(), clock.leastPauseMilliseconds]).to.deep.equal([false, start, 0]);
    for (let answers = 0; answers < 30; answers++) {
      await hears(clock, 0);
      await own.advance(210);
      expect(clock.stamp()).to.equal(own.now());
    }
    expect(clock.isKnown).to.equal(true);
  });

  for (const [word, off] of [
    ["slow", hour],
    ["fast", -hour],
  ] as const) {
    it(`stamps by the service where the process's clock is an hour ${word}: within a second at once, and closer with each answer`, async () => {
      const clock = createServiceClock(own);
      await hears(clock, off);
      expect(Math.abs(clock.stamp() - own.now() - off)).to.be.at.most(1020);
      for (let answers = 0; answers < 30; answers++) {
        await own.advance(137);
        await hears(clock, off);
      }
      expect(Math.abs(clock.stamp() - own.now() - off)).to.be.at.most(60);
    });

    it(`ends no wait early or late because the clock turned out to be an hour ${word}`, async () => {
      const clock = createServiceClock(own);
      const deadline = clock.now() + 60_000;
      let firedAt = 0;
      clock.setTimeout(() => (firedAt = own.now()), 60_000);
      await hears(clock, off);
      expect(deadline - clock.now()).to.equal(59_960);
      await own.advance(120_000);
      expect(firedAt - start).to.equal(60_000);
    });
  }

  it("begins anew when an answer contradicts those before it: somebody set a clock", async () => {
    const clock = createServiceClock(own);
    await hears(clock, 0);
    await hears(clock, hour);
    expect(Math.abs(clock.stamp() - own.now() - hour)).to.be.at.most(1020);
    await hears(clock, 0);
    expect(Math.abs(clock.stamp() - own.now())).to.be.at.most(1020);
  });

  it("says what time it was when something happened before the first answer", async () => {
    const clock = createServiceClock(own);
    const then = clock.now();
    await hears(clock, hour, 5000);
    expect(Math.abs(clock.stamp(then) - start - hour)).to.be.at.most(6000);
  });

  it("lives at the speed of the cloud: deadlines, pauses, and timers that were set before the first answer", async () => {
    const clock = createServiceClock(own);
    const fired: number[] = [];
    const note = () => void fired.push(own.now() - start);
    clock.setTimeout(note, 1_200_000);
    const taken = clock.setTimeout(note, 900_000);
    await hears(clock, hour, 40, 60);
    clock.setTimeout(note, 60_000);
    clock.clearTimeout(taken);
    const before = clock.now();
    await own.advance(10_000);
    expect(clock.now() - before).to.equal(600_000);
    await own.advance(20_000);

    // 1 s of the wall is a minute; the rest of the first wait began when the speed was known.
    expect(fired).to.deep.equal([1040, Math.ceil(40 + 1_199_960 / 60)]);
  });

  it("fires each timer once, whatever becomes known of the speed; one that was never set can be taken back", async () => {
    const clock = createServiceClock(own);
    const fired: string[] = [];
    clock.setTimeout(() => void fired.push("before"), 10);
    clock.setTimeout(() => void fired.push("after"), 600_000);
    clock.clearTimeout(undefined);
    await hears(clock, 0, 40, 60);
    await own.advance(600_000);

    expect(fired).to.deep.equal(["before", "after"]);
  });

  it("is not put back by a slow answer of a fast cloud, which may have been right when it was sent", async () => {
    const clock = createServiceClock(own);
    await hears(clock, 0, 1000, 60);

    expect(clock.stamp()).to.equal(clock.now());
  });

  it("doesn't ask a fast cloud more than ten times a second", async () => {
    const clock = createServiceClock(own);
    await hears(clock, 0, 40, 1000);
    const before = own.now();
    let wokenAt = 0;
    void clock.sleep(1000).then(() => (wokenAt = own.now()));
    await own.advance(1000);
    expect([wokenAt - before, clock.leastPauseMilliseconds]).to.deep.equal([100, 100_000]);
  });

  it("ends a pause with its caller's signal", async () => {
    const clock = createServiceClock(own);
    const caller = new AbortController();
    const pause = clock.sleep(hour, caller.signal);
    caller.abort();
    await pause;
    await clock.sleep(hour, caller.signal);
    expect(own.now()).to.equal(start);
  });
});
