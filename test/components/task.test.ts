import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import type { AsyncInferenceArgs } from "../../components/args";
import { AsyncInference } from "../../components/asyncInference";
import type { TaskRequest, TaskState } from "../../components/task";
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
