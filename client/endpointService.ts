import { isoTime } from "../core/records/isoTime";
import { createHash } from "node:crypto";
import { doubtPauseMilliseconds, invoke } from "../core/lifecycle/attempt";
import { inferenceIdOf, type OnDoubt } from "../core/records/job";
import type { Invocation, InvocationInput, JobPorts, Jobs, Log, Objects } from "../core/ports";
import type { JobInput } from "../core/lifecycle/submit";
import { present } from "../core/present";
import { attributesWith, traceOf } from "../core/tracing/traceContext";
import { partitionOf } from "../core/partition";
import { objectArn, readS3Uri, s3Uri } from "../core/records/s3Uri";
import type { CodedError } from "../core/records/errors";
import type { ServiceClock } from "../core/serviceClock";
import type { Connections } from "./connections";
import { AsyncInferenceError, clientError, statementAdvice } from "./errors";
import { explainSources, type ExplainSources } from "./explain";
import { failureError, openJobObject, readFailure } from "./output";
import { readOverview } from "./overview";
import { logPlaces, readJobLog } from "./overview/logs";
import type { JobLog, JobLogOptions, JobObject, OverviewOptions, ServiceOverview } from "./overview/types";
import { placeInput, type InputPlace } from "./placing";
import { abortableEndpoint, advising, stamping } from "./ports";
import { reading, readResult, type Told } from "./results";
import { submitInTurn } from "./submitInTurn";
import type { JobReference, Service, Submission, Waiting } from "./service";
import type { CancelOutcome, InferenceResult, JobObjectName, JobStatus, ListedJob } from "./types";
import { createLocationWaiter, type LocationWaiter } from "./waiting/locations";

/** How far back the lines of a job are looked for when nobody knows since when it is. */
const logMilliseconds = 86_400_000;

/** For how long one try to have a job taken goes on. */
const submitMilliseconds = 60_000;

/** InvokeEndpointAsync's own defaults. */
const serviceDefaults = { invocationTimeoutSeconds: 900, requestTtlSeconds: 21_600 };

/** What a service without a table is made of. */
export interface EndpointServiceSettings {
  bucket: string;
  endpointName: string;
  /** Name of this client: results that it asks for are below it. */
  waiter: string;
  region: string | undefined;
  inputPrefix: string;
  outputPrefix: string;
  failurePrefix: string;
  inputBuckets: readonly string[];
  onDoubt: OnDoubt;
  /** How often a job may be invoked whose earlier invocations are in doubt. */
  maxAttempts: number;
  pollIntervalSeconds: number;
  clock: ServiceClock;
  random: () => number;
  randomBytes: (count: number) => Uint8Array;
  log: Log;
}

/** An endpoint and a bucket: a job lives on the two locations that the service named. */
export class EndpointService implements Service {
  private readonly ports: Pick<JobPorts, "jobs" | "objects" | "endpoint" | "hash">;
  private readonly place: InputPlace;
  private readonly waiter: LocationWaiter;

  constructor(
    private readonly connections: Connections,
    private readonly own: EndpointServiceSettings,
  ) {
    const { bucket, inputPrefix, outputPrefix, failurePrefix, inputBuckets, pollIntervalSeconds } = own;
    const { partition } = this;
    const reads = (location: unknown) => {
      const at = readS3Uri(location as string) ?? { bucket, key: "" };
      return { action: "s3:GetObject", resource: objectArn(at.bucket, at.key, partition) };
    };
    this.ports = {
      jobs: noJobs,
      objects: advising(connections.objects(), (method, location) =>
        method === "put" ? { ...reads(location), action: "s3:PutObject" } : reads(location),
      ),
      endpoint: connections.endpoint(),
      hash: (data) => createHash("sha256").update(data).digest("hex"),
    };
    this.place = { connections, partition, bucketName: bucket, inputPrefix, allowedInputBuckets: [bucket, ...inputBuckets] };
    this.waiter = createLocationWaiter({
      s3: connections.s3.client,
      library: connections.s3.library,
      pollIntervalSeconds,
      // Results of this client alone are below its own name: a listing of them tells of nothing else.
      prefixes: [`${outputPrefix}${own.waiter}/`, failurePrefix].map((key) => s3Uri({ bucket, key })),
      clock: own.clock,
      log: own.log,
    });
  }

  private get partition(): string {
    return partitionOf(this.own.region ?? "");
  }

  get objects(): Objects {
    return this.ports.objects;
  }

  async submit(submission: Submission): Promise<JobReference> {
    const { jobId, request } = submission;
    const { clock, random } = this.own;
    const startedAt = clock.now();
    const lost: Lost[] = [];
    const reference = await submitInTurn(submission, {
      clock,
      random,
      place: (input) => placeInput(this.ports, this.place, submission, input),
      send: (placed) => this.invokeOnce(submission, placed, lost),
    });
    // Only now have answers told the service's time.
    const acceptedAt = isoTime(clock.stamp(startedAt));
    return { ...reference, jobId, acceptedAt, own: true, ...(request.accept === undefined ? {} : { accept: request.accept }) };
  }

