import type { JobRecord } from "../records/job";
import type { JobPorts } from "../ports";
import { requestBounds } from "../messages/request";

/** A place in a trace, in the words of W3C Trace Context. https://www.w3.org/TR/trace-context/ */
export interface TraceContext {
  /** `00-<trace id>-<span id>-<flags>`, in lower-case hexadecimal digits. */
  traceparent?: string;
  /** What tracing systems add of their own: `vendor=value`, separated by commas. */
  tracestate?: string;
}

/** What a record says of its job's trace. */
export type JobTrace = Pick<JobRecord, "traceContext" | "spanId" | "parentSpanId">;

const versionOfToday = "00";
const traceparentPattern = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const memberPattern = /^[a-z\d][a-z\d_\-*/@]{0,255}=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/;
const mostMembers = 32;
/** What every tracing system hands on at least. */
const tracestateCharacters = 512;

/** The parts of a traceparent; undefined for what is none. */
export function readTraceparent(text: string | undefined): { traceId: string; spanId: string; isSampled: boolean } | undefined {
  const [, version, traceId = "", spanId = "", flags = "", more] = traceparentPattern.exec(text?.trim() ?? "") ?? [];
  if (version === undefined || version === "ff" || (version === versionOfToday && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, isSampled: (parseInt(flags, 16) & 1) === 1 };
}

/** What of a tracestate can be handed on: whole members, as many as fit; undefined for none, or when one is not valid. */
function readTracestate(text = ""): string | undefined {
  const members = text
    .split(",")
    .map((member) => member.trim())
    .filter((member) => member !== "");
  if (members.length > mostMembers || !members.every((member) => memberPattern.test(member))) return undefined;
  while (members.join().length > tracestateCharacters) members.pop();
  return members.length === 0 ? undefined : members.join();
}

function traceparentOf(traceId: string, spanId: string, isSampled: boolean): string {
  return `${versionOfToday}-${traceId}-${spanId}-${isSampled ? "01" : "00"}`;
}

/**
 * The trace that a new job belongs to. A context that is not valid is dropped, as W3C has it, and so is its tracestate.
 *
 * @param given the caller's
 * @param samplePercent share of the jobs without a trace of their caller's whose spans are exported; undefined: the service exports none, and
 * hands the caller's context on as it is
 */
export function traceOf(
  { randomBytes, log }: Pick<JobPorts, "randomBytes" | "log">,
  jobId: string,
  given: TraceContext | undefined,
  samplePercent: number | undefined,
): JobTrace {
  const caller = readTraceparent(given?.traceparent);
  if (given?.traceparent !== undefined && caller === undefined) {
    log({ level: "warn", message: "trace context not valid", jobId, code: "BAD_INPUT", field: "traceContext.traceparent" });
  }
  const tracestate = caller && readTracestate(given?.tracestate);
  const state = tracestate === undefined ? {} : { tracestate };
  if (samplePercent === undefined) {
    return caller ? { traceContext: { traceparent: traceparentOf(caller.traceId, caller.spanId, caller.isSampled), ...state } } : {};
  }
  const spanId = hex(randomBytes, 8);
  const isSampled = caller?.isSampled ?? drawn(randomBytes) < samplePercent;
  return {
    traceContext: { traceparent: traceparentOf(caller?.traceId ?? hex(randomBytes, 16), spanId, isSampled), ...state },
    spanId,
    ...(caller && { parentSpanId: caller.spanId }),
  };
}

function hex(randomBytes: JobPorts["randomBytes"], count: number): string {
  return Buffer.from(randomBytes(count)).toString("hex");
}

/** A number from 0 to less than 100. */
function drawn(randomBytes: JobPorts["randomBytes"]): number {
  const [high = 0, low = 0] = randomBytes(2);
  return ((high * 256 + low) * 100) / 65_536;
}

/** Whether the spans of a job are to be exported: its service does that, and whoever began the trace wants it. */
export function isTraced({ spanId, traceContext }: JobTrace): boolean {
  return spanId !== undefined && readTraceparent(traceContext?.traceparent)?.isSampled === true;
}

/**
 * What the container gets as CustomAttributes, which has no header for a trace: `traceparent=…;tracestate=…`, the tracestate percent-encoded.
 * A job's own attributes stay as they are, whose form only the container knows, unless they end with the separator that it splits them at.
 *
 * @param own those of the job
 */
export function attributesWith(own: string | undefined, trace: TraceContext | undefined): string | undefined {
  if (trace?.traceparent === undefined) return own;
  const [separator] = own === undefined ? [";"] : (/[;,]\s?$/.exec(own) ?? []);
  if (separator === undefined) return own;
  const parts = [`traceparent=${trace.traceparent}`, ...(trace.tracestate ? [`tracestate=${encodeURIComponent(trace.tracestate)}`] : [])];
  const whole = [parts, parts.slice(0, 1)].map((each) => `${own ?? ""}${each.join(separator)}`);
  return whole.find(({ length }) => length <= requestBounds.headerCharacters) ?? own;
}
