import { expect } from "chai";
import { endJob } from "../../../core/lifecycle/end";
import { lookAfter } from "../../../core/lifecycle/lookAfter";
import { nextLook } from "../../../core/lifecycle/lookTimes";
import { answerRequest } from "../../../core/lifecycle/submit";
import { answerTasks, beat, joinTask, taskFailure } from "../../../core/lifecycle/tasks";
import { codedError, codedOf } from "../../../core/records/errors";
import { openStates, type JobRecord } from "../../../core/records/job";
import type { Tasks } from "../../../core/ports";
import { openJob } from "../../../doubles/jobs";
import { suiteJobs, testPorts, testSettings, type TestPorts } from "../../support/jobPorts";

describe("tasks of workflows that wait for a job", () => {
  const jobs = suiteJobs();
  let ports: TestPorts & { tasks: Tasks };
  let said: string[];
  let settings = testSettings;
  let count = 0;

  beforeEach(() => {
    said = [];
    settings = testSettings;
    const tasks: Tasks = {
      succeed: async (token, output) => void said.push(`${token} succeeded ${JSON.stringify(output)}`),
      fail: async (token, { error }) => void said.push(`${token} failed ${error}`),
      beat: async (token) => void said.push(`${token} lives`),
    };
    ports = { ...testPorts(jobs), tasks };
  });

  const newId = () => `job-${++count}`;
  const submit = (request: object) => answerRequest(ports, settings, { input: { page: 1 }, ...request }, ports.clock.now() + 60_000);
  const end = async (jobId: string, state: "COMPLETED" | "CANCELLED" = "COMPLETED") => {
    const how =
      state === "COMPLETED"
        ? { state, outputLocation: "s3://service/output/1/result" }
        : { state, error: codedError("CANCELLED", "Stopped.") };
    return (await endJob(ports, settings, jobId, { states: openStates }, how)) as JobRecord;
  };

  it("have one job for a call that is sent twice, and another for another try", async () => {
    const [first, again, other] = [
      await submit({ taskToken: "t-1" }),
      await submit({ taskToken: "t-1" }),
      await submit({ taskToken: "t-2" }),
    ];

    expect(first.jobId).to.equal(`task-${ports.hash("t-1").slice(0, 40)}`);
    expect([again.jobId === first.jobId, other.jobId === first.jobId, ports.invocations.length]).to.deep.equal([true, false, 2]);
    expect(said).to.deep.equal([]);
  });

  it("are answered once with the job's result, and by its error's code when it has none", async () => {
    const [done, stopped] = [newId(), newId()];
    await submit({ jobId: done, taskToken: "t-done", metadata: { page: "1" } });
    await submit({ jobId: stopped, taskToken: "t-stopped" });

    const completed = await end(done);
    await answerTasks(ports.tasks, completed);
    await answerTasks(ports.tasks, await end(stopped, "CANCELLED"));

    const { createdAt: acceptedAt, endedAt: recordedAt } = completed;
    const output = {
      jobId: done,
      state: "COMPLETED",
      outputLocation: "s3://service/output/1/result",
      metadata: { page: "1" },
      timings: { acceptedAt, recordedAt },
    };
    expect(said).to.deep.equal([`t-done succeeded ${JSON.stringify(output)}`, "t-stopped failed CANCELLED"]);
  });

  it("all wait for a job that several ask for by its id, and are answered at once when it has ended", async () => {
    const jobId = newId();
    for (const taskToken of ["t-1", "t-2", "t-2", "t-3"]) await submit({ jobId, taskToken });

    const ended = await end(jobId);
    expect(ended.taskTokens).to.deep.equal(["t-1", "t-2", "t-3"]);
    expect(said).to.deep.equal([]);

    await submit({ jobId, taskToken: "t-late" });
    expect(said.map((each) => each.split(" ", 2).join(" "))).to.deep.equal(["t-late succeeded"]);
  });

  it("do not lose each other when two ask at the same moment", async () => {
    const jobId = newId();
    await submit({ jobId, taskToken: "t-0" });
    await Promise.all(["t-1", "t-2", "t-3"].map((taskToken) => submit({ jobId, taskToken })));

    expect([...((await jobs.get(jobId))?.taskTokens ?? [])].sort()).to.deep.equal(["t-0", "t-1", "t-2", "t-3"]);
  });

  it("are refused from the eleventh on, by name", async () => {
    const jobId = newId();
    for (let index = 0; index < 10; index++) await submit({ jobId, taskToken: `t-${index}` });
    const { error } = await submit({ jobId, taskToken: "t-10" });

    expect(said).to.deep.equal(["t-10 failed CONFLICT"]);
    expect(error).to.deep.equal(codedError("CONFLICT", `jobId: 10 tasks wait for job ${jobId} already`, { field: "jobId" }));
  });

  it("wait once, also when an earlier try of the same call had added them before this one has read of it", async () => {
    const job = openJob({ jobId: newId() });
    await jobs.create({ ...job, taskTokens: ["t-1"] });

    expect((await joinTask(ports, job, "t-1")).taskTokens).to.deep.equal(["t-1"]);
  });

  it("hear that a job is gone when its record was deleted meanwhile", async () => {
    const error = await joinTask(ports, openJob({ jobId: "gone" }), "t").catch(codedOf);

    expect(error).to.deep.equal(codedError("UNAVAILABLE", "The record of job gone was deleted while it was being read."));
  });

  it("fail, and do not wait for good, when a record says no error", async () => {
    const causes: unknown[] = [];
    const tasks: Tasks = {
      ...ports.tasks,
      fail: async (_, { cause }) => void causes.push((JSON.parse(cause) as { error: unknown }).error),
    };
    await answerTasks(tasks, openJob({ jobId: "bare", state: "FAILED", taskTokens: ["t"] }));
    await answerTasks(tasks, openJob({ jobId: "alone", state: "FAILED" }));

    expect(causes).to.deep.equal([codedError("INTERNAL", "Job bare is FAILED and has no error.")]);
  });

  it("hear of a request that is refused, which no answer of a function would tell them", async () => {
    await submit({ taskToken: "t-wrong", priority: "?" });
    await submit({ taskToken: "t-missing", input: undefined, inputLocation: "s3://elsewhere/x" });
    const jobId = newId();
    await submit({ jobId, taskToken: "t-first" });
    await submit({ jobId, taskToken: "t-other", input: { page: 2 } });

    expect(said).to.deep.equal(["t-wrong failed BAD_INPUT", "t-missing failed BAD_INPUT", "t-other failed CONFLICT"]);
  });

  it("fail with the function's error where the service answers no tasks: else they would wait for good", async () => {
    const { tasks: _, ...without } = ports;
    const error: unknown = await answerRequest(without, settings, { input: 1, taskToken: "t" }, 0).catch((reason: unknown) => reason);

    expect((error as Error).message).to.equal(
      "BAD_INPUT: taskToken: this service answers no tasks of Step Functions. Set workflowsEnabled for the service, and deploy it.",
    );
  });

  it("hear every five minutes that their job lives, as long as it does", async () => {
    const job = openJob({ jobId: newId(), taskTokens: ["t-1", "t-2"], submittedAt: "2026-01-25T22:00:00.000Z" });
    const hours = Date.parse("2026-01-26T02:00:00.000Z");
    expect(nextLook({ notificationsEnabled: true }, job, hours) - hours).to.equal(300_000);
    expect(nextLook({ notificationsEnabled: true }, { ...job, taskTokens: undefined }, hours) - hours).to.equal(1_800_000);

    await beat(ports.tasks, job);
    await beat(ports.tasks, { ...job, state: "COMPLETED" });
    await beat(undefined, job);
    expect(said).to.deep.equal(["t-1 lives", "t-2 lives"]);
  });

  it("are in the end that the sweeper makes of a job of which nothing is heard", async () => {
    const jobId = newId();
    settings = { ...testSettings, maxAttempts: 1 };
    await submit({ jobId, taskToken: "t-swept" });
    ports.pass(8 * 3600);
    await lookAfter(ports, { ...settings, inputPrefix: "input/" }, (await jobs.get(jobId)) as JobRecord);

    expect(ports.published.map(({ job }) => [job.jobId, job.state, job.taskTokens])).to.deep.equal([[jobId, "EXPIRED", ["t-swept"]]]);
  });

  it("get a cause that Step Functions takes, however long an error's message is", () => {
    const { error, cause } = taskFailure(codedError("MODEL_ERROR", '"'.repeat(100_000)), openJob({ jobId: "long" }));

    expect(error).to.equal("MODEL_ERROR");
    expect(cause.length).to.be.at.most(32_768);
    expect((JSON.parse(cause) as { jobId: string }).jobId).to.equal("long");
  });

  it("get the whole of a cause that is just short enough, and of a longer one the beginning of its message", () => {
    const job = openJob({ jobId: "long" });
    const causeOf = (characters: number) => {
      const { cause } = taskFailure(codedError("MODEL_ERROR", "x".repeat(characters)), job);
      return { length: cause.length, ...(JSON.parse(cause) as { jobId: string; error: { code: string; message: string } }) };
    };
    const most = 32_768 - causeOf(0).length;

    expect(causeOf(most)).to.deep.include({ length: 32_768, error: codedError("MODEL_ERROR", "x".repeat(most)) });
    expect(causeOf(most + 100)).to.deep.include({ jobId: "long", error: codedError("MODEL_ERROR", "x".repeat(most - 100)) });
  });
});