  async result<Out>(job: JobReference, waiting: Waiting<Out>): Promise<InferenceResult<unknown>> {
    const end = await this.ended(job, waiting);
    const { jobId, acceptedAt } = job;
    const told: Told = {
      inferenceId: end.inferenceId,
      jobId,
      outputLocation: end.outputLocation,
      ...(job.failureLocation === undefined ? {} : { failureLocation: job.failureLocation }),
      timings: acceptedAt === undefined ? {} : { acceptedAt },
    };
    const { signal } = waiting;
    if (end.kind === "completed") {
      return reading(
        readResult(this.connections, end.location, told, waiting, { knownType: job.accept, partition: this.partition }),
        signal,
        jobId,
      );
    }
    const said = await reading(readFailure(this.connections, end.location, signal), signal, jobId);
    return { ...told, success: false, error: new AsyncInferenceError(failureError(said), { jobId }) };
  }

  async status(job: JobReference): Promise<JobStatus> {
    const { jobId, inferenceId, outputLocation, failureLocation, acceptedAt } = job;
    if (outputLocation === undefined) throw noTable("status", jobId);
    const output = await this.ports.objects.head(outputLocation);
    const failed = output === undefined && failureLocation !== undefined && (await this.ports.objects.head(failureLocation)) !== undefined;
    const said = failed ? await readFailure(this.connections, failureLocation) : undefined;
    return {
      jobId,
      state: output ? "COMPLETED" : failed ? "FAILED" : "SUBMITTED",
      ended: output !== undefined || failed,
      endpointName: this.own.endpointName,
      ...(inferenceId === undefined ? {} : { inferenceId }),
      outputLocation,
      ...(output ? { outputBytes: output.bytes } : {}),
      ...(output?.contentType === undefined ? {} : { outputContentType: output.contentType }),
      ...(failureLocation === undefined ? {} : { failureLocation }),
      ...(said ? { error: failureError(said) } : {}),
      timings: acceptedAt === undefined ? {} : { acceptedAt },
    };
  }

  async cancel({ jobId }: JobReference): Promise<CancelOutcome> {
    throw noTable("cancel", jobId);
  }

  async *list(): AsyncGenerator<ListedJob> {
    throw noTable("list");
  }

  async overview({ historyMinutes }: OverviewOptions): Promise<ServiceOverview> {
    const options = historyMinutes === undefined ? {} : { historyMinutes };
    return readOverview(await this.explainSources(), this.connections, options);
  }

  async open({ jobId, outputLocation, failureLocation }: JobReference, what: JobObjectName): Promise<JobObject | undefined> {
    if (what === "input") throw noTable("open", jobId);
    const location = what === "output" ? outputLocation : failureLocation;
    return location === undefined ? undefined : openJobObject(this.connections, location, undefined, this.partition);
  }

  async logs({ jobId, inferenceId, acceptedAt }: JobReference, { logGroups, limit = 200 }: JobLogOptions): Promise<JobLog[]> {
    await this.connections.loadExplain();
    const { service } = await this.explainSources();
    const since = acceptedAt === undefined ? this.own.clock.stamp() - logMilliseconds : Date.parse(acceptedAt);
    const places = logPlaces(service, { jobId, inferenceId }, logGroups);
    return Promise.all(places.map((place) => readJobLog(this.connections.logs, service, place, since, limit)));
  }

  async *statuses(): AsyncGenerator<JobStatus> {
    throw noTable("statuses");
  }

  async explainSources(): Promise<ExplainSources> {
    const { bucket, endpointName, inputPrefix, outputPrefix, failurePrefix, clock } = this.own;
    const region = await this.connections.region();
    const service = { region, endpointName, bucketName: bucket, inputPrefix, outputPrefix, failurePrefix };
    return explainSources(this.connections, service, () => clock.stamp(), await this.connections.loadExplain());
  }

  async serviceTime(): Promise<number> {
    const { bucket, inputPrefix, clock } = this.own;
    if (!clock.isKnown) {
      await this.ports.objects.head(s3Uri({ bucket, key: inputPrefix })).catch((error: unknown) => {
        if (!clock.isKnown) throw error;
      });
    }
    return clock.stamp();
  }

  close(): void {
    this.waiter.close();
  }

