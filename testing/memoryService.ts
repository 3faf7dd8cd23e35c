import { buffer } from "node:stream/consumers";
import { Readable } from "node:stream";
import { AsyncInferenceError, clientError } from "../client/errors";
import type { ExplainSources } from "../client/explain";
import type { Input } from "../client/input";
import { cancelOutcomeOf, endErrorOf, listedJob, reading, referenceOf, resultIn, statusOf, toldOf } from "../client/results";
import { retry } from "../client/retry";
import type { FindingService, JobReference, Submission, Waiting } from "../client/service";
import type { JobLog, JobObject, ServiceOverview } from "../client/overview/types";
import type { CancelOutcome, InferenceResult, JobObjectName, JobStatus, ListedJob, ListOptions } from "../client/types";
import { cancelJob } from "../core/lifecycle/cancel";
import { endAttempt } from "../core/lifecycle/end";
import { givenInput, submitJob, type JobInput, type SubmitSettings } from "../core/lifecycle/submit";
import { readContent } from "../core/messages/content";
import { codedError, codedOf, noJob, type CodedError, type ErrorCode } from "../core/records/errors";
import { isoTime } from "../core/records/isoTime";
import type { ItemAt } from "../core/records/items";
import { inputKeyOf, isTerminal, type JobRecord } from "../core/records/job";
import { s3Uri } from "../core/records/s3Uri";
import type { TestClock } from "./clock";
import type { MemoryPorts } from "./memoryPorts";
import type { ModelRequest } from "./modelRequest";

/** How a test's service runs jobs. */
export interface MemoryBehaviour {
  model: (input: unknown, request: ModelRequest) => unknown;
  runSeconds: number | ((input: unknown, request: ModelRequest) => number);
  wakeSeconds: number;
  /** What the next submissions are refused with, first in first out. */
  refusals: ErrorCode[];
}

/** When a job that was taken begins, and ends at the latest. */
interface Plan {
  input: unknown;
  request: ModelRequest;
  /** How long the model takes for it. */
  runSeconds: number;
  endsAt: number;
  end?: Promise<void>;
}

const dayMilliseconds = 86_400_000;

/** A service whose jobs run in memory: records by the rules of the real one, a function for the model, a clock for time. */
export class MemoryService implements FindingService {
  private readonly plans = new Map<string, Plan>();

  constructor(
    private readonly ports: MemoryPorts,
    private readonly clock: TestClock,
    private readonly settings: SubmitSettings,
    private readonly behaviour: MemoryBehaviour,
    private readonly explained: ExplainSources["service"],
  ) {}

  get objects(): MemoryPorts["objects"] {
    return this.ports.objects;
  }

  async submit(submission: Submission): Promise<JobReference> {
    const { jobId, request, maxAttempts, signal } = submission;
    let placed: JobInput | undefined;
    const attempt = async () => {
      const code = this.behaviour.refusals.shift();
      if (code !== undefined) throw clientError(code, `This test refuses the submission with ${code}.`, { jobId });
      placed ??= await this.place(submission, await submission.input());
      const job = await submitJob(this.ports, this.settings, jobId, request, placed, Infinity);
      if (!this.plans.has(jobId)) await this.plan(job);
      return job;
    };
    return referenceOf(await retry(attempt, { maxAttempts, clock: this.clock, random: () => 1, signal }), true);
  }

  result<Out>({ jobId }: JobReference, waiting: Waiting<Out>): Promise<InferenceResult<unknown>> {
    const { deadline, signal } = waiting;
    const work = async () => {
      const endsAt = this.plans.get(jobId)?.endsAt ?? 0;
      // A job that is cancelled meanwhile ends earlier.
      for (let job = await this.current(jobId); ; job = await this.current(jobId)) {
        if (isTerminal(job.state)) return this.read(job, waiting);
        const left = deadline - this.clock.now();
        signal?.throwIfAborted();
        if (left <= 0) throw clientError("WAIT_TIMEOUT", `Job ${jobId} is ${job.state} and has not ended yet.`, { jobId });
        await this.clock.sleep(Math.max(1, Math.min(left, endsAt - this.clock.now(), 1000 * waitStepSeconds)), signal);
      }
    };
    return reading(work(), signal, jobId);
  }

