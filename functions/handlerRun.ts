import { consoleLog, variable } from "../aws/lambda";
import type { JobRecord } from "../core/records/job";
import type { HandlerRun } from "../core/tracing/spans";
import { isTraced } from "../core/tracing/traceContext";

/** Environment of a function whose handler's runs are spans. */
export interface TracedHandlerEnvironment {
  TRACING_FUNCTION_ARN: string;
}

/** Runs a handler, and reports its run. */
export type ReportedRun = (job: JobRecord, handlerName: string, run: () => Promise<void>) => Promise<void>;

/** How long reporting may keep a function that has done its work. */
const callTimeoutMilliseconds = 2000;

/**
 * Has the tracing function export a handler's runs. What it can't be told is logged: it decides neither about the handler's success nor
 * about its next try.
 */
export function reportedRun(): ReportedRun {
  const library = require("@aws-sdk/client-lambda") as typeof import("@aws-sdk/client-lambda");
  const crypto = require("node:crypto") as typeof import("node:crypto");
  const client = new library.LambdaClient({ maxAttempts: 1 });
  const functionName = variable<TracedHandlerEnvironment>("TRACING_FUNCTION_ARN");
  const report = async (handlerRun: HandlerRun) => {
    const call = new library.InvokeCommand({
      FunctionName: functionName,
      InvocationType: "Event",
      Payload: JSON.stringify({ handlerRun }),
    });
    try {
      await client.send(call, { abortSignal: AbortSignal.timeout(callTimeoutMilliseconds) });
    } catch (error) {
      consoleLog({ level: "warn", message: "handler's span not exported", jobId: handlerRun.job.jobId, reason: (error as Error).name });
    }
  };
  return async ({ jobId, traceContext, spanId, ...job }, handlerName, run) => {
    if (!isTraced({ ...job, traceContext, spanId })) return run();
    const of = { job: { jobId, traceContext, spanId }, handlerName, spanId: crypto.randomBytes(8).toString("hex"), startedAt: Date.now() };
    try {
      await run();
    } catch (error) {
      await report({ ...of, endedAt: Date.now(), error: (error as Error | undefined)?.name ?? "Error" });
      throw error;
    }
    await report({ ...of, endedAt: Date.now() });
  };
}