  /** Has the endpoint take the job, by the core's rules for refusals and doubt. */
  private async invokeOnce(submission: Submission, input: JobInput, lost: Lost[]): Promise<Omit<JobReference, "jobId">> {
    const { jobId, signal, request } = submission;
    const { clock, maxAttempts, log } = this.own;
    const giveUpAt = clock.stamp() + submitMilliseconds;
    const ports = {
      endpoint: abortableEndpoint(this.ports.endpoint, signal),
      clock: stamping(clock, signal),
      randomBytes: this.own.randomBytes,
    };
    for (;;) {
      signal?.throwIfAborted();
      const number = lost.length + 1;
      const inferenceId = inferenceIdOf({ attempt: number, jobId });
      const outcome = await invoke(ports, this.invocation(submission, input, inferenceId), giveUpAt);
      if (outcome.kind === "refused") throw new AsyncInferenceError(this.advised(outcome.error), { jobId });
      if (outcome.kind === "taken") {
        const { outputLocation, failureLocation } = outcome;
        if (outputLocation === undefined) throw noLocation(jobId);
        return { inferenceId, outputLocation, ...(failureLocation === undefined ? {} : { failureLocation }), doubtful: [...lost] };
      }
      log({ level: "warn", message: "invocation in doubt", jobId, inferenceId, code: outcome.error.code });
      const expected = { inferenceId, outputLocation: this.expectedLocation(inferenceId) };
      const mayRunAgain = (request.onDoubt ?? this.own.onDoubt) === "rerun" && number < maxAttempts;
      if (!mayRunAgain) return { ...expected, doubtful: [...lost] };
      lost.push(expected);
      await ports.clock.sleep(doubtPauseMilliseconds);
      for (const each of lost) if (await this.ports.objects.head(each.outputLocation)) return { ...each, doubtful: [] };
    }
  }

  private invocation({ request, jobId }: Submission, input: JobInput, inferenceId: string): Invocation {
    const contentType = request.contentType ?? input.contentType;
    const { traceContext } = traceOf(this.own, jobId, request.traceContext, undefined);
    return {
      endpointName: this.own.endpointName,
      inferenceId,
      outputPath: `${this.own.waiter}/${inferenceId}`,
      input: invocationInput(input),
      ...(contentType === undefined ? {} : { contentType }),
      ...(request.accept === undefined ? {} : { accept: request.accept }),
      ...present({ customAttributes: attributesWith(request.customAttributes, traceContext) }),
      invocationTimeoutSeconds: request.invocationTimeoutSeconds ?? serviceDefaults.invocationTimeoutSeconds,
      requestTtlSeconds: request.requestTtlSeconds ?? serviceDefaults.requestTtlSeconds,
    };
  }

  /** Where an attempt's result is although nobody heard the service's answer: each one asks for a place of its own. */
  private expectedLocation(inferenceId: string): string {
    return s3Uri({ bucket: this.own.bucket, key: `${this.own.outputPrefix}${this.own.waiter}/${inferenceId}/result` });
  }

  /** How the job ended: by its newest attempt, or by an older one in doubt that completed first. */
  private async ended(job: JobReference, { deadline, signal }: Waiting<unknown>): Promise<Ended> {
    const { jobId, inferenceId = "", outputLocation, failureLocation, doubtful = [] } = job;
    if (outputLocation === undefined) throw noTable("result", jobId);
    const found = new AbortController();
    const until = { deadline, signal: signal === undefined ? found.signal : AbortSignal.any([signal, found.signal]) };
    const newest = this.waiter
      .wait({ outputLocation, ...(failureLocation === undefined ? {} : { failureLocation }) }, until)
      .then((end) => ({ ...end, inferenceId, outputLocation }));
    const older = doubtful.map((lost) => this.waiter.wait(lost, until).then((end) => ({ ...end, ...lost })));
    try {
      // An older attempt can only complete the job; the newest decides the rest.
      const completed = older.map((wait) => wait.catch(() => newest));
      return await Promise.race([newest, ...completed]);
    } finally {
      found.abort();
      await Promise.allSettled([newest, ...older]);
    }
  }

  private advised(error: CodedError): CodedError {
    if (error.code !== "ACCESS_DENIED") return error;
    const { endpointName, region = "*" } = this.own;
    const resource = `arn:${this.partition}:sagemaker:${region}:*:endpoint/${endpointName.toLowerCase()}`;
    return { ...error, advice: statementAdvice({ action: "sagemaker:InvokeEndpointAsync", resource }) };
  }
}

function invocationInput({ content, location, place }: JobInput): InvocationInput {
  if (content === undefined || place === undefined) return { location };
  return { body: content, place: () => place(location).then(() => location) };
}

/** An attempt whose answer was lost. */
interface Lost {
  inferenceId: string;
  outputLocation: string;
}

interface Ended extends Lost {
  kind: "completed" | "failed";
  /** The object that was found. */
  location: string;
}

/** No job has a record. */
const noJobs: Jobs = {
  create: () => Promise.resolve(true),
  get: () => Promise.resolve(undefined),
  change: () => Promise.resolve(undefined),
};

function noLocation(jobId: string): AsyncInferenceError {
  return clientError("IN_DOUBT", "The service took the job and did not say where its result will be: there is no OutputLocation.", {
    jobId,
    advice: "Look whether the endpoint is asynchronous, with an S3OutputPath.",
  });
}

function noTable(what: string, jobId?: string): AsyncInferenceError {
  return clientError("BAD_INPUT", `${what}: jobs have no record without the outputs of a deployed service.`, {
    jobId,
    advice: "Make the client with SageMakerAsyncClient.fromStackOutputs(outputs).",
  });
}