  async status({ jobId }: JobReference): Promise<JobStatus> {
    return statusOf(await this.current(jobId));
  }

  async cancel({ jobId }: JobReference): Promise<CancelOutcome> {
    await this.current(jobId);
    return cancelOutcomeOf(await cancelJob(this.ports, this.settings, jobId));
  }

  async *list({ state, since, until, limit = Infinity }: ListOptions): AsyncGenerator<ListedJob> {
    const from = since === undefined ? this.clock.now() - dayMilliseconds : new Date(since).getTime();
    const to = until === undefined ? Infinity : new Date(until).getTime();
    const isWanted = (job: JobRecord) => {
      const at = Date.parse(job.createdAt);
      return at >= from && at <= to && (state === undefined || job.state === state);
    };
    const jobs = (await this.all()).filter(isWanted);
    for (const job of jobs.reverse().slice(0, limit)) yield listedJob(job);
  }

  async *statuses(options: ListOptions): AsyncGenerator<JobStatus> {
    for await (const { jobId } of this.list(options)) yield statusOf(await this.current(jobId));
  }

  async find(jobId: string): Promise<JobReference | undefined> {
    return this.ports.records.has(jobId) ? referenceOf(await this.current(jobId), true) : undefined;
  }

  /** Every job as it is now, in the order in which they were accepted. */
  async all(): Promise<JobRecord[]> {
    const jobs: JobRecord[] = [];
    for (const jobId of this.ports.records.keys()) jobs.push(await this.current(jobId));
    return jobs;
  }

  async overview(): Promise<ServiceOverview> {
    throw clientError("BAD_INPUT", "overview: a service of a test has no endpoint, scaling or alarms", {});
  }

  async open({ jobId }: JobReference, what: JobObjectName): Promise<JobObject | undefined> {
    const { inputLocation, outputLocation, failureLocation } = await this.current(jobId);
    const location = { input: inputLocation, output: outputLocation, failure: failureLocation }[what];
    const object = location === undefined ? undefined : this.ports.stored.get(location);
    if (location === undefined || object === undefined) return undefined;
    const { body, contentType } = object;
    return { location, body: Readable.from([Buffer.from(body)]), bytes: body.byteLength, ...(contentType && { contentType }) };
  }

  async logs(): Promise<JobLog[]> {
    return [];
  }

  async explainSources(): Promise<ExplainSources> {
    const none = (what: string) => async () => {
      throw new Error(`A service of a test has no ${what}.`);
    };
    const head = async (location: string) => {
      const object = this.ports.stored.get(location);
      return object === undefined ? "missing" : { bytes: object.body.byteLength, at: isoTime(object.modifiedAt) };
    };
    return {
      service: this.explained,
      now: () => this.clock.now(),
      missingPackages: [],
      record: async <Key extends string>(key: Key) =>
        this.ports.records.has(key) ? ((await this.current(key)) as ItemAt<Key>) : ("missing" as const),
      object: head,
      failure: async (location) => {
        const found = await head(location);
        return found === "missing" ? found : { ...found, text: Buffer.from(this.ports.stored.get(location)?.body ?? []).toString() };
      },
      endpoint: none("endpoint"),
      endpointConfig: none("endpoint configuration"),
      scaling: none("scaling"),
      metrics: none("metrics"),
      alarms: async () => [],
      containerLog: async () => [],
    };
  }

  async serviceTime(): Promise<number> {
    return this.clock.now();
  }

  close(): void {}

  private async place({ jobId, named, signal }: Submission, input: Input): Promise<JobInput> {
    if (input.kind === "object") return givenInput(this.ports, this.settings, input.location, named ? jobId : undefined);
    const { bytes, contentType } = await bytesOf(input, signal);
    const key = inputKeyOf(this.settings.inputPrefix, jobId, input.fileName);
    return {
      location: s3Uri({ bucket: this.settings.bucketName, key }),
      hash: this.ports.hash(bytes),
      bytes: bytes.byteLength,
      contentType,
      place: (location) => this.ports.objects.put(location, bytes, contentType),
    };
  }

