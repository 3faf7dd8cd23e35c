import { randomBytes } from "node:crypto";
import { pathToFileURL } from "node:url";
import { endState } from "../../cli/states";
import { codedFrom } from "../../cli/failure";
import { SageMakerAsyncClient, type ManyResult } from "../../client";
import { readContent } from "../../core/messages/content";
import type { CodedError } from "../../core/records/errors";
import { newJobId, readInferenceId, type JobState, type JobTimings } from "../../core/records/job";
import type { AsyncInferenceOutputs } from "../../outputs";
import type { EmbeddedCloud } from "../embeddedCloud";
import type { CloudEvent } from "../ports";

/** A file that becomes a job. */
export interface Input {
  /** As its user wrote it. */
  name: string;
  /** Absolute path. */
  file: string;
}

/** How a job went. */
export interface JobReport {
  jobId: string;
  /** {@link Input.name} */
  input: string;
  /** FAILED too when the service refused it; SUBMITTED when it was not waited for any longer. */
  state: JobState;
  /** The `text` of a JSON answer, the whole of another answer in JSON or text. Absent for other content. */
  text?: string;
  /** How long an answer is that has no text. */
  bytes?: number;
  /** What the model says that such an answer is. */
  contentType?: string;
  error?: CodedError;
  /** Where the result is. Only of a completed job. */
  outputLocation?: string;
  /** Where the service wrote why it failed. */
  failureLocation?: string;
  timings: Partial<JobTimings>;
}

/** How {@link runJobs} runs. */
export interface RunOptions {
  /** Tells what becomes known of a job while it runs: `queued`, `running`, and how it ended. */
  onChange: (jobId: string, input: Input, phase: string) => void;
  /** Ends the wait by a rejection. */
  signal: AbortSignal;
}

/** For a trial, a model that takes longer for one file is broken. */
const invocationTimeoutSeconds = 600;

/** How long a job may wait behind all others: as long as the service keeps it. */
const timeoutSeconds = 86_400;

/** The cloud is in this process. */
const pollIntervalSeconds = 0.2;

/** Runs files through a deployed service by the product's own client. A report for each, in their order. */
export async function runJobs(
  cloud: Pick<EmbeddedCloud, "endpointUrl" | "events">,
  outputs: AsyncInferenceOutputs,
  inputs: readonly Input[],
  { onChange, signal }: RunOptions,
): Promise<JobReport[]> {
  const reports: JobReport[] = [];
  const jobs = inputs.map((input) => ({ input, jobId: newJobId(Date.now(), randomBytes(16)) }));
  const inputOf = new Map(jobs.map(({ jobId, input }) => [jobId, input]));
  // What the model has begun the embedded cloud tells; on AWS nobody would.
  const hear = (event: CloudEvent) => {
    if (event.kind !== "invocation" || (event.change !== "queued" && event.change !== "started")) return;
    const jobId = readInferenceId(event.inferenceId)?.jobId ?? "";
    const input = inputOf.get(jobId);
    if (input !== undefined) onChange(jobId, input, event.change === "queued" ? "queued" : "running");
  };
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const at = { endpointUrl: cloud.endpointUrl, outputs };
  await using client = SageMakerAsyncClient.fromStackOutputs(at, { credentials, pollIntervalSeconds });
  cloud.events.on("event", hear);
  try {
    const options = { as: "bytes", invocationTimeoutSeconds, timeoutSeconds, signal } as const;
    const results = client.submitMany<Uint8Array>(
      jobs.map(({ input }) => pathToFileURL(input.file)),
      { ...options, each: (_, index) => ({ jobId: jobs[index]?.jobId }) },
    );
    for await (const result of results) {
      const { input, jobId } = jobs[result.index] as (typeof jobs)[number];
      const report = reportOf(result, jobId, input);
      onChange(jobId, input, report.state.toLowerCase());
      reports[result.index] = report;
    }
    return reports;
  } finally {
    cloud.events.off("event", hear);
  }
}

function reportOf(result: ManyResult<Uint8Array>, jobId: string, { name }: Input): JobReport {
  const { timings, outputLocation, failureLocation } = result;
  const job = { jobId, input: name };
  if (!result.success) {
    const error = codedFrom(result.error);
    return { ...job, state: endState(error), error, ...(failureLocation !== undefined && { failureLocation }), timings };
  }
  return {
    ...job,
    state: "COMPLETED",
    ...shown(result.data, result.contentType),
    ...(outputLocation !== undefined && { outputLocation }),
    timings,
  };
}

/** An answer for a reader: of JSON its field `text` or `error`, else all of it; of what is no text, what it is. */
function shown(data: Uint8Array, contentType: string | undefined): Pick<JobReport, "text" | "bytes" | "contentType"> {
  const content = readContent(data, contentType);
  if (content.kind === "bytes") return { bytes: data.byteLength, ...(contentType !== undefined && { contentType }) };
  const { text, error } = (content.value ?? {}) as { text?: unknown; error?: unknown };
  const own = content.kind === "json" ? [text, error].find((value) => typeof value === "string") : undefined;
  return { text: typeof own === "string" ? own : Buffer.from(data).toString() };
}
