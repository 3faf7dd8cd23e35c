import { isTerminal, type JobRecord } from "../records/job";
import { isTraced, readTraceparent } from "./traceContext";

/** How a span stands to what it was called by. https://opentelemetry.io/docs/specs/otel/trace/api/#spankind */
export type SpanKind = "internal" | "consumer";

/** One step of a job, as tracing systems show it. */
export interface Span {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits. */
  spanId: string;
  parentSpanId: string | undefined;
  /** Whether the parent is another service's. */
  hasRemoteParent: boolean;
  tracestate: string | undefined;
  name: string;
  kind: SpanKind;
  /** Milliseconds since the epoch. */
  startedAt: number;
  endedAt: number;
  attributes: Record<string, string | number | boolean>;
  /** What went wrong, in a word; undefined: nothing. */
  error: string | undefined;
}

/** A run of a user's handler, as the function that ran it says it. */
export interface HandlerRun {
  job: Pick<JobRecord, "jobId" | "traceContext" | "spanId">;
  handlerName: string;
  /** 16 hexadecimal digits. */
  spanId: string;
  startedAt: number;
  endedAt: number;
  /** Name of what it threw. */
  error?: string;
}

type Place = Pick<Span, "traceId" | "tracestate">;

/**
 * The spans of a job that has ended, its own first; none of a job that is not traced. The same record gives the same spans with the same ids:
 * one that is exported twice is one span.
 *
 * SageMaker says when it received a request and when it had stored the result, and nothing in between; S3 dates the result to the second.
 * So waiting and running are one span, below which a container's own spans are the run, and storing is one where it took long enough to be
 * told apart. Spans say which steps they cover.
 *
 * @param hash SHA-256 in hexadecimal digits
 */
export function spansOf(job: JobRecord, hash: (text: string) => string): Span[] {
  const trace = readTraceparent(job.traceContext?.traceparent);
  const { spanId } = job;
  if (!isTerminal(job.state) || !isTraced(job) || trace === undefined || spanId === undefined) return [];
  const place: Place = { traceId: trace.traceId, tracestate: job.traceContext?.tracestate };
  const steps = stepsOf(job).map(({ name, startedAt, endedAt, covers }): Span => ({
    ...place,
    spanId: hash(`${spanId}/${name}`).slice(0, 16),
    parentSpanId: spanId,
    hasRemoteParent: false,
    name,
    kind: "internal",
    startedAt,
    endedAt,
    attributes: covers === undefined ? {} : { ...attemptOf(job), "async_inference.covers": covers },
    error: undefined,
  }));
  return [{ ...place, spanId, ...whole(job, steps) }, ...steps];
}

function whole(job: JobRecord, steps: readonly Pick<Span, "endedAt">[]): Omit<Span, "traceId" | "tracestate" | "spanId"> {
  const { jobId, state, endpointName, error, inputBytes, outputBytes, contentType } = job;
  const sizes = { "async_inference.input.bytes": inputBytes, "async_inference.output.bytes": outputBytes };
  const known = { ...sizes, "async_inference.input.content_type": contentType, "error.type": error?.code };
  return {
    parentSpanId: job.parentSpanId,
    hasRemoteParent: job.parentSpanId !== undefined,
    name: "inference job",
    kind: "consumer",
    startedAt: Date.parse(job.createdAt),
    endedAt: Math.max(Date.parse(job.createdAt), ...steps.map(({ endedAt }) => endedAt)),
    attributes: {
      "async_inference.job.id": jobId,
      "async_inference.job.state": state,
      "aws.sagemaker.endpoint.name": endpointName,
      ...attemptOf(job),
      ...(Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) as Span["attributes"]),
    },
    // Cancelled is what somebody asked for.
    error: state === "FAILED" || state === "EXPIRED" ? (error?.code ?? state) : undefined,
  };
}

function attemptOf({ attempt }: JobRecord): Span["attributes"] {
  return attempt === undefined ? {} : { "async_inference.attempt": attempt };
}

interface Step {
  name: string;
  startedAt: number;
  endedAt: number;
  /** The steps of the service that it can't be told of which of them it is. */
  covers: string | undefined;
}

/** What S3 tells the time of an object to. */
const storedMilliseconds = 1000;

/** Where a job's time went, each step beginning where the one before it ended: clocks of three machines take no job back in time. */
function stepsOf(job: JobRecord): Step[] {
  const steps: Step[] = [];
  let startedAt = Date.parse(job.createdAt);
  const until = (name: string, time: string | undefined, covers?: string) => {
    if (time === undefined) return;
    const endedAt = Math.max(startedAt, Date.parse(time));
    steps.push({ name, startedAt, endedAt, covers });
    startedAt = endedAt;
  };
  const { attempt = 1, priority, invokingAt, submittedAt, storedAt, finishedAt, endedAt } = job;
  const taken = submittedAt ?? job.receivedAt;
  // What a job of low priority waits for, or one that is invoked again, is no part of its submission.
  if (priority === "low" || attempt > 1) until("wait", invokingAt);
  until("submit", taken ?? endedAt);
  if (taken === undefined) return steps;
  const storing = Date.parse(finishedAt ?? "") - Date.parse(storedAt ?? "");
  if (storing >= storedMilliseconds && Date.parse(storedAt ?? "") > startedAt) {
    until("queue and run", storedAt, "queue, run");
    until("store", finishedAt, "store");
  } else until("queue and run", finishedAt ?? endedAt, job.state === "COMPLETED" ? "queue, run, store" : "queue, run");
  if (finishedAt !== undefined) until("record", endedAt);
  return steps;
}

/** The span of a handler's run; undefined when its job is not traced. */
export function handlerSpan({ job, handlerName, spanId, startedAt, endedAt, error }: HandlerRun): Span | undefined {
  const trace = readTraceparent(job.traceContext?.traceparent);
  if (trace === undefined || !isTraced(job)) return undefined;
  return {
    traceId: trace.traceId,
    tracestate: job.traceContext?.tracestate,
    spanId,
    parentSpanId: job.spanId,
    hasRemoteParent: false,
    name: "handler",
    kind: "consumer",
    startedAt,
    endedAt: Math.max(startedAt, endedAt),
    attributes: { "async_inference.job.id": job.jobId, "async_inference.handler.name": handlerName, ...(error && { "error.type": error }) },
    error,
  };
}
