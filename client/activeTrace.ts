import { present } from "../core/present";
import type { TraceContext } from "../core/tracing/traceContext";

type Api = typeof import("@opentelemetry/api");

/** Where OpenTelemetry's API, version 1, keeps what an application has registered: without it nothing can be active. */
const registered = Symbol.for("opentelemetry.js.api.1");

let api: Promise<Api | undefined> | undefined;

/**
 * The context of the span that is active in the application, as its own propagator writes it; undefined where there is none, or no OpenTelemetry.
 * A propagator that throws must not keep a job from being submitted.
 */
export async function activeTrace(log: (line: Record<string, unknown>) => void): Promise<TraceContext | undefined> {
  if (!(registered in globalThis)) return undefined;
  api ??= loadApi();
  const telemetry = await api;
  if (telemetry === undefined) return undefined;
  const carrier: Record<string, string> = {};
  try {
    telemetry.propagation.inject(telemetry.context.active(), carrier);
  } catch (error) {
    log({ level: "warn", message: "active trace not read", reason: (error as Error).name });
    return undefined;
  }
  const { traceparent, tracestate } = carrier;
  if (traceparent === undefined) return undefined;
  return { traceparent, ...present({ tracestate }) };
}

/** In a `try`, so that bundlers of an application that does without let it be. */
async function loadApi(): Promise<Api | undefined> {
  try {
    return await import("@opentelemetry/api");
  } catch {
    return undefined;
  }
}