  private async plan(job: JobRecord): Promise<void> {
    const { jobId, contentType, accept, customAttributes, metadata = {} } = job;
    const body = (await this.ports.objects.get(job.inputLocation))?.body ?? new Uint8Array();
    const input = readContent(body, contentType).value;
    const request = { jobId, contentType, accept, customAttributes, metadata };
    const { runSeconds, wakeSeconds } = this.behaviour;
    const ran = typeof runSeconds === "function" ? runSeconds(input, request) : runSeconds;
    const seconds = Math.min(wakeSeconds + Math.min(ran, job.invocationTimeoutSeconds), this.expiresIn(job));
    this.plans.set(jobId, { input, request, runSeconds: ran, endsAt: this.clock.now() + seconds * 1000 });
  }

  /** After how many seconds the request is dropped by the queue; never, when it begins before. */
  private expiresIn({ requestTtlSeconds }: JobRecord): number {
    return this.behaviour.wakeSeconds > requestTtlSeconds ? requestTtlSeconds : Infinity;
  }

  /** The job as it is at this time: what was to happen by now has happened. */
  private async current(jobId: string): Promise<JobRecord> {
    const plan = this.plans.get(jobId);
    const open = this.ports.records.get(jobId);
    if (open === undefined) throw new AsyncInferenceError(noJob(jobId), { jobId });
    if (plan !== undefined && !isTerminal(open.state) && this.clock.now() >= plan.endsAt) await (plan.end ??= this.end(open, plan));
    return this.ports.records.get(jobId) as JobRecord;
  }

  private async end(job: JobRecord, plan: Plan): Promise<void> {
    const { jobId, attempt = 1, inferenceId = "", outputLocation = "", failureLocation = "" } = job;
    const finishedAt = isoTime(plan.endsAt);
    const identity = { attempt, jobId, inferenceId };
    const fail = async (state: "FAILED" | "EXPIRED", error: CodedError) => {
      if (state === "FAILED") await this.ports.objects.put(failureLocation, Buffer.from(error.message), "text/plain");
      await endAttempt(this.ports, this.settings, identity, { state, error, finishedAt });
    };
    if (this.expiresIn(job) !== Infinity) {
      return fail("EXPIRED", codedError("EXPIRED", `The request waited longer than ${job.requestTtlSeconds} s for an instance.`));
    }
    if (plan.runSeconds > job.invocationTimeoutSeconds) {
      return fail("FAILED", codedError("TIMEOUT", `The model took longer than ${job.invocationTimeoutSeconds} s.`));
    }
    try {
      const { body, contentType } = answerOf(await this.behaviour.model(plan.input, plan.request));
      await this.ports.objects.put(outputLocation, body, contentType);
      const output = { outputLocation, outputContentType: contentType, outputBytes: body.byteLength };
      await endAttempt(this.ports, this.settings, identity, { state: "COMPLETED", ...output, finishedAt });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      await fail("FAILED", codedOf(error) ?? codedError("MODEL_ERROR", message));
    }
  }

  private async read<Out>(job: JobRecord, waiting: Waiting<Out>): Promise<InferenceResult<unknown>> {
    const { jobId, outputLocation = "", outputContentType: contentType, state } = job;
    const told = toldOf(job);
    const object = state === "COMPLETED" ? this.ports.stored.get(outputLocation) : undefined;
    if (object === undefined) return { ...told, success: false, error: new AsyncInferenceError(endErrorOf(job), { jobId }) };
    const body = { body: Readable.from([object.body]), contentType, bytes: object.body.byteLength, lastModified: undefined };
    return resultIn(body, outputLocation, told, waiting);
  }
}

/** How often a wait looks whether its job was cancelled, in seconds of the test's time. */
const waitStepSeconds = 60;

async function bytesOf(input: Exclude<Input, { kind: "object" }>, signal: AbortSignal | undefined) {
  if (input.kind === "bytes") return input;
  if (input.kind === "file") return { bytes: await buffer(input.read()), contentType: input.contentType };
  const { body, contentType } = await input.open(signal);
  return { bytes: await buffer(body), contentType };
}

/** What a model that returns a value answers with over HTTP. */
function answerOf(value: unknown): { body: Uint8Array; contentType: string } {
  if (value instanceof Uint8Array) return { body: value, contentType: "application/octet-stream" };
  if (typeof value === "string") return { body: Buffer.from(value), contentType: "text/plain" };
  return { body: Buffer.from(JSON.stringify(value ?? null)), contentType: "application/json" };
}
