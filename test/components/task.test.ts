import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import type { AsyncInferenceArgs } from "../../components/args";
import { AsyncInference } from "../../components/asyncInference";
import { task, type TaskRequest, type TaskState } from "../../components/task";
import { deploy } from "../../doubles/deploy";

const stateOf = async (request: TaskRequest, state?: TaskState, args: AsyncInferenceArgs = {}) => {
  const program = () => ({ state: new AsyncInference("ocr", { image: "ocr:1", workflowsEnabled: true, ...args }).task(request, state) });
  return (await deploy(program)).outputs["state"] as Record<string, unknown>;
};
const problemsOf = (request: TaskRequest, state?: TaskState, args?: AsyncInferenceArgs) =>
  stateOf(request, state, args).then(
    () => expect.fail("was accepted"),
    (error: unknown) => (error as Error).message.split("\n").map((line) => line.trim()),
  );

describe("a task of a workflow", () => {
  it("is a state that hands its token to the submit function, and outlasts all that the service does for a job", async () => {
    const { Retry, ...state } = await stateOf({ "input.$": "$.page", metadata: { tenant: "acme" } });

    expect(state).to.deep.equal({
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
      Parameters: {
        FunctionName: "arn:aws:lambda:eu-west-1:123456789012:function:ocr-submit-0a1b2c3",
        Payload: { "input.$": "$.page", metadata: { tenant: "acme" }, "taskToken.$": "$$.Task.Token" },
      },
      // Three attempts, each with its time to live, its timeout and 20 minutes; and an hour.
      TimeoutSeconds: 3 * (21_600 + 3600 + 1200) + 3600,
      HeartbeatSeconds: 1800,
      End: true,
    });
    const retried = (Retry as { ErrorEquals: string[] }[]).flatMap(({ ErrorEquals }) => ErrorEquals);
    expect(retried.slice(0, 4)).to.deep.equal(["LIMIT", "CAPACITY", "THROTTLED", "UNAVAILABLE"]);
    expect(retried).to.not.include.members(["MODEL_ERROR"]);
  });

  it("has the times of its own job, the longest where only the workflow knows them", async () => {
    const request = { input: 1, requestTtlSeconds: pulumi.output(60), invocationTimeoutSeconds: 30 };
    const { TimeoutSeconds } = await stateOf(request, {}, { maxAttempts: 1 });
    const { TimeoutSeconds: unknown } = await stateOf(
      { input: 1, "requestTtlSeconds.$": "$.ttl", invocationTimeoutSeconds: 30 },
      {},
      { maxAttempts: 1, requestTtlSeconds: 120 },
    );

    expect([TimeoutSeconds, unknown]).to.deep.equal([60 + 30 + 1200 + 3600, 21_600 + 30 + 1200 + 3600]);
  });

  it("says for how long a job of low priority may wait, and expects no sign of life of it: it would be given up after half an hour", async () => {
    const request = { input: 1, priority: "low" } as const;
    const args = { maxAttempts: 1, requestTtlSeconds: 60, invocationTimeoutSeconds: 30 };
    const state = await stateOf(request, { TimeoutSeconds: 86_400 }, args);

    expect([state["TimeoutSeconds"], "HeartbeatSeconds" in state]).to.deep.equal([86_400, false]);
    const nothing =
      'got nothing, expected how many seconds the job may wait and run, with priority "low", or one that only the workflow knows';
    const given = 'got one with priority "low", or one that only the workflow knows: a job that waits gives no sign of life; remove it';
    expect(await problemsOf({ input: 1, "priority.$": "$.p" }, { HeartbeatSeconds: 900 }, args)).to.deep.equal([
      "A task can't be set up:",
      `TimeoutSeconds: ${nothing}`,
      `HeartbeatSeconds: ${given}`,
    ]);
    const short = "got 4889, expected a whole number from 4890, which the service needs for a job, to 31536000";
    expect(await problemsOf(request, { TimeoutSeconds: 4889 }, args)).to.deep.equal([
      "A task can't be set up:",
      `TimeoutSeconds: ${short}`,
    ]);
    expect((await stateOf({ input: 1, priority: "normal" }, {}, args))["HeartbeatSeconds"]).to.equal(1800);
  });

  it("takes the state's own fields, and tries by the user's rules first", async () => {
    const Catch = [{ ErrorEquals: ["MODEL_ERROR"], Next: "Skip" }];
    const mine = { ErrorEquals: ["EXPIRED"], MaxAttempts: 1 };
    const state = await stateOf({ input: 1 }, { Next: "Join", Catch, Retry: [mine], ResultPath: null, HeartbeatSeconds: 900 });

    expect([
      state["Next"],
      state["End"],
      state["Catch"],
      state["ResultPath"],
      state["HeartbeatSeconds"],
      (state["Retry"] as object[])[0],
    ]).to.deep.equal(["Join", undefined, Catch, null, 900, mine]);
  });

  it("is refused with all that is wrong with it, before anything is deployed", async () => {
    const request = { "page.$": "$.page", inputLocation: "s3://b/k", "input.$": "page", jobId: "a", "jobId.$": "$.id" } as TaskRequest;

    expect(await problemsOf(request, { HeartbeatSeconds: 60, Timeout: 5 } as TaskState)).to.deep.equal([
      "A task can't be set up:",
      "page.$: is not a field of a task's request, expected one of accept, contentType, customAttributes, input, inputBase64, inputLocation, " +
        "invocationTimeoutSeconds, jobId, metadata, onDoubt, priority, requestTtlSeconds, traceContext, each also with .$ and a path",
      "input: got inputLocation and input, expected exactly one of input, inputBase64 and inputLocation",
      "jobId.$: got one together with jobId, expected one of both",
      'input.$: got "page", expected a path such as $.page, or an intrinsic function',
      "Timeout: is not for a task to set, expected one of Next, Retry, Catch, InputPath, ResultSelector, ResultPath, OutputPath, Comment, TimeoutSeconds, HeartbeatSeconds",
      "HeartbeatSeconds: got 60, expected a whole number from 900 to 86400",
    ]);
  });

  it("needs workflowsEnabled, without which nobody would answer it", async () => {
    expect(await problemsOf({ input: 1 }, {}, { workflowsEnabled: false })).to.deep.equal([
      'A task of asynchronous inference "ocr" can\'t be set up:',
      "workflowsEnabled: got false, expected true: without it no task would ever be answered",
    ]);
  });
});

