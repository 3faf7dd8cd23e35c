import type { Span } from "./spans";

/** What tells the service from others in a tracing system: https://opentelemetry.io/docs/specs/semconv/resource/ */
export type Resource = Readonly<Record<string, string>>;

/** What the answer to an export says was not taken. */
export interface Rejected {
  spans: number;
  reason: string;
}

const scope = { name: "sagemaker-async-inference" };

/** https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto */
const kinds = { internal: 1, consumer: 5 };
const errorStatus = 2;
const sampledFlag = 0x01;
/** The next one says whether the parent is another service's. */
const knowsParentFlag = 0x100;
const remoteParentFlag = 0x200;

/** ExportTraceServiceRequest in OTLP's JSON. https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
export function exportRequest(resource: Resource, spans: readonly Span[]): object {
  return {
    resourceSpans: [
      { resource: { attributes: attributesOf(resource), droppedAttributesCount: 0 }, scopeSpans: [{ scope, spans: spans.map(spanOf) }] },
    ],
  };
}

function spanOf({ traceId, spanId, parentSpanId, tracestate, hasRemoteParent, name, kind, attributes, error, ...times }: Span): object {
  return {
    traceId,
    spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    ...(tracestate === undefined ? {} : { traceState: tracestate }),
    name,
    kind: kinds[kind],
    // Milliseconds as nanoseconds, in the decimal digits that JSON has for 64 bits.
    startTimeUnixNano: `${times.startedAt}000000`,
    endTimeUnixNano: `${times.endedAt}000000`,
    attributes: attributesOf(attributes),
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    status: error === undefined ? { code: 0 } : { code: errorStatus, message: error },
    links: [],
    droppedLinksCount: 0,
    flags: sampledFlag | knowsParentFlag | (hasRemoteParent ? remoteParentFlag : 0),
  };
}

function attributesOf(attributes: Readonly<Record<string, string | number | boolean>>): object[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === "string" ? { stringValue: value } : typeof value === "boolean" ? { boolValue: value } : { intValue: value },
  }));
}

/** What an answer of 200 says was not taken: https://opentelemetry.io/docs/specs/otlp/#partial-success. Undefined: all was, or it does not say. */
export function rejectedIn(answer: string): Rejected | undefined {
  let read: { partialSuccess?: { rejectedSpans?: unknown; errorMessage?: unknown } } | null;
  try {
    read = JSON.parse(answer) as typeof read;
  } catch {
    return undefined;
  }
  const { rejectedSpans = 0, errorMessage = "" } = read?.partialSuccess ?? {};
  const spans = Number(rejectedSpans);
  const reason = typeof errorMessage === "string" ? errorMessage.slice(0, 500) : "";
  return spans > 0 || reason !== "" ? { spans, reason } : undefined;
}
