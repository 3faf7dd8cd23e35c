import { createHash } from "node:crypto";
import { SpanKind, SpanStatusCode, TraceFlags, type HrTime } from "@opentelemetry/api";
import { TraceState } from "@opentelemetry/core";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { expect } from "chai";
import { codedError } from "../../../core/records/errors";
import type { JobRecord } from "../../../core/records/job";
import { exportRequest, rejectedIn } from "../../../core/tracing/otlp";
import { handlerSpan, spansOf, type Span } from "../../../core/tracing/spans";
import { openJob } from "../../../doubles/jobs";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "b7ad6b7169203331";
const parentSpanId = "00f067aa0ba902b7";
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 25, 22, 46, seconds)).toISOString();
const hash = (text: string) => createHash("sha256").update(text).digest("hex");

const ended = (more: Partial<JobRecord> = {}): JobRecord =>
  openJob({
    jobId: "order-17",
    state: "COMPLETED",
    createdAt: at(0),
    invokingAt: at(1),
    submittedAt: at(2),
    receivedAt: at(2),
    finishedAt: at(30),
    endedAt: at(31),
    inputBytes: 5,
    outputBytes: 7,
    traceContext: { traceparent: `00-${traceId}-${spanId}-01`, tracestate: "a=b" },
    spanId,
    parentSpanId,
    ...more,
  });
const seconds = (time: number) => (time - Date.parse(at(0))) / 1000;
const times = (spans: readonly Span[]) => spans.map(({ name, startedAt, endedAt }) => [name, seconds(startedAt), seconds(endedAt)]);

describe("the spans of a job", () => {
  it("are its own below the caller's, and a step each below that, without a gap", () => {
    const spans = spansOf(ended(), hash);

    expect(times(spans)).to.deep.equal([
      ["inference job", 0, 31],
      ["submit", 0, 2],
      ["queue and run", 2, 30],
      ["record", 30, 31],
    ]);
    expect(spans.map((span) => [span.spanId, span.parentSpanId])).to.deep.equal([
      [spanId, parentSpanId],
      ...["submit", "queue and run", "record"].map((name) => [hash(`${spanId}/${name}`).slice(0, 16), spanId]),
    ]);
    expect(spans.map(({ hasRemoteParent }) => hasRemoteParent)).to.deep.equal([true, false, false, false]);
    expect(spans[0]?.attributes).to.deep.equal({
      "async_inference.job.id": "order-17",
      "async_inference.job.state": "COMPLETED",
      "aws.sagemaker.endpoint.name": "ocr",
      "async_inference.attempt": 1,
      "async_inference.input.bytes": 5,
      "async_inference.output.bytes": 7,
      "async_inference.input.content_type": "application/json",
    });
  });

  it("tell storing apart where the result's date, which S3 tells to the second, lets them, and say what each covers", () => {
    const steps = (more: Partial<JobRecord>) =>
      spansOf(ended(more), hash).flatMap(({ name, startedAt, endedAt, attributes }) => {
        const covers = attributes["async_inference.covers"];
        return covers === undefined ? [] : [[name, seconds(startedAt), seconds(endedAt), covers]];
      });

    expect(steps({ storedAt: at(25) })).to.deep.equal([
      ["queue and run", 2, 25, "queue, run"],
      ["store", 25, 30, "store"],
    ]);
    const together = [["queue and run", 2, 30, "queue, run, store"]];
    // Less than a second, nothing that was dated, and a date before SageMaker had the request: another clock's, or rounded down.
    expect(steps({ storedAt: at(30) })).to.deep.equal(together);
    expect(steps({})).to.deep.equal(together);
    expect(steps({ storedAt: at(2) })).to.deep.equal(together);
    expect(steps({ state: "FAILED" })).to.deep.equal([["queue and run", 2, 30, "queue, run"]]);
  });

  it("are the same for the same record: an export that is sent again adds none", () => {
    expect(spansOf(ended(), hash)).to.deep.equal(spansOf(ended(), hash));
  });

  it("say how a job ended without a result, by the error's code and never by what the model said", () => {
    const error = codedError("MODEL_ERROR", "patient Jane Doe can't be read");
    const of = (more: Partial<JobRecord>) => spansOf(ended(more), hash).map((span) => [span.error, span.attributes["error.type"]]);

    expect(of({ state: "FAILED", error })[0]).to.deep.equal(["MODEL_ERROR", "MODEL_ERROR"]);
    expect(of({ state: "CANCELLED", error: codedError("CANCELLED", "") })[0]).to.deep.equal([undefined, "CANCELLED"]);
    expect(of({ state: "EXPIRED" })[0]).to.deep.equal(["EXPIRED", undefined]);
    expect(JSON.stringify(spansOf(ended({ state: "FAILED", error, metadata: { patient: "Jane Doe" } }), hash))).to.not.include("Jane");
  });

  it("have what a job waited for before its newest attempt apart from its submission", () => {
    const expected = [
      ["inference job", 0, 31],
      ["wait", 0, 1],
      ["submit", 1, 2],
      ["queue and run", 2, 30],
      ["record", 30, 31],
    ];
    expect(times(spansOf(ended({ attempt: 2 }), hash))).to.deep.equal(expected);
    expect(times(spansOf(ended({ priority: "low" }), hash))).to.deep.equal(expected);
  });

  it("end with the job that SageMaker never took, or never spoke of again", () => {
    const { submittedAt: _, receivedAt: __, finishedAt: ___, ...never } = ended({ state: "FAILED" });
    expect(times(spansOf(never, hash))).to.deep.equal([
      ["inference job", 0, 31],
      ["submit", 0, 31],
    ]);
    const { finishedAt: ____, ...silent } = ended({ state: "EXPIRED" });
    expect(times(spansOf(silent, hash)).slice(1)).to.deep.equal([
      ["submit", 0, 2],
      ["queue and run", 2, 31],
    ]);
  });

  it("never run backwards, however far the clocks of caller, service and function are apart", () => {
    expect(times(spansOf(ended({ submittedAt: at(40), finishedAt: at(20), endedAt: at(10) }), hash))).to.deep.equal([
      ["inference job", 0, 40],
      ["submit", 0, 40],
      ["queue and run", 40, 40],
      ["record", 40, 40],
    ]);
  });

  it("are none where nobody wants them: not sampled, a service that exported none when the job came, not ended", () => {
    const { spanId: _, ...before } = ended();
    const unsampled = ended({ traceContext: { traceparent: `00-${traceId}-${spanId}-00` } });
    for (const job of [before, unsampled, ended({ state: "SUBMITTED" })]) expect(spansOf(job, hash)).to.deep.equal([]);
  });
});

