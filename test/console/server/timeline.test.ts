import { expect } from "chai";
import type { ScalingStep } from "../../../client/overview/types";
import { awakeAfter, phasesOf, type PhaseHints } from "../../../console/server/timeline";

const start = Date.parse("2026-01-25T10:00:00.000Z");
const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();
const hints = (more: Partial<PhaseHints> = {}): PhaseHints => ({ now: start + 100_000, isAsleep: false, ...more });
/** `name from-to`, in seconds; `?` for what is estimated. */
const drawn = (...given: Parameters<typeof phasesOf>) =>
  phasesOf(...given).map(({ name, from, to, estimated }) => {
    const second = (time: number | undefined) => (time === undefined ? "" : (time - start) / 1000);
    return `${name} ${second(from)}-${second(to)}${estimated ? "?" : ""}`;
  });

describe("a job's time line", () => {
  const ended = { acceptedAt: at(0), submittedAt: at(1), finishedAt: at(61), recordedAt: at(62) };

  it("has no gap: each phase begins where the one before it ended", () => {
    expect(drawn({ timings: ended, ended: true }, hints())).to.deep.equal(["accepted 0-1", "running 1-61?", "recording 61-62"]);
  });

  it("shows waking, waiting and running where somebody saw them", () => {
    const seen = hints({ awakeAt: start + 31_000, startedAt: start + 41_000, handledAt: start + 65_000 });
    expect(drawn({ timings: ended, ended: true }, seen)).to.deep.equal([
      "accepted 0-1",
      "waking 1-31",
      "queued 31-41",
      "running 41-61",
      "recording 61-62",
      "handlers 62-65",
    ]);
  });

  it("calls what follows from the instances' times an estimate", () => {
    expect(drawn({ timings: ended, ended: true }, hints({ awakeAt: start + 31_000 }))).to.deep.equal([
      "accepted 0-1",
      "waking 1-31?",
      "running 31-61?",
      "recording 61-62",
    ]);
  });

  it("of an open job ends with what it does now", () => {
    const { acceptedAt, submittedAt } = ended;
    expect(drawn({ timings: { acceptedAt }, ended: false }, hints())).to.deep.equal(["accepted 0-"]);
    const timings = { acceptedAt, submittedAt };
    expect(drawn({ timings, ended: false }, hints({ isAsleep: true }))).to.deep.equal(["accepted 0-1", "waking 1-"]);
    expect(drawn({ timings, ended: false }, hints())).to.deep.equal(["accepted 0-1", "queued 1-?"]);
    expect(drawn({ timings, ended: false }, hints({ startedAt: start + 9000 }))).to.deep.equal([
      "accepted 0-1",
      "queued 1-9",
      "running 9-",
    ]);
  });

  it("never goes back, though three machines' clocks told its times", () => {
    const timings = { acceptedAt: at(10), submittedAt: at(8), finishedAt: at(9), recordedAt: at(20) };
    expect(drawn({ timings, ended: true }, hints())).to.deep.equal(["recording 10-20"]);
  });

  it("of a job that expired or was cancelled before any container got it does not say that it ran", () => {
    const timings = { acceptedAt: at(0), submittedAt: at(1), recordedAt: at(9) };
    expect(drawn({ timings, ended: true }, hints({ neverRan: true }))).to.deep.equal(["accepted 0-1", "queued 1-9"]);
    expect(drawn({ timings, ended: true }, hints({ neverRan: true, awakeAt: start + 5000 }))).to.deep.equal([
      "accepted 0-1",
      "waking 1-5?",
      "queued 5-9",
    ]);
  });

  it("of a job that was never invoked has nothing but that it was accepted", () => {
    expect(drawn({ timings: { acceptedAt: at(0), recordedAt: at(5) }, ended: true }, hints())).to.deep.equal(["accepted 0-5"]);
    expect(drawn({ timings: {}, ended: false }, hints())).to.deep.equal([]);
  });
});

describe("when an endpoint woke for a job", () => {
  const step = (count: number, from: number, to?: number): ScalingStep => ({
    startedAt: at(from),
    ...(to !== undefined && { endedAt: at(to) }),
    status: "Successful",
    description: `Setting desired instance count to ${count}.`,
    message: "",
    cause: "",
  });

  it("is when the first instance ran, not when more were added, nor when it woke for others", () => {
    const newestFirst = [step(3, 90, 120), step(1, 12, 50), step(0, -900, -890), step(1, -2000, -1900)];
    expect(awakeAfter(newestFirst, at(10))).to.equal(start + 50_000);
    expect(awakeAfter(newestFirst, at(60))).to.equal(undefined);
    expect(awakeAfter([step(1, 12)], at(10))).to.equal(undefined);
    expect(awakeAfter(newestFirst, undefined)).to.equal(undefined);
  });
});
