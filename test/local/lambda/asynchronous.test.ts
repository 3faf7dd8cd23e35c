import { createHash } from "node:crypto";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import type { CloudEvent } from "../../../local/ports";
import { ServiceError, type WireResponse } from "../../../local/wire";
import { LambdaBench } from "./support";

const noon = Date.UTC(2026, 0, 25, 12);
const queueArn = "arn:aws:sqs:eu-west-1:123456789012:dead-letters";
const topicArn = "arn:aws:sns:eu-west-1:123456789012:ends";

function changes(events: readonly CloudEvent[], name: string): string[] {
  return events.flatMap((event) => (event.kind === "function" && event.functionName === name ? [event.change] : []));
}

describe("Lambda's asynchronous invocations", () => {
  let bench: LambdaBench;
  let clock: VirtualClock;
  let sent: { QueueUrl: string; MessageBody: string }[];
  beforeEach(async () => {
    sent = [];
    clock = new VirtualClock(noon);
    bench = await LambdaBench.start(clock, {
      sqs: async ({ headers, body }): Promise<WireResponse> => {
        const input = JSON.parse(body.toString()) as { QueueUrl: string; MessageBody: string };
        if (headers["x-amz-target"] !== "AmazonSQS.SendMessage") throw new ServiceError("AccessDenied", "Lambda only sends", 403);
        if (input.QueueUrl.endsWith("/absent")) throw new ServiceError("QueueDoesNotExist", "The specified queue does not exist.");
        sent.push(input);
        const answer = { MessageId: "m-1", MD5OfMessageBody: createHash("md5").update(input.MessageBody).digest("hex") };
        return { status: 200, headers: { "Content-Type": "application/x-amz-json-1.0" }, body: JSON.stringify(answer) };
      },
      sns: async (): Promise<WireResponse> => ({
        status: 200,
        headers: { "Content-Type": "text/xml" },
        body: "<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>",
      }),
    });
  });
  afterEach(() => bench.close());

  const failing = () => async (event: { good?: boolean }) => {
    if (event.good) return "done";
    throw new Error("not today");
  };

  /** Advances to each retry as soon as it is announced, until the function was tried `tries` times. */
  async function through(name: string, tries: number): Promise<number[]> {
    const started: number[] = [];
    for (let done = 1; done <= tries; done++) {
      await bench.until((events) => changes(events, name).filter((change) => change === "failed").length === done);
      started.push(clock.now() - noon);
      if (done === tries) break;
      await bench.until((events) => changes(events, name).filter((change) => change === "retried").length === done);
      await clock.advance(done * 60_000);
    }
    return started;
  }

  it("are answered at once and run afterwards", async () => {
    await bench.deploy("later", failing);
    const answer = await bench.client.send(new InvokeCommand({ FunctionName: "later", InvocationType: "Event", Payload: '{"good":true}' }));
    await bench.until((events) => changes(events, "later").includes("succeeded"));
    expect([answer.StatusCode, answer.Payload ?? "", changes(bench.events, "later")]).to.deep.equal([202, "", ["started", "succeeded"]]);
  });

  it("are tried again after one and two minutes, and then discarded with a warning", async () => {
    const arn = await bench.deploy("doomed", failing);
    await bench.lambda.invokeFunction(arn, { job: 1 });
    expect(await through("doomed", 3)).to.deep.equal([0, 60_000, 180_000]);
    await bench.until((events) => events.some(({ kind }) => kind === "warning"));
    expect(changes(bench.events, "doomed")).to.deep.equal([
      "started",
      "failed",
      "retried",
      "started",
      "failed",
      "retried",
      "started",
      "failed",
      "discarded",
    ]);
    const [warning] = bench.events.flatMap((event) => (event.kind === "warning" ? [event.message] : []));
    expect(warning).to.match(
      /^doomed failed 3 times and has no on-failure destination; its event is discarded: \{"errorType":"Error","errorMessage":"not today"/,
    );
    expect(bench.metrics.filter(({ metricName }) => metricName === "AsyncEventsDropped").map(({ value }) => value)).to.deep.equal([1]);
  });

  it("reach the on-failure queue as the document that AWS sends", async () => {
    const arn = await bench.deploy("hopeless", failing);
    await bench.register("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "hopeless", {
      functionName: "hopeless",
      maximumRetryAttempts: 1,
      destinationConfig: { onFailure: { destination: queueArn } },
    });
    await bench.lambda.invokeFunction(arn, { job: 2 });
    await through("hopeless", 2);
    while (sent.length === 0) await new Promise(setImmediate);
    const [{ QueueUrl, MessageBody } = { QueueUrl: "", MessageBody: "{}" }] = sent;
    const document = JSON.parse(MessageBody) as { requestContext: { requestId: string }; responsePayload: { trace: unknown } };
    const [requestId] = bench.events.flatMap((event) => (event.kind === "function" ? [event.requestId] : []));
    expect({ ...document, responsePayload: { ...document.responsePayload, trace: [] }, QueueUrl }).to.deep.equal({
      version: "1.0",
      timestamp: "2026-01-25T12:01:00.000Z",
      requestContext: { requestId, functionArn: `${arn}:$LATEST`, condition: "RetriesExhausted", approximateInvokeCount: 2 },
      requestPayload: { job: 2 },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      responsePayload: { errorType: "Error", errorMessage: "not today", trace: [] },
      QueueUrl: `${bench.context.endpointUrl}/123456789012/dead-letters`,
    });
  });

  it("end early when the next try would exceed the event's greatest age", async () => {
    const arn = await bench.deploy("aged", failing);
    await bench.register("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "aged", {
      functionName: arn,
      maximumEventAgeInSeconds: 90,
      destinationConfig: { onFailure: { destination: queueArn } },
    });
    await bench.lambda.invokeFunction(arn, {});
    await through("aged", 2);
    while (sent.length === 0) await new Promise(setImmediate);
    const { requestContext } = JSON.parse(sent[0]?.MessageBody ?? "{}") as {
      requestContext: { condition: string; approximateInvokeCount: number };
    };
    expect([requestContext.condition, requestContext.approximateInvokeCount]).to.deep.equal(["EventAgeExceeded", 2]);
  });

  it("tell a topic or another function of success", async () => {
    const arn = await bench.deploy("lucky", failing);
    const follower = await bench.deploy(
      "follower",
      () => async (event: { responsePayload: string }) => console.log(`heard ${event.responsePayload}`),
    );
    const configure = (destination: string) =>
      bench.register("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "lucky", {
        functionName: "lucky",
        destinationConfig: { onSuccess: { destination } },
      });
    await configure(follower);
    await bench.lambda.invokeFunction(arn, { good: true });
    await bench.until((events) => changes(events, "follower").includes("succeeded"));
    expect(bench.logs.read("/aws/lambda/follower").filter(({ message }) => message.endsWith("heard done"))).to.have.length(1);
    await configure(topicArn);
    await bench.lambda.invokeFunction(arn, { good: true });
    while (!bench.received.some(({ service }) => service === "sns")) await new Promise(setImmediate);
    const body = new URLSearchParams(bench.received.find(({ service }) => service === "sns")?.body);
    expect([body.get("TopicArn"), (JSON.parse(body.get("Message") ?? "{}") as { responsePayload: string }).responsePayload]).to.deep.equal([
      topicArn,
      "done",
    ]);
  });

  it("warn when the destination takes nothing, instead of losing the event silently", async () => {
    const arn = await bench.deploy("misled", failing);
    await bench.register("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "misled", {
      functionName: "misled",
      maximumRetryAttempts: 0,
      destinationConfig: { onFailure: { destination: "arn:aws:sqs:eu-west-1:123456789012:absent" } },
    });
    await bench.lambda.invokeFunction(arn, {});
    await bench.until((events) => events.some(({ kind }) => kind === "warning"));
    expect(bench.events.at(-1)).to.deep.equal({
      kind: "warning",
      message:
        "misled: its RetriesExhausted document did not reach arn:aws:sqs:eu-west-1:123456789012:absent: " +
        "QueueDoesNotExist: The specified queue does not exist.",
    });
  });

  it("refuse a destination that this cloud can't reach, naming it", async () => {
    await bench.deploy("bus", failing);
    const configured = bench.register("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "bus", {
      functionName: "bus",
      destinationConfig: { onFailure: { destination: "arn:aws:events:eu-west-1:123456789012:event-bus/default" } },
    });
    expect(await configured.catch((error: Error) => error.message)).to.equal(
      'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig "bus": ' +
        "destinationConfig.onFailure.destination: the embedded cloud takes the ARN of a queue, topic or function",
    );
  });
});