describe("a span of a handler's run", () => {
  const run = { job: ended(), handlerName: "shop/prod/store", spanId: "c".repeat(16), startedAt: 1000, endedAt: 1500 };

  it("is below the job's own", () => {
    expect(handlerSpan({ ...run, error: "TypeError" })).to.deep.equal({
      traceId,
      tracestate: "a=b",
      spanId: "c".repeat(16),
      parentSpanId: spanId,
      hasRemoteParent: false,
      name: "handler",
      kind: "consumer",
      startedAt: 1000,
      endedAt: 1500,
      attributes: { "async_inference.job.id": "order-17", "async_inference.handler.name": "shop/prod/store", "error.type": "TypeError" },
      error: "TypeError",
    });
  });

  it("is none of a job that is not traced", () => {
    const { spanId: _, ...job } = ended();
    expect(handlerSpan({ ...run, job })).to.equal(undefined);
  });
});

const resource = { "service.name": "ocr", "cloud.region": "eu-west-1" };
const sdkResource = { attributes: resource };
const instrumentationScope = { name: "sagemaker-async-inference" };

/** The same span as OpenTelemetry's SDK has it. */
function asReadable(span: Span): never {
  const time = (milliseconds: number): HrTime => [Math.floor(milliseconds / 1000), (milliseconds % 1000) * 1_000_000];
  const place = { traceId: span.traceId, traceFlags: TraceFlags.SAMPLED };
  return {
    name: span.name,
    kind: span.kind === "consumer" ? SpanKind.CONSUMER : SpanKind.INTERNAL,
    spanContext: () => ({ ...place, spanId: span.spanId, ...(span.tracestate && { traceState: new TraceState(span.tracestate) }) }),
    ...(span.parentSpanId !== undefined && { parentSpanContext: { ...place, spanId: span.parentSpanId, isRemote: span.hasRemoteParent } }),
    startTime: time(span.startedAt),
    endTime: time(span.endedAt),
    status: span.error === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: span.error },
    attributes: span.attributes,
    links: [],
    events: [],
    duration: [0, 0],
    ended: true,
    resource: sdkResource,
    instrumentationScope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  } as never;
}

describe("OTLP in JSON", () => {
  for (const [what, job] of Object.entries({
    "below a caller's span": ended(),
    "that begins its trace": { ...ended(), parentSpanId: undefined as never },
    "without a tracestate": ended({ traceContext: { traceparent: `00-${traceId}-${spanId}-01` } }),
    "that failed": ended({ state: "FAILED", error: codedError("MODEL_ERROR", "x") }),
  })) {
    it(`is what OpenTelemetry's own exporter sends for a job ${what}: another form is refused, or lost without a word`, () => {
      const spans = spansOf(job, hash);
      const official = JsonTraceSerializer.serializeRequest(spans.map(asReadable));

      expect(exportRequest(resource, spans)).to.deep.equal(JSON.parse(new TextDecoder().decode(official)));
    });
  }

  it("has yes and no as such among the attributes", () => {
    const spans = spansOf(ended(), hash).map((span) => ({ ...span, attributes: { "a.flag": true } }));
    const official = JsonTraceSerializer.serializeRequest(spans.map(asReadable));

    expect(exportRequest(resource, spans)).to.deep.equal(JSON.parse(new TextDecoder().decode(official)));
  });

  it("tells what an answer says was not taken, and reads none into what says nothing", () => {
    expect(rejectedIn('{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}')).to.deep.equal({ spans: 2, reason: "too old" });
    expect(rejectedIn('{"partialSuccess":{"errorMessage":"soon gone"}}')).to.deep.equal({ spans: 0, reason: "soon gone" });
    expect(rejectedIn('{"partialSuccess":{"rejectedSpans":1}}')).to.deep.equal({ spans: 1, reason: "" });
    const answers = ["x".repeat(501), 7].map((errorMessage) => JSON.stringify({ partialSuccess: { rejectedSpans: 1, errorMessage } }));
    expect(answers.map((each) => rejectedIn(each)?.reason)).to.deep.equal(["x".repeat(500), ""]);
    for (const answer of ["", "{}", "null", '{"partialSuccess":{}}', "<html>"]) expect(rejectedIn(answer)).to.equal(undefined);
  });
});
