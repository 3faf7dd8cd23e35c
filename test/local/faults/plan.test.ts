import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import * as fc from "fast-check";
import { Injector } from "../../../local/faults/injector";
import { jobIdIn, jobIdOfItem, jobIdOfKey } from "../../../local/faults/jobOf";
import { faultKinds, kindOf } from "../../../local/faults/kinds";
import { drawPlan, isJobFault, readPlan, type JobFault } from "../../../local/faults/plan";

describe("a plan of faults", () => {
  it("is the same for the same seed, and holds every kind within a few hundred seeds", () => {
    expect(drawPlan(7, 50)).to.deep.equal(drawPlan(7, 50));
    const drawn = Array.from({ length: 200 }, (_, seed) => drawPlan(seed, 50)).flatMap(({ faults }) => faults.map(({ kind }) => kind));
    expect(new Set(drawn)).to.deep.equal(new Set(faultKinds));
  });

  it("leaves a job in doubt by at most one fault of its own, so that a few attempts suffice", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
        const faults = drawPlan(seed, 50).faults.filter(isJobFault);
        const doubts = faults.filter(({ kind }) => kindOf(kind).doubt).map(({ job }) => job);
        expect(doubts).to.have.lengthOf(new Set(doubts).size);
      }),
    );
  });

  it("is read from a file, and what is wrong in the file is named", () => {
    const directory = mkdtempSync(path.join(tmpdir(), "plan-"));
    const file = path.join(directory, "plan.json");
    try {
      const plan = drawPlan(3, 10);
      writeFileSync(file, JSON.stringify(plan));
      expect(readPlan(file)).to.deep.equal(plan);

      writeFileSync(file, JSON.stringify({ faults: [{ kind: "s3-slow", job: 1 }] }));
      expect(readPlan(file)).to.deep.equal({
        seed: 1,
        jobs: 50,
        faults: [{ kind: "s3-slow", job: 1, nth: 1, times: 1, delaySeconds: 180 }],
      });

      writeFileSync(file, JSON.stringify({ faults: [], seed: "x" }));
      expect(() => readPlan(file)).to.throw(`${file}: ✖ Invalid input: expected number, received string\n  → at seed`);

      writeFileSync(file, "{");
      expect(() => readPlan(file)).to.throw(`${file}: `);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe("the injection of planned faults", () => {
  const fault = (changes: Partial<JobFault>): JobFault => ({ kind: "s3-503", job: 1, nth: 1, times: 1, delaySeconds: 60, ...changes });

  it("counts jobs in the order in which they are seen, and opportunities a job", () => {
    const injector = new Injector({ seed: 1, jobs: 2, faults: [fault({ job: 2, nth: 2, times: 2 })] });
    const asked = ["first", "second", "first", "second", "second", "second"].map((jobId) => injector.next("objects", jobId)?.kind);

    expect(asked).to.deep.equal([undefined, undefined, undefined, "s3-503", "s3-503", undefined]);
    expect(injector.injected).to.deep.equal([
      { kind: "s3-503", jobId: "second" },
      { kind: "s3-503", jobId: "second" },
    ]);
  });

  it("lets a fault happen only where its kind can, one at a time", () => {
    const faults = [fault({}), fault({ kind: "lambda-killed-before" }), fault({ kind: "container-5xx" })];
    const injector = new Injector({ seed: 1, jobs: 1, faults });
    const asked = (["queue", "objects", "objects", "objects", "container"] as const).map((site) => injector.next(site, "job")?.kind);

    expect(asked).to.deep.equal([undefined, "s3-503", "lambda-killed-before", undefined, "container-5xx"]);
    expect(injector.next("container", undefined)).to.equal(undefined);
  });
});

describe("a fault that is switched on", () => {
  it("happens once to every job that meets it, until it is switched off, and after what was planned", () => {
    const happened: string[] = [];
    const planned: JobFault = { kind: "container-exit", job: 1, nth: 1, times: 1, delaySeconds: 60 };
    const injector = new Injector({ seed: 1, jobs: 1, faults: [planned] }, ({ kind, jobId }) => happened.push(`${jobId} ${kind}`));
    injector.setAlways("container-5xx", true);
    for (const jobId of ["a", "a", "a", "b", "b"]) injector.next("container", jobId);
    injector.next("tableWrite", "c");
    expect(injector.alwaysOn).to.deep.equal(["container-5xx"]);
    injector.setAlways("container-5xx", false);
    injector.next("container", "d");

    expect(happened).to.deep.equal(["a container-exit", "a container-5xx", "b container-5xx"]);
    expect(injector.alwaysOn).to.deep.equal([]);
  });
});

describe("the job that something is about", () => {
  it("is found in messages, at any depth of embedding, and in keys", () => {
    const notification = JSON.stringify({ inferenceId: "2.order-17", requestParameters: {} });
    const event = JSON.stringify({ Records: [{ Sns: { Message: JSON.stringify({ job: { jobId: "order-17" } }) } }] });

    expect(jobIdIn(notification)).to.equal("order-17");
    expect(jobIdIn(JSON.stringify({ Records: [{ Sns: { Message: notification } }] }))).to.equal("order-17");
    expect(jobIdIn(event)).to.equal("order-17");
    expect(jobIdIn(JSON.stringify({ input: 1 }))).to.equal(undefined);
    expect(jobIdIn(JSON.stringify({ jobId: "../x" }))).to.equal(undefined);
    expect(jobIdOfKey("deep/input/order-17/request.json")).to.equal("order-17");
    expect(jobIdOfKey("output/3.order-17/result")).to.equal("order-17");
    expect(jobIdOfKey("inbox/page.png")).to.equal(undefined);
    expect(jobIdOfItem("order-17")).to.equal("order-17");
    expect(jobIdOfItem("#once/shop/prod/ocr-completed-store/ocr/order-17/2026-01-25T22:46:00.000Z/charge")).to.equal("order-17");
    expect(jobIdOfItem("#lease/sweep")).to.equal(undefined);
  });
});
