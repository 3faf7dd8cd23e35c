import { expect } from "chai";
import { answerRequest } from "../../../core/lifecycle/submit";
import { submitUpload } from "../../../core/lifecycle/inbox";
import { cancelJob } from "../../../core/lifecycle/cancel";
import { lowEnded } from "../../../core/lifecycle/priority";
import { settle } from "../../../core/lifecycle/settle";
import { sweep, type SweepSettings } from "../../../core/lifecycle/sweep";
import type { Jobs, LowQueue, SweepPorts } from "../../../core/ports";
import { floorKey, lowRoomKey } from "../../../core/records/items";
import type { JobRecord } from "../../../core/records/job";
import { startJobTable, testPorts, testSettings, type TestPorts } from "../../support/jobPorts";
import { violations } from "../../support/conforms";

const never = Infinity;
const withPriorities: SweepSettings = { ...testSettings, lowPriority: { backlog: 2, fairBy: "tenant" } };

describe("low priority", () => {
  let jobs: Jobs;
  let sweeps: Pick<SweepPorts, "due" | "leases" | "counts" | "low" | "rooms">;
  let table: Awaited<ReturnType<typeof startJobTable>>;
  let ports: TestPorts & { low: LowQueue };

  beforeEach(async () => {
    table = await startJobTable();
    ({ jobs, sweeps } = table);
    ports = { ...testPorts(jobs), low: sweeps.low };
  });

  afterEach(() => table.close());

  const sweeping = (settings = withPriorities, using: TestPorts = ports) => sweep({ ...using, ...sweeps }, settings, never);
  const submit = (jobId: string, tenant?: string, using: TestPorts = ports) => {
    const request = { jobId, input: jobId, priority: "low", ...(tenant === undefined ? {} : { metadata: { tenant } }) };
    return answerRequest({ ...using, low: sweeps.low }, testSettings, request, never);
  };
  const get = async (jobId: string) => {
    const job = (await jobs.get(jobId)) as JobRecord;
    expect(violations("job", job)).to.deep.equal([]);
    return job;
  };
  const room = async () => {
    const { free, waiting } = (await jobs.get(lowRoomKey)) as { free: number; waiting: boolean };
    return { free, waiting };
  };
  const invoked = () => ports.invocations.map(({ inferenceId }) => inferenceId.slice(2));
  /** SageMaker's notification, as the result function of such a service takes it. */
  const complete = (jobId: string) => {
    const ending = { ...ports, lowEnded: lowEnded(ports, testSettings) };
    const outputLocation = `s3://service/output/1.${jobId}/result`;
    return settle(ending, testSettings, { kind: "completed", inferenceId: `1.${jobId}`, outputLocation }, never);
  };

  it("is refused with what to do by a service without priorities, instead of standing before people in silence", async () => {
    const answer = await submit("batch-1");
    expect(answer).to.deep.equal({
      statusCode: 400,
      jobId: "batch-1",
      error: {
        code: "BAD_INPUT",
        message: 'priority: got "low", expected "normal" or nothing: this service has no priorities',
        retryable: false,
        field: "priority",
        advice:
          "Deploy it with priorityEnabled, which its sweeper then makes known within a minute, or leave priority out: the job then stands in line with all others.",
      },
    });
    expect(await jobs.get("batch-1")).to.equal(undefined);
  });

  it("has a batch wait behind the bound, and people's jobs go at once", async () => {
    await sweeping();
    for (const jobId of ["a-1", "a-2", "a-3", "a-4"]) await submit(jobId, "a");
    await answerRequest(ports, testSettings, { jobId: "person", input: 1 }, never);
    expect(invoked()).to.deep.equal(["a-1", "a-2", "person"]);
    const { state, turn, priority, dueAt } = await get("a-4");
    expect({ state, turn, priority, dueAt }).to.deep.equal({
      state: "ACCEPTED",
      turn: 2,
      priority: "low",
      dueAt: "9999-12-31T23:59:59.999Z",
    });
    expect(await room()).to.deep.equal({ free: 0, waiting: true });
  });

  it("answers a job that waits as it is when it is submitted again, without another turn", async () => {
    await sweeping();
    for (const jobId of ["a-1", "a-2", "a-3"]) await submit(jobId);
    const { turn } = await get("a-3");
    expect(await submit("a-3")).to.include({ statusCode: 202, state: "ACCEPTED" });
    expect((await get("a-3")).turn).to.equal(turn);
  });

  it("does not make a job low that was accepted without: it would be in no line, and wait for ever", async () => {
    await sweeping();
    for (const jobId of ["a-1", "a-2"]) await submit(jobId);
    const unplaced = { ...ports, objects: { ...ports.objects, put: () => Promise.reject(new Error("killed")) } };
    await answerRequest(unplaced, testSettings, { jobId: "person", input: "person" }, never).catch(() => undefined);
    expect((await get("person")).state).to.equal("ACCEPTED");

    await submit("person");
    expect((await get("person")).state).to.equal("SUBMITTED");
  });

  it("admits one for each that ends, in turns of tenants: who has many waiting delays only himself", async () => {
    await sweeping();
    for (const jobId of ["a-1", "a-2", "a-3", "a-4", "a-5"]) await submit(jobId, "a");
    for (const jobId of ["b-1", "b-2"]) await submit(jobId, "b");
    for (const jobId of ["a-1", "a-2", "a-3", "b-1", "a-4"]) if (invoked().includes(jobId)) await complete(jobId);
    const order = invoked().slice(2);
    expect(order.slice(0, 2).sort()).to.deep.equal(["a-3", "b-1"]);
    expect(order.slice(2, 4).sort()).to.deep.equal(["a-4", "b-2"]);
    expect(order).to.have.length(5);
  });

  it("admits none when people's jobs alone are above the bound, and all when they have ended", async () => {
    await sweeping();
    for (const jobId of ["p-1", "p-2", "p-3"]) await answerRequest(ports, testSettings, { jobId, input: 1 }, never);
    await sweeping();
    for (const jobId of ["a-1", "a-2"]) await submit(jobId);
    await sweeping();
    expect(invoked()).to.deep.equal(["p-1", "p-2", "p-3"]);
    expect(await room()).to.deep.equal({ free: -1, waiting: true });
    for (const jobId of ["p-1", "p-2", "p-3"]) await complete(jobId);
    await sweeping();
    expect(invoked().slice(3)).to.deep.equal(["a-1", "a-2"]);
    expect(await room()).to.deep.equal({ free: 0, waiting: false });
  });

  it("admits each job once when many end at the same moment", async () => {
    await sweeping({ ...withPriorities, lowPriority: { backlog: 5 } });
    for (let index = 1; index <= 12; index++) await submit(`a-${index}`);
    await Promise.all([1, 2, 3, 4, 5].map((index) => complete(`a-${index}`)));
    expect(invoked().sort()).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((index) => `a-${index}`).sort());
  });

  it("sees a job that lined up after the last other one had ended, before the next minute", async () => {
    await sweeping();
    await submit("a-1");
    await submit("a-2");
    // Between its look at the room and its place in the line both others end.
    const late: LowQueue = {
      ...sweeps.low,
      async nextTurn(...turn) {
        await complete("a-1");
        await complete("a-2");
        return sweeps.low.nextTurn(...turn);
      },
    };
    await answerRequest({ ...ports, low: late }, testSettings, { jobId: "a-3", input: 1, priority: "low" }, never);
    expect((await get("a-3")).state).to.equal("SUBMITTED");
  });

  it("gives no place back for a job that is cancelled while it waits, and never invokes it", async () => {
    await sweeping();
    for (const jobId of ["a-1", "a-2", "a-3"]) await submit(jobId);
    await cancelJob({ ...ports, lowEnded: lowEnded(ports, testSettings) }, testSettings, "a-3");
    expect((await get("a-3")).turn).to.equal(undefined);
    await complete("a-1");
    await sweeping();
    expect(invoked()).to.deep.equal(["a-1", "a-2"]);
  });

  it("is an upload's when its metadata says so, for the tenant that it names", async () => {
    const inbox = { ...testSettings, inboxPrefix: "inbox/" };
    await sweeping();
    for (const name of ["1", "2", "3"]) {
      ports.stored.set(`s3://service/inbox/${name}`, { body: Buffer.from(name) });
      const { objects } = ports;
      const head: typeof objects.head = async (location) => {
        const found = await objects.head(location);
        return found && { ...found, eTag: "e", metadata: { priority: "low", tenant: "acme" } };
      };
      await submitUpload(
        { ...ports, objects: { ...objects, head } },
        inbox,
        { bucket: "service", key: `inbox/${name}`, eTag: "e", sequencer: name },
        never,
      );
    }
    expect(ports.invocations).to.have.length(2);
    const waiting = await get((await sweeps.low.first(5))[0] ?? "");
    expect(waiting.metadata).to.deep.equal({ tenant: "acme", inboxKey: "inbox/3" });
  });

  it("holds them while the fleet is emptied for a scale-in", async () => {
    await sweeping();
    for (const jobId of ["a-1", "a-2", "a-3"]) await submit(jobId);
    const at = new Date(ports.clock.now()).toISOString();
    await jobs.create({
      jobId: floorKey,
      schemaVersion: 1,
      revision: 1,
      state: "up",
      instances: 1,
      setAt: at,
      drain: { since: at },
    } as never);
    await complete("a-1");
    await sweeping();
    expect((await get("a-3")).state).to.equal("ACCEPTED");
  });

  describe("loses no job", () => {
    it("when whoever admits it dies before the call: it lines up anew, and runs once", async () => {
      await sweeping();
      for (const jobId of ["a-1", "a-2", "a-3"]) await submit(jobId);
      const dying: TestPorts & { low: LowQueue } = {
        ...ports,
        jobs: {
          ...jobs,
          change: (jobId, expected, change) =>
            change.set.state === "INVOKING" ? Promise.reject(new Error("killed")) : jobs.change(jobId, expected, change),
        },
      };
      const ending = { ...ports, lowEnded: lowEnded(dying, testSettings) };
      await settle(
        ending,
        testSettings,
        { kind: "completed", inferenceId: "1.a-1", outputLocation: "s3://service/output/1.a-1/result" },
        never,
      );
      expect(await get("a-3"))
        .to.include({ state: "ACCEPTED" })
        .and.not.to.have.property("turn");
      expect(ports.logged.filter(({ message }) => message === "no low job admitted")).to.have.length(1);
      // The place that it took with it comes back with the next count, the job with its next look.
      ports.pass(121);
      await sweeping();
      ports.pass(60);
      await sweeping();
      expect(await get("a-3")).to.include({ state: "SUBMITTED", attempt: 1 });
    });

    it("when its submitter dies before it lines up: the sweep lines it up", async () => {
      await sweeping();
      await submit("a-1");
      await submit("a-2");
      const dying = { ...sweeps.low, nextTurn: () => Promise.reject(new Error("killed")) };
      await answerRequest({ ...ports, low: dying }, testSettings, { jobId: "a-3", input: 1, priority: "low" }, never).catch(
        () => undefined,
      );
      expect((await get("a-3")).turn).to.equal(undefined);
      ports.pass(121);
      await sweeping();
      expect(await get("a-3")).to.include({ state: "ACCEPTED", turn: 1 });
    });

    it("when the sweep is killed between its count and the room: the next one sets it", async () => {
      await sweeping();
      for (const jobId of ["a-1", "a-2", "a-3"]) await submit(jobId);
      await complete("a-1");
      const killed = { ...sweeps, low: { ...sweeps.low, recount: () => Promise.reject(new Error("killed")) } };
      await sweep({ ...ports, ...killed }, withPriorities, never).catch(() => undefined);
      await sweeping();
      expect((await get("a-3")).state).to.equal("SUBMITTED");
    });

    it("when the service is deployed without priorities again: the next sweep invokes all that wait", async () => {
      await sweeping();
      for (const jobId of ["a-1", "a-2", "a-3", "a-4"]) await submit(jobId);
      await sweeping(testSettings);
      expect(invoked()).to.deep.equal(["a-1", "a-2", "a-3", "a-4"].sort());
      expect(await submit("a-5")).to.include({ statusCode: 400 });
    });
  });

  it("counts what waits as open, and leaves its age out of what the alarm on old jobs watches", async () => {
    await sweeping();
    for (const jobId of ["p-1", "p-2"]) await answerRequest(ports, testSettings, { jobId, input: 1 }, never);
    await sweeping();
    await submit("a-1");
    ports.pass(1000);
    for (const jobId of ["p-3", "p-4"]) await answerRequest(ports, testSettings, { jobId, input: 1 }, never);
    for (const jobId of ["p-1", "p-2"]) await complete(jobId);
    const report = await sweeping();
    expect(report?.count).to.deep.include({
      open: 3,
      states: { ACCEPTED: 1, INVOKING: 0, SUBMITTED: 2 },
      oldestCreatedAt: (await get("p-3")).createdAt,
    });
  });
});
