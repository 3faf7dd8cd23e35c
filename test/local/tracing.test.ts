import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { context, propagation, trace, TraceFlags } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { TraceState, W3CTraceContextPropagator } from "@opentelemetry/core";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { redrivePorts } from "../../aws/redrive";
import { SageMakerAsyncClient } from "../../client";
import { readDeadLetter, redrive } from "../../core/handlers/deadLetter";
import { VirtualClock } from "../../local/clock";
import type { AsyncInferenceOutputs } from "../../outputs";
import { CloudUnderTest, testModel } from "../support/service";
import { passTime } from "../support/passTime";

interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
}

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const callerId = "00f067aa0ba902b7";

describe("traces in the embedded cloud", () => {
  let clock: VirtualClock;
  let cloud: CloudUnderTest;
  let outputs: AsyncInferenceOutputs;
  let client: SageMakerAsyncClient;
  let dynamodb: DynamoDBClient;
  let isDown = false;
  const received: ReceivedSpan[] = [];
  const refused: ReceivedSpan[] = [];
  let heard = () => undefined as void;
  const collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as {
        resourceSpans: { scopeSpans: { spans: ReceivedSpan[] }[] }[];
      };
      const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
      (isDown ? refused : received).push(...spans);
      response.writeHead(isDown ? 503 : request.headers.authorization === "Bearer s3cret" ? 200 : 401).end("{}");
      heard();
    });
  });

  before(async () => {
    await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
    clock = new VirtualClock(Date.UTC(2026, 0, 25, 12));
    cloud = await CloudUnderTest.start({ clock });
    const receiver = { "tracing:collector": `http://127.0.0.1:${(collector.address() as AddressInfo).port}` };
    const deployed = cloud.deployFixture("tracing", "test", { ...testModel, ...receiver });
    outputs = (await passTime(clock, deployed, 0.1)) as unknown as AsyncInferenceOutputs;
    client = new SageMakerAsyncClient({
      outputs,
      endpointUrl: cloud.cloud.endpointUrl,
      credentials: cloud.settings.credentials,
      pollIntervalSeconds: 0.1,
    });
    dynamodb = new DynamoDBClient(cloud.settings);
    // What an application's own SDK registers.
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  });
  after(async () => {
    context.disable();
    propagation.disable();
    dynamodb.destroy();
    await client.close();
    collector.close().closeAllConnections();
    await cloud.close();
  });

  /** Runs as an application does within a span of its own. */
  const within = <Result>(work: () => Promise<Result>, traceFlags = TraceFlags.SAMPLED) => {
    const traceState = new TraceState("shop=17");
    return context.with(trace.setSpanContext(context.active(), { traceId, spanId: callerId, traceFlags, traceState }), work);
  };
  const until = (holds: () => boolean, seconds = 1) =>
    passTime(
      clock,
      new Promise<void>((resolve) => {
        heard = () => void (holds() && resolve());
        heard();
      }),
      seconds,
    );

  it("reach from the application's active span through the container to the handler, and come out as one tree", async () => {
    const result = await passTime(
      clock,
      within(() => client.invoke({ model: "describe" })),
      0.2,
    );
    const { traceContext } = await client.job(result.jobId).status();
    await until(() => received.some(({ name }) => name === "handler") && received.some(({ name }) => name === "record"));

    const [root, ...others] = received.filter(({ name }) => name !== "handler").concat(received.filter(({ name }) => name === "handler"));
    const spanId = root?.spanId ?? "";
    expect([root?.name, root?.traceId, root?.parentSpanId]).to.deep.equal(["inference job", traceId, callerId]);
    expect(others.map((span) => [span.name, span.traceId, span.parentSpanId])).to.deep.equal(
      ["submit", "queue and run", "record", "handler"].map((name) => [name, traceId, spanId]),
    );
    const traceparent = `00-${traceId}-${spanId}-01`;
    expect(traceContext).to.deep.equal({ traceparent, tracestate: "shop=17" });
    const { headers } = result.data as { headers: Record<string, string> };
    expect(headers["x-amzn-sagemaker-custom-attributes"]).to.equal(`traceparent=${traceparent};tracestate=shop%3D17`);
    expect(
      cloud.events.flatMap((event) => (event.kind === "printed" && event.line.includes("printed in") ? [event.line] : [])).join(),
    ).to.include(`printed in ${traceparent}`);
  });

  it("stay out of the collector when the application does not sample them, and begin with a job that has none", async () => {
    received.length = 0;
    await passTime(
      clock,
      within(() => client.invoke({ model: "echo" }), TraceFlags.NONE),
      0.2,
    );
    await passTime(clock, client.invoke({ model: "echo" }), 0.2);
    await until(() => received.some(({ name }) => name === "handler") && received.some(({ name }) => name === "record"));

    expect(received.filter(({ parentSpanId }) => parentSpanId === undefined).map(({ name }) => name)).to.deep.equal(["inference job"]);
    expect(received.filter((span) => span.traceId === traceId)).to.deep.equal([]);
  });

  it("wait among the dead letters for a collector that is down, and cost no job its end", async () => {
    received.length = 0;
    isDown = true;
    const { success } = await passTime(
      clock,
      within(() => client.invoke({ model: "echo" })),
      0.2,
    );
    const bodies = await passTime(clock, Promise.all([1, 2].map(() => cloud.receive(outputs.deadLetterQueueUrl))), 2);
    isDown = false;
    const { lambda, sns, sqs } = cloud;
    const ports = redrivePorts({ lambda, sns, sqs, dynamodb, tableName: outputs.jobTableName, topicArn: outputs.jobsTopicArn });
    for (const body of bodies) await redrive(ports, readDeadLetter(body));
    await until(() => received.length === 5);

    expect(success).to.equal(true);
    // Three tries each, of the same spans.
    expect(refused.length).to.equal(3 * 5);
    expect(new Set(refused.map(({ spanId }) => spanId))).to.deep.equal(new Set(received.map(({ spanId }) => spanId)));
  });
});
