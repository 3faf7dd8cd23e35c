import { expect } from "chai";
import { answerRequest } from "../../../core/lifecycle/submit";
import { submitUpload } from "../../../core/lifecycle/inbox";
import { cancelJob } from "../../../core/lifecycle/cancel";
import { admitLow, endLow, enterLow, lowEnded, recountLow, requirePriorities, wait } from "../../../core/lifecycle/priority";
import { codedError } from "../../../core/records/errors";
import { settle } from "../../../core/lifecycle/settle";
import { sweep, type SweepSettings } from "../../../core/lifecycle/sweep";
import type { Jobs, LowQueue, SweepPorts } from "../../../core/ports";
import { floorKey, lowRoomKey, type LowRoom } from "../../../core/records/items";
import type { JobRecord } from "../../../core/records/job";
import { startJobTable, suiteJobs, testPorts, testSettings, type TestPorts } from "../../support/jobPorts";
import { openJob } from "../../../doubles/jobs";
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

describe("the line of low jobs, call by call", () => {
  const jobs = suiteJobs();
  let count = 0;

  /** A line whose answers a test gives, and whose calls it reads; jobs are in a table. */
  function world(room?: Partial<LowRoom>, answers: Partial<LowQueue> = {}, isHeld = false) {
    const calls: string[] = [];
    const noted =
      <Args extends unknown[], Result>(name: string, answer: (...args: Args) => Promise<Result>) =>
      (...args: Args) => {
        calls.push([name, ...args.map((each) => JSON.stringify(each))].join(" "));
        return answer(...args);
      };
    const at = "2026-01-25T22:46:00.000Z";
    const whole: LowRoom = {
      ...{ jobId: lowRoomKey, schemaVersion: 1, backlog: 2, free: 1, waiting: false, turn: 7, countedAt: at },
      ...room,
    };
    const floor = { jobId: floorKey, schemaVersion: 1, revision: 1, state: "up", instances: 1, setAt: at, drain: { since: at } };
    const items: Record<string, unknown> = { [lowRoomKey]: room && whole, [floorKey]: isHeld ? floor : undefined };
    const get = (key: string) => (key.startsWith("#") ? Promise.resolve(items[key]) : jobs.get(key));
    const low: LowQueue = {
      take: noted("take", answers.take ?? (() => Promise.resolve(true))),
      give: noted("give", answers.give ?? (() => Promise.resolve(whole))),
      line: noted("line", answers.line ?? (() => Promise.resolve(whole))),
      nextTurn: noted("nextTurn", answers.nextTurn ?? (() => Promise.resolve(8))),
      clear: noted("clear", answers.clear ?? (() => Promise.resolve())),
      recount: noted("recount", answers.recount ?? (() => Promise.resolve())),
      first: noted("first", answers.first ?? (() => Promise.resolve([]))),
    };
    return { ...testPorts({ ...jobs, get: get as Jobs["get"] }), low, calls };
  }

  /** A low job that is accepted, or in the line at a turn. */
  async function accepted(changes: Partial<JobRecord> = {}): Promise<JobRecord> {
    const job = openJob({ jobId: `line-${++count}`, state: "ACCEPTED", priority: "low", ...changes });
    for (const name of ["attempt", "inferenceId", "callId", "expectedOutputLocation", "invokingAt"] as const) delete job[name];
    await jobs.create(job);
    return job;
  }

  it("asks for a place only where none waits: it would be a write for nothing", async () => {
    const entered = async (room: Partial<LowRoom>, isFree = true) => {
      const { calls, ...ports } = world(room, { take: () => Promise.resolve(isFree) });
      return [await enterLow(ports), calls];
    };
    expect(await entered({})).to.deep.equal([true, ["take"]]);
    expect(await entered({}, false)).to.deep.equal([false, ["take"]]);
    expect(await entered({ waiting: true })).to.deep.equal([false, []]);
    for (const ports of [world(), world({ backlog: 0 }), { jobs: world({}).jobs }]) {
      expect(await enterLow(ports).catch((error: Error) => error.message)).to.match(/^BAD_INPUT: priority: got "low"/);
    }
    for (const ports of [world(), world({ backlog: 0 })]) {
      expect(await requirePriorities(ports).catch((error: Error) => error.message)).to.match(/^BAD_INPUT: priority: got "low"/);
    }
    expect(await requirePriorities(world({ waiting: true }))).to.equal(undefined);
  });

  it("gives the turn after the one that is on to each tenant by itself, and remembers it for 30 days", async () => {
    for (const [fairBy, metadata, tenant] of [
      ["tenant", { tenant: "acme" }, "acme"],
      ["tenant", {}, ""],
      ["tenant", undefined, ""],
      [undefined, { tenant: "acme" }, ""],
    ] as const) {
      const { calls, ...ports } = world({ waiting: true, ...(fairBy === undefined ? {} : { fairBy }) });
      const until = Math.floor(ports.clock.now() / 1000) + 30 * 86_400;
      const job = await accepted(metadata === undefined ? {} : { metadata });

      expect(await wait(ports, testSettings, job)).to.include({ turn: 8, dueAt: "9999-12-31T23:59:59.999Z" });
      expect(calls).to.deep.equal([`nextTurn "#turn/${ports.hash(tenant).slice(0, 32)}" 7 ${until}`]);
    }
  });

  it("leaves a job alone that is in the line, that is no longer there to wait, or that somebody moved", async () => {
    const lined = await accepted({ turn: 3 });
    const { calls, ...ports } = world({ waiting: true });
    expect([await wait(ports, testSettings, lined), calls]).to.deep.equal([lined, []]);

    const cancelled = { ...(await accepted()), state: "CANCELLED" as const };
    await jobs.change(cancelled.jobId, { states: ["ACCEPTED"] }, { set: { state: "CANCELLED" } });
    expect((await wait(ports, testSettings, { ...cancelled, state: "ACCEPTED" })).state).to.equal("CANCELLED");

    const gone = openJob({ jobId: "line-gone", state: "ACCEPTED", priority: "low" });
    expect(await wait(ports, testSettings, gone)).to.equal(gone);

    const invoked = await accepted();
    await jobs.change(invoked.jobId, { states: ["ACCEPTED"] }, { set: { attempt: 1 } });
    expect(await wait(ports, testSettings, invoked))
      .to.include({ attempt: 1 })
      .and.not.to.have.property("turn");
    expect(ports.invocations).to.deep.equal([]);
  });

  it("invokes a job at once that lines up when there are no priorities any more", async () => {
    const { calls, ...ports } = world({ backlog: 0 });
    expect((await wait(ports, testSettings, await accepted())).state).to.equal("SUBMITTED");
    expect(calls).to.deep.equal([]);
  });

  it("admits the first that lines up where a place has come free since, unless the fleet is emptied", async () => {
    const free = (places: number) => ({ line: () => Promise.resolve({ free: places } as LowRoom) });
    const lining = async (answers: Partial<LowQueue>, isHeld = false) => {
      const { calls, ...ports } = world({}, answers, isHeld);
      const { state, turn } = await wait(ports, testSettings, await accepted());
      return [state, turn, calls.slice(1), ports.invocations.length];
    };
    expect(await lining(free(1))).to.deep.equal(["SUBMITTED", undefined, ["line", "take 8"], 1]);
    expect(await lining(free(0))).to.deep.equal(["ACCEPTED", 8, ["line"], 0]);
    expect(await lining({ line: () => Promise.resolve(undefined) })).to.deep.equal(["ACCEPTED", 8, ["line"], 0]);
    expect(await lining(free(1), true)).to.deep.equal(["ACCEPTED", 8, ["line"], 0]);
    expect(await lining({ ...free(1), take: () => Promise.resolve(false) })).to.deep.equal(["ACCEPTED", 8, ["line", "take 8"], 0]);
  });

  it("gives the place back that it took for one that somebody else had admitted", async () => {
    const job = await accepted();
    const { calls, ...ports } = world(
      {},
      {
        take: async () => {
          await jobs.change(job.jobId, { states: ["ACCEPTED"] }, { set: { state: "INVOKING", attempt: 1 }, remove: ["turn"] });
          return true;
        },
      },
    );
    expect(await wait(ports, testSettings, job)).to.include({ state: "INVOKING", attempt: 1 });
    expect([calls.slice(1), ports.invocations]).to.deep.equal([["line", "take 8", "give"], []]);
  });

  describe("whose turn comes", () => {
    const line = async (size: number) => {
      const ids: string[] = [];
      for (let turn = 1; turn <= size; turn++) ids.push((await accepted({ turn })).jobId);
      return ids;
    };
    const invoked = ({ invocations }: TestPorts) => invocations.map(({ inferenceId }) => inferenceId.slice(2));

    it("are as many as there are places, in order, each at its turn's place", async () => {
      const ids = await line(3);
      const { calls, ...ports } = world({}, { first: () => Promise.resolve(ids) });

      expect(await admitLow(ports, testSettings, 2, never)).to.equal(2);
      expect([invoked(ports), calls]).to.deep.equal([ids.slice(0, 2), ["first 25", "take 1", "take 2"]]);
    });

    it("are read as many at once as may go, and then those behind the ones that were tried", async () => {
      const ids = await line(2);
      const pages = [ids.slice(0, 1), ids, ids];
      const { calls, ...ports } = world({}, { first: () => Promise.resolve(pages.shift() ?? []) });

      expect(await admitLow(ports, testSettings, 40, never)).to.equal(2);
      expect(calls.filter((call) => call.startsWith("first"))).to.deep.equal(["first 40", "first 40", "first 40"]);
      const few = world({}, { first: () => Promise.resolve(["line-gone"]) });
      expect(await admitLow(few, testSettings, 1, never)).to.equal(0);
      expect(few.calls).to.deep.equal(["first 25", "first 26"]);
    });

    it("are due again after two minutes when whoever admitted them died: sooner, two would call the endpoint", async () => {
      const [jobId = ""] = await line(1);
      const ports = world({}, { first: () => Promise.resolve([jobId]) });
      const change: Jobs["change"] = (id, expected, changes) =>
        changes.set.state === "INVOKING" ? Promise.reject(new Error("killed")) : jobs.change(id, expected, changes);
      const dying = { ...ports, jobs: { ...ports.jobs, change } };
      const error = await admitLow(dying, testSettings, 1, never).catch(({ message }: Error) => message);

      expect([error, ports.calls]).to.deep.equal(["killed", ["first 25", "take 1", "give"]]);
      const { turn, dueAt = "" } = (await jobs.get(jobId)) ?? {};
      expect([turn, dueAt.slice(0, 19)]).to.deep.equal([undefined, "2026-01-25T22:48:00"]);
    });

    it("are none for no place, and nobody is asked", async () => {
      for (const most of [0, -1]) {
        const { calls, ...ports } = world({});
        expect([await admitLow(ports, testSettings, most, never), calls]).to.deep.equal([0, []]);
      }
    });

    it("are none when the line is empty, which is then said: the next job need not line up", async () => {
      const { calls, ...ports } = world({});
      expect([await admitLow(ports, testSettings, 2, never), calls]).to.deep.equal([0, ["first 25", "clear"]]);
    });

    it("end where no place is free, where the time is up, and with one that the endpoint refuses", async () => {
      const ids = await line(2);
      const first = () => Promise.resolve(ids);
      const full = world({}, { first, take: () => Promise.resolve(false) });
      expect([await admitLow(full, testSettings, 2, never), full.calls]).to.deep.equal([0, ["first 25", "take 1"]]);

      const late = world({}, { first });
      expect([await admitLow(late, testSettings, 2, late.clock.now() + 1), late.calls]).to.deep.equal([0, ["first 25"]]);

      const refusing = world({}, { first });
      refusing.outcomes.push({ kind: "refused", error: codedError("THROTTLED", "busy") });
      // Its one try is at the time of its admission.
      expect([await admitLow(refusing, testSettings, 2, never), refusing.calls]).to.deep.equal([1, ["first 25", "take 1"]]);
      expect(invoked(refusing)).to.deep.equal(ids.slice(0, 1));
    });

    it("use the place that was taken for one that another has admitted, and give it back when none is left to use it", async () => {
      const ids = await line(2);
      const taking = (admitted: readonly string[]) => {
        const rest = [...admitted];
        return async () => {
          for (const jobId of rest.splice(0)) await jobs.change(jobId, { states: ["ACCEPTED"] }, { set: {}, remove: ["turn"] });
          return true;
        };
      };
      const one = world({}, { first: () => Promise.resolve(ids), take: taking(ids.slice(0, 1)) });
      // The last look is for a line that is empty now.
      expect([await admitLow(one, testSettings, 1, never), one.calls]).to.deep.equal([1, ["first 25", "take 1", "first 27"]]);
      expect(invoked(one)).to.deep.equal(ids.slice(1));

      const [last = ""] = await line(1);
      const none = world({}, { first: () => Promise.resolve([last]), take: taking([last]) });
      expect([await admitLow(none, testSettings, 1, never), none.calls]).to.deep.equal([0, ["first 25", "take 1", "first 26", "give"]]);
    });
  });

  describe("that a job of has ended", () => {
    const ended = (ports: ReturnType<typeof world>) => lowEnded(ports, testSettings)(openJob({ jobId: "ended" }));
    const after = (room: Partial<LowRoom> | undefined, isHeld = false) =>
      world({}, { give: () => Promise.resolve(room as LowRoom | undefined) }, isHeld);

    it("gives its place to two at most: one in its place, and one where a place was lost", async () => {
      const ids: string[] = [];
      for (let turn = 1; turn <= 3; turn++) ids.push((await accepted({ turn })).jobId);
      const answers = { give: () => Promise.resolve({ waiting: true, free: 1 } as LowRoom), first: () => Promise.resolve(ids) };
      const ports = world({}, answers);
      await ended(ports);

      expect([ports.calls, ports.invocations.length]).to.deep.equal([["give", "first 25", "take 1", "take 2"], 2]);
    });

    it("asks for nobody where none waits, no place is free, the fleet is emptied, or there are no priorities", async () => {
      for (const ports of [
        after({ waiting: false, free: 1 }),
        after({ waiting: true, free: 0 }),
        after({ waiting: true, free: 1 }, true),
        after(undefined),
      ]) {
        await ended(ports);
        expect([ports.calls, ports.logged]).to.deep.equal([["give"], []]);
      }
    });

    it("is ended although the next one can't be admitted, which the log says and the sweeper makes good", async () => {
      const ports = world({}, { give: () => Promise.reject(new RangeError("away")) });
      await ended(ports);

      expect(ports.logged).to.deep.equal([{ level: "warn", message: "no low job admitted", jobId: "ended", reason: "RangeError" }]);
    });
  });

  it("has the room that the sweeper has counted, but for places that were taken while it did", async () => {
    const recounted = async (free: number, before: number | undefined, invoked: number, fairBy?: string) => {
      const ports = world({ free });
      const known = before === undefined ? undefined : ({ free: before } as LowRoom);
      const most = await recountLow(ports, { backlog: 10, ...(fairBy === undefined ? {} : { fairBy }) }, known, invoked);
      const { countedAt, ...room } = JSON.parse((ports.calls[0] ?? "").replace("recount ", "")) as LowRoom;
      expect([ports.calls.length, countedAt]).to.deep.equal([1, "2026-01-25T22:46:00.000Z"]);
      return [most, room];
    };
    expect(await recounted(1, 4, 2)).to.deep.equal([5, { backlog: 10, free: 5 }]);
    expect(await recounted(4, 1, 2, "tenant")).to.deep.equal([8, { backlog: 10, fairBy: "tenant", free: 8 }]);
    expect(await recounted(0, undefined, 3)).to.deep.equal([7, { backlog: 10, free: 7 }]);
    expect(await recounted(0, 0, 12)).to.deep.equal([0, { backlog: 10, free: -2 }]);
    const fresh = world();
    expect(await recountLow(fresh, { backlog: 10 }, { free: 3 } as LowRoom, 2)).to.equal(5);
  });

  it("is ended once when priorities are taken away", async () => {
    const ending = async (room?: Partial<LowRoom>) => {
      const ports = world(room);
      await endLow(ports);
      return ports.calls;
    };
    expect(await ending({})).to.deep.equal(['recount {"backlog":0,"free":0,"countedAt":"2026-01-25T22:46:00.000Z"}']);
    expect([await ending({ backlog: 0 }), await ending()]).to.deep.equal([[], []]);
  });
});