describe("a task of another project's workflow", () => {
  const service = {
    partition: pulumi.output("aws-cn"),
    submitFunctionArn: pulumi.output("arn:aws-cn:lambda:cn-north-1:123456789012:function:ocr-submit"),
    maxAttempts: pulumi.output(1),
    requestTtlSeconds: pulumi.output(60),
    invocationTimeoutSeconds: pulumi.output(30),
  };
  const made = async (request: TaskRequest, state?: TaskState) =>
    (await deploy(() => ({ state: task(service, request, state) }))).outputs["state"] as Record<string, unknown>;
  const problems = (request: TaskRequest, state?: TaskState) =>
    made(request, state).then(
      () => [],
      (error: unknown) => (error as Error).message.split("\n  ").slice(1),
    );

  it("tries again after refusals that pass and after Lambda's own errors, ever slower and not all at once", async () => {
    const { Resource, Retry } = await made({ input: 1 });

    expect(Resource).to.equal("arn:aws-cn:states:::lambda:invoke.waitForTaskToken");
    expect(Retry).to.deep.equal([
      {
        ErrorEquals: ["LIMIT", "CAPACITY"],
        IntervalSeconds: 60,
        MaxAttempts: 20,
        BackoffRate: 2,
        MaxDelaySeconds: 900,
        JitterStrategy: "FULL",
      },
      {
        ErrorEquals: [
          "THROTTLED",
          "UNAVAILABLE",
          "Lambda.ClientExecutionTimeoutException",
          "Lambda.ServiceException",
          "Lambda.AWSLambdaException",
          "Lambda.SdkClientException",
          "Lambda.TooManyRequestsException",
        ],
        IntervalSeconds: 2,
        MaxAttempts: 6,
        BackoffRate: 2,
        JitterStrategy: "FULL",
      },
    ]);
  });

  it("outlasts a job whose timeout only the workflow knows: given up earlier, it would run for nobody", async () => {
    const { TimeoutSeconds } = await made({ input: 1, "invocationTimeoutSeconds.$": "$.seconds" });

    expect(TimeoutSeconds).to.equal(60 + 3600 + 1200 + 3600);
  });

  it("takes every field of a state that is its user's to say, and leaves out what is undefined", async () => {
    const own = { InputPath: "$.a", ResultSelector: { "id.$": "$.jobId" }, ResultPath: "$.b", OutputPath: "$.b", Comment: "reads" };
    const state = await made({ input: 1 }, { ...own, TimeoutSeconds: 31_536_000, Catch: undefined });

    expect(Object.keys(state).sort()).to.deep.equal(
      ["Type", "Resource", "Parameters", "TimeoutSeconds", "HeartbeatSeconds", "Retry", "End", ...Object.keys(own)].sort(),
    );
    expect(state).to.include({ InputPath: "$.a", ResultPath: "$.b", OutputPath: "$.b", Comment: "reads", TimeoutSeconds: 31_536_000 });
    expect(state["ResultSelector"]).to.deep.equal({ "id.$": "$.jobId" });
  });

  it("takes times up to their bounds, and refuses the next ones and fractions", async () => {
    const heartbeat = async (HeartbeatSeconds: number) => (await problems({ input: 1 }, { HeartbeatSeconds })).length;
    const timeout = async (TimeoutSeconds: number) => (await problems({ input: 1 }, { TimeoutSeconds })).length;

    expect(await Promise.all([900, 86_400].map(heartbeat))).to.deep.equal([0, 0]);
    expect(await Promise.all([899, 86_401, 900.5].map(heartbeat))).to.deep.equal([1, 1, 1]);
    expect(await Promise.all([4890, 31_536_000].map(timeout))).to.deep.equal([0, 0]);
    expect(await Promise.all([4889, 31_536_001, 4890.5].map(timeout))).to.deep.equal([1, 1, 1]);
  });

  it("is given an input, and paths or intrinsic functions where it says that there are some", async () => {
    const expected = "expected exactly one of input, inputBase64 and inputLocation";
    const path = "expected a path such as $.page, or an intrinsic function";

    expect(await problems({})).to.deep.equal([`input: got none, ${expected}`]);
    expect(await problems({ input: 1, "inputBase64.$": "$.a" })).to.deep.equal([`input: got input and inputBase64, ${expected}`]);
    expect(await problems({ inputBase64: "YQ==" })).to.deep.equal([]);
    expect(await problems({ "inputLocation.$": "States.Format('s3://b/{}', $.key)" })).to.deep.equal([]);
    for (const wrong of ["page$", "a.States.Format()", 1, ["$.page"]] as string[])
      expect(await problems({ "input.$": wrong })).to.deep.equal([`input.$: got ${JSON.stringify(wrong)}, ${path}`]);
    for (const typo of ["inputs", "myinput"]) expect((await problems({ [typo]: 1 }))[1], typo).to.equal(`input: got none, ${expected}`);
  });

  it("may be of low priority when that is known only later, and then has to say for how long", async () => {
    const priority = pulumi.output("normal" as const);

    expect(await problems({ input: 1, priority })).to.deep.equal([
      'TimeoutSeconds: got nothing, expected how many seconds the job may wait and run, with priority "low", or one that only the workflow knows',
    ]);
    expect(await made({ input: 1, priority }, { TimeoutSeconds: 4890 })).to.not.have.property("HeartbeatSeconds");
  });
});
