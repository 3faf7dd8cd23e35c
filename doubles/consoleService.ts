import { Readable } from "node:stream";
import type { SageMakerAsyncClient } from "../client";
import type { JobObject, ServiceOverview } from "../client/overview/types";
import type { JobObjectName, JobStatus, ListedJob, ListOptions } from "../client/types";
import { LiveService } from "../console/server/live";
import type { ApiService } from "../console/server";
import { codedError } from "../core/records/errors";
import { AsyncInferenceError } from "../client/errors";
import type { AsyncInferenceOutputs } from "../outputs";

/** A service that exists in memory only, for what the console does with many jobs or with hostile objects. */
export interface StandIn {
  service: ApiService;
  /** Oldest first. */
  jobs: JobStatus[];
  /** Objects by `<jobId> <what>`. */
  objects: Map<string, { contentType?: string; bytes: Uint8Array }>;
  /** What was asked to be cancelled. */
  cancelled: string[];
  /** How many jobs its lists have yielded. */
  listed: number;
  overview: ServiceOverview;
}

/** A job of a {@link StandIn}. @param at when it was accepted, in milliseconds since the epoch */
export function standInJob(jobId: string, at: number, change: Partial<JobStatus> = {}): JobStatus {
  const acceptedAt = new Date(at).toISOString();
  return { jobId, state: "SUBMITTED", ended: false, endpointName: "ocr", timings: { acceptedAt, submittedAt: acceptedAt }, ...change };
}

/** Ends a job of a {@link StandIn}. */
export function endStandInJob(job: JobStatus, at: number, state: "COMPLETED" | "FAILED" | "CANCELLED" = "COMPLETED"): void {
  const recordedAt = new Date(at).toISOString();
  Object.assign(job, { state, ended: true, timings: { ...job.timings, finishedAt: recordedAt, recordedAt } });
  if (state === "FAILED") job.error = codedError("MODEL_ERROR", "the model failed");
}

/** Makes one. */
export function standInService(every = { jobs: 250, overview: 500 }): StandIn {
  const standIn: Omit<StandIn, "service"> = {
    jobs: [],
    objects: new Map(),
    cancelled: [],
    listed: 0,
    overview: { at: "", endpointName: "ocr", steps: [], scheduled: [], alarms: [], unreadable: [] },
  };
  const find = (jobId: string) => {
    const found = standIn.jobs.find((job) => job.jobId === jobId);
    if (found === undefined) throw new AsyncInferenceError(codedError("NOT_FOUND", `There is no job ${jobId}.`), { jobId });
    return found;
  };
  const client = {
    async *list({ state, since, until, limit = Infinity }: ListOptions = {}): AsyncGenerator<ListedJob> {
      const [from, to] = [since === undefined ? 0 : new Date(since).getTime(), until === undefined ? Infinity : new Date(until).getTime()];
      let left = limit;
      for (let index = standIn.jobs.length - 1; index >= 0 && left > 0; index--) {
        const { jobId, state: own, endpointName, timings } = standIn.jobs[index] as JobStatus;
        const at = Date.parse(timings.acceptedAt ?? "");
        if (at > to || (state !== undefined && own !== state)) continue;
        if (at < from) return;
        left -= 1;
        standIn.listed += 1;
        const { acceptedAt: createdAt = "", recordedAt: endedAt } = timings;
        yield { jobId, state: own, endpointName, createdAt, ...(endedAt !== undefined && { endedAt }) };
      }
    },
    job: (jobId: string) => ({
      jobId,
      status: async () => structuredClone(find(jobId)),
      open: async (what: JobObjectName): Promise<JobObject | undefined> => {
        find(jobId);
        const object = standIn.objects.get(`${jobId} ${what}`);
        if (object === undefined) return undefined;
        const { bytes, contentType } = object;
        const body = Readable.from([Buffer.from(bytes)]);
        return {
          location: `s3://service/${what}/${jobId}`,
          body,
          bytes: bytes.byteLength,
          ...(contentType !== undefined && { contentType }),
        };
      },
      logs: async () => [],
      explain: async () => {
        throw new AsyncInferenceError(codedError("UNAVAILABLE", "A stand-in explains nothing."), { jobId });
      },
      cancel: async () => {
        standIn.cancelled.push(jobId);
        return { message: "cancelled" };
      },
    }),
    overview: async () => ({ ...standIn.overview, at: new Date().toISOString() }),
    serviceTime: async () => new Date(),
    close: async () => undefined,
  };
  const live = new LiveService({
    client: client as unknown as SageMakerAsyncClient,
    jobsMilliseconds: every.jobs,
    overviewMilliseconds: every.overview,
    speed: () => 1,
    pricePerHourUsd: () => undefined,
  });
  const service: ApiService = {
    name: "stand-in",
    outputs: { endpointName: "ocr", region: "eu-west-1", maxConcurrentInvocationsPerInstance: 1 } as AsyncInferenceOutputs,
    client: client as unknown as SageMakerAsyncClient,
    live,
    letters: { look: async () => [], redrive: async () => "" },
    handlerLogGroups: async () => ({}),
  };
  return Object.assign(standIn, { service });
}
