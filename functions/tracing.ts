import { consoleLog, type SnsEvent } from "../aws/lambda";
import { otlpHttp } from "../aws/otlpHttp";
import { exportRequest, type Resource } from "../core/tracing/otlp";
import { handlerSpan, spansOf, type HandlerRun, type Span } from "../core/tracing/spans";
import { forEachEndedJob } from "./endedJobs";
import { readSettings } from "./settings";

/** Settings of {@link tracingFunction}. */
export interface TracingFunctionSettings {
  endpointName: string;
  /** Where OTLP over HTTP is received. */
  traceEndpoint: string;
  /** What the receiver wants to be told, such as a token. */
  traceHeaders: Record<string, string>;
  resource: Resource;
}

/** What the function is invoked with: ends of jobs from the jobs topic, or a handler's run. */
export type TracingEvent = SnsEvent | { handlerRun: HandlerRun };

/**
 * The tracing function: a job's end in, its spans out, to a receiver of OTLP. Subscribed to the jobs topic with a filter on the attribute
 * `traced`; functions of handlers invoke it with their runs. At least once: a span that is sent twice has the same id.
 *
 * IAM, exactly:
 * - `sqs:SendMessage` on the dead-letter queue
 * - its log group; with customer keys `kms:Decrypt` and `kms:GenerateDataKey`
 */
export function tracingFunction(): (event: TracingEvent) => Promise<void> {
  const { endpointName, traceEndpoint, traceHeaders, resource } = readSettings<TracingFunctionSettings>();
  const crypto = require("node:crypto") as typeof import("node:crypto");
  const send = otlpHttp(traceEndpoint, traceHeaders, consoleLog);
  const region = process.env["AWS_REGION"];
  const whole = { ...resource, "cloud.provider": "aws", ...(region === undefined ? {} : { "cloud.region": region }) };
  const hash = (text: string) => crypto.createHash("sha256").update(text).digest("hex");
  const exported = async (spans: readonly Span[]) => {
    if (spans.length > 0) await send(exportRequest(whole, spans));
  };
  return (event) => {
    if ("Records" in event) return forEachEndedJob(event, endpointName, (job) => exported(spansOf(job, hash)));
    const span = handlerSpan(event.handlerRun);
    return exported(span === undefined ? [] : [span]);
  };
}
