import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { floorCall } from "../aws/floorCall";
import { cancelJob } from "../core/lifecycle/cancel";
import { noJob, type CodedError } from "../core/records/errors";
import { messageOf } from "../core/messages/classify";
import { isTerminal, wasNeverAccepted, type JobRecord } from "../core/records/job";
import type { JobPorts, Jobs, Log, Objects } from "../core/ports";
import type { OpenCount } from "../core/records/items";
import { present } from "../core/present";
import { objectArn, readS3Uri } from "../core/records/s3Uri";
import { openCountReader } from "../core/floor/openCount";
import { submitJob, type JobInput, type SubmitPorts, type SubmitSettings } from "../core/lifecycle/submit";
import { jobTable } from "../core/records/table";
import type { AsyncInferenceOutputs } from "../outputs";
import type { ServiceClock } from "../core/serviceClock";
import type { Connections } from "./connections";
import { AsyncInferenceError, asyncInferenceError, statementAdvice, type Needed } from "./errors";
import { explainSources, type ExplainSources } from "./explain";
import { openJobObject, readFailure } from "./output";
import { planInput, type InputPlace } from "./placing";
import { abortable, advising, stamping } from "./ports";
import { logPlaces, readJobLog } from "./overview/logs";
import { readOverview } from "./overview";
import type { JobLog, JobLogOptions, JobObject, OverviewOptions, ServiceOverview } from "./overview/types";
import { cancelOutcomeOf, endErrorOf, listedJob, reading, readResult, referenceOf, statusOf, toldOf, type Rates } from "./results";
import { submitInTurn } from "./submitInTurn";
import type { FindingService, JobReference, Submission, Waiting } from "./service";
import type { CancelOutcome, InferenceResult, JobObjectName, JobStatus, ListedJob, ListOptions } from "./types";
import { pauseAfter } from "./waiting/calls";
import { batchSize, readBatch } from "./waiting/records";
import { createJobWaiter, type JobWaiter, type JobWaiterDependencies } from "./waiting/waiter";

/** For how long one try to have a job taken goes on. */
const submitMilliseconds = 60_000;

const dayMilliseconds = 86_400_000;

/** Pause before records are read again for which the table had no time; longer each time. */
const unreadPauseMilliseconds = 200;

const tableActions: Record<keyof Jobs, string> = {
  create: "dynamodb:PutItem",
  get: "dynamodb:GetItem",
  change: "dynamodb:UpdateItem",
};

const objectActions: Record<keyof Objects, string> = {
  put: "s3:PutObject",
  head: "s3:GetObject",
  get: "s3:GetObject",
  copy: "s3:GetObject",
};

/** What a service with a table is made of. */
export interface TableServiceSettings {
  outputs: AsyncInferenceOutputs;
  waiter: string;
  pollIntervalSeconds: number;
  consumerQueueUrl: string | undefined;
  maxOpenJobs: number | undefined;
  usdPerInstanceHour?: number | undefined;
  clock: ServiceClock;
  random: () => number;
  randomBytes: (count: number) => Uint8Array;
  log: Log;
}

/** Jobs of one day to read. */
interface AcceptedPages {
  day: Date;
  from: Date;
  to: Date;
  state: string | undefined;
  signal: AbortSignal | undefined;
}

/** A service whose jobs have records, which the client moves by the same core as the service's own functions. */
export class TableService implements FindingService {
  private readonly ports: SubmitPorts;
  private readonly settings: SubmitSettings;
  private readonly place: InputPlace;
  private readonly readCount: () => Promise<OpenCount | undefined>;
  private readonly waiter: JobWaiter<Waiting<unknown>, InferenceResult<unknown>>;
  private askedForTime = false;

  constructor(
    private readonly connections: Connections,
    private readonly own: TableServiceSettings,
  ) {
    const { outputs, clock, log } = own;
    this.settings = settingsOf(outputs, own.maxOpenJobs ?? outputs.maxOpenJobs);
    this.place = { ...this.settings, connections, partition: outputs.partition };
    const ports: JobPorts = {
      jobs: advising(connections.jobs(outputs.jobTableName), (method) => ({ action: tableActions[method], resource: outputs.jobTableArn })),
      objects: advising(connections.objects(), (method, location) => {
        const { bucket, key } = readS3Uri(location as string) ?? { bucket: outputs.bucketName, key: "" };
        return { action: objectActions[method], resource: objectArn(bucket, key, outputs.partition) };
      }),
      endpoint: connections.endpoint(),
      events: advising(connections.events(outputs.jobsTopicArn), () => ({ action: "sns:Publish", resource: outputs.jobsTopicArn })),
      clock: stamping(clock),
      hash: (data) => createHash("sha256").update(data).digest("hex"),
      randomBytes: own.randomBytes,
      log,
    };
    const floor = floorCall(ports, outputs.floorFunctionArn, () => connections.lambda);
    this.readCount = openCountReader(ports);
    const low = advising(connections.low(outputs.jobTableName), () => ({ action: "dynamodb:UpdateItem", resource: outputs.jobTableArn }));
    this.ports = { ...ports, floor, openCount: this.readCount, low };
    this.waiter = createJobWaiter(waiterSettings(connections, own), (record, waiting: Waiting<unknown>) => this.read(record, waiting));
  }

  get objects(): Objects {
    return this.ports.objects;
  }

  async submit(submission: Submission): Promise<JobReference> {
    const { clock, random } = this.own;
    const job = await submitInTurn(submission, {
      clock,
      random,
      prepare: () => this.learnTime(),
      place: (input) => planInput(this.ports, this.place, submission, input),
      send: (placed) => this.submitOnce(submission, placed),
    });
    return this.reference(job);
  }

  result<Out>({ jobId, record }: JobReference, waiting: Waiting<Out>): Promise<InferenceResult<unknown>> {
    // Ten thousand of them are pending at a time: nothing more is held than what reading needs.
    return record === undefined ? this.waiter.wait(jobId, waiting) : this.read(record, waiting);
  }

  private async read(record: JobRecord, waiting: Waiting<unknown>): Promise<InferenceResult<unknown>> {
    const { signal } = waiting;
    const { jobId, outputLocation, state } = record;
    const told = toldOf(record);
    if (state !== "COMPLETED" || outputLocation === undefined) {
      return { ...told, success: false, error: await reading(this.failure(record, signal), signal, jobId) };
    }
    const knownType = record.outputContentType ?? record.accept;
    const object = { knownType, partition: this.own.outputs.partition };
    return reading(readResult(this.connections, outputLocation, told, waiting, object), signal, jobId);
  }

  private get rates(): Rates {
    const { outputs, usdPerInstanceHour } = this.own;
    return { concurrency: outputs.maxConcurrentInvocationsPerInstance, usdPerInstanceHour };
  }

  async status({ jobId }: JobReference): Promise<JobStatus> {
    const record = await this.ports.jobs.get(jobId);
    if (record) return statusOf(record, this.rates);
    throw new AsyncInferenceError(noJob(jobId), { jobId });
  }

  async cancel({ jobId }: JobReference): Promise<CancelOutcome> {
    return cancelOutcomeOf(await cancelJob(this.ports, this.settings, jobId));
  }

  async *list({ state, since, until, limit = Infinity, signal }: ListOptions): AsyncGenerator<ListedJob> {
    await this.learnTime();
    const now = this.own.clock.stamp();
    const from = since === undefined ? now - dayMilliseconds : new Date(since).getTime();
    // From tomorrow on, for writers whose clocks are fast.
    const to = until === undefined ? now + dayMilliseconds : new Date(until).getTime();
    if (to < from) return;
    let left = limit;
    // Newest first, one day's partition after the other.
    const lastDay = Math.floor(from / dayMilliseconds);
    for (let day = Math.floor(to / dayMilliseconds); day >= lastDay; day--) {
      const pages = { day: new Date(day * dayMilliseconds), from: new Date(from), to: new Date(to), state, signal };
      for await (const record of this.accepted(pages, () => left)) {
        if (left-- <= 0) return;
        yield listedJob(record);
      }
      if (left <= 0) return;
    }
  }

  async overview({ historyMinutes }: OverviewOptions): Promise<ServiceOverview> {
    const options = historyMinutes === undefined ? {} : { historyMinutes };
    return readOverview(await this.explainSources(), this.connections, options);
  }

  async open({ jobId }: JobReference, what: JobObjectName): Promise<JobObject | undefined> {
    const record = await this.ports.jobs.get(jobId);
    if (!record) throw new AsyncInferenceError(noJob(jobId), { jobId });
    const { inputInCall, input, inputLocation, contentType } = record;
    if (what === "input" && inputInCall === true) {
      if (input === undefined) return undefined;
      return present({ location: inputLocation, body: Readable.from([Buffer.from(input)]), contentType, bytes: input.byteLength });
    }
    const location = { input: inputLocation, output: record.outputLocation, failure: record.failureLocation }[what];
    if (location === undefined || !location.startsWith("s3://")) return undefined;
    const known = { input: contentType, output: record.outputContentType ?? record.accept, failure: "text/plain" }[what];
    return openJobObject(this.connections, location, known, this.own.outputs.partition);
  }

  async logs({ jobId }: JobReference, { logGroups, limit = 200 }: JobLogOptions): Promise<JobLog[]> {
    await this.connections.loadExplain();
    const { outputs } = this.own;
    const record = await this.ports.jobs.get(jobId);
    if (!record) throw new AsyncInferenceError(noJob(jobId), { jobId });
    const places = logPlaces(outputs, { jobId, inferenceId: record.inferenceId }, logGroups);
    return Promise.all(places.map((place) => readJobLog(this.connections.logs, outputs, place, Date.parse(record.createdAt), limit)));
  }

  async *statuses(options: ListOptions): AsyncGenerator<JobStatus> {
    let jobIds: string[] = [];
    for await (const { jobId } of this.list(options)) {
      if (jobIds.push(jobId) < batchSize) continue;
      yield* this.recorded(jobIds, options.signal);
      jobIds = [];
    }
    if (jobIds.length > 0) yield* this.recorded(jobIds, options.signal);
  }

  async explainSources(): Promise<ExplainSources> {
    const { outputs, clock } = this.own;
    return explainSources(this.connections, outputs, () => clock.stamp(), await this.connections.loadExplain());
  }

  async serviceTime(): Promise<number> {
    await this.learnTime();
    return this.own.clock.stamp();
  }

  /** The job of this id; undefined when there is none. */
  async find(jobId: string): Promise<JobReference | undefined> {
    const record = await this.ports.jobs.get(jobId);
    return record && this.reference(record);
  }

  close(): void {
    this.waiter.close();
  }

  /** Before anything is written: a record says when. What the first job reads anyway tells it; a refusal does too. */
  private async learnTime(): Promise<void> {
    if (this.askedForTime || this.own.clock.isKnown) return;
    await this.readCount().catch((error: unknown) => {
      if (!this.own.clock.isKnown) throw error;
    });
    this.askedForTime = true;
  }

  private async submitOnce({ jobId, request, signal }: Submission, input: JobInput): Promise<JobRecord> {
    signal?.throwIfAborted();
    const { clock } = this.own;
    const giveUpAt = clock.stamp() + submitMilliseconds;
    const job = await submitJob(abortable(this.ports, clock, signal), this.settings, jobId, request, input, giveUpAt);
    if (job.refusal) throw new AsyncInferenceError(this.advised(job.refusal), { jobId });
    return job;
  }

  /** A handle's view of a record. That of an ended job says all that will ever be known. */
  private reference(record: JobRecord): JobReference {
    return {
      ...referenceOf(record, record.waiter === this.own.waiter),
      ...(isTerminal(record.state) ? { record } : {}),
      ...(this.neverTaken(record) ?? {}),
    };
  }

  /** Why the service did not accept the job at all. */
  private neverTaken(record: JobRecord): Pick<JobReference, "neverTaken"> | undefined {
    const { jobId, error } = record;
    if (error === undefined || !wasNeverAccepted(record)) return undefined;
    return { neverTaken: new AsyncInferenceError(this.advised(error), { jobId }) };
  }

  private async failure(record: JobRecord, signal: AbortSignal | undefined): Promise<AsyncInferenceError> {
    const { jobId, failureLocation, state } = record;
    const error = endErrorOf(record);
    const { text, problem } =
      state === "FAILED" && failureLocation !== undefined ? await readFailure(this.connections, failureLocation, signal) : {};
    const advised = this.advised(error);
    if (problem !== undefined) {
      const message = `${error.message} The failure object can't be read: ${problem.message}`;
      return new AsyncInferenceError({ ...advised, message, advice: `${advised.advice} ${problem.advice}`.trim() }, { jobId });
    }
    const said = text === undefined ? undefined : messageOf(text);
    const message = said === undefined || error.message.includes(said) ? error.message : `${error.message} The model said: ${said}`;
    return new AsyncInferenceError({ ...advised, message }, { jobId });
  }

  /** With the statement to add, where the call itself was refused. */
  private advised(error: CodedError): CodedError {
    if (error.code !== "ACCESS_DENIED" || !error.message.includes("InvokeEndpointAsync")) return error;
    const { partition, region, accountId, endpointName } = this.own.outputs;
    const resource = `arn:${partition}:sagemaker:${region}:${accountId}:endpoint/${endpointName.toLowerCase()}`;
    return { ...error, advice: statementAdvice({ action: "sagemaker:InvokeEndpointAsync", resource }) };
  }

  /** What is recorded of jobs, in their order; one that expired since it was listed is left out. */
  private async *recorded(jobIds: readonly string[], signal = new AbortController().signal): AsyncGenerator<JobStatus> {
    const { clock, outputs } = this.own;
    const { items } = this.connections.dynamodb;
    const table = { items, tableName: outputs.jobTableName, tableArn: outputs.jobTableArn, clock };
    const records = new Map<string, JobRecord>();
    for (let left = jobIds, tries = 1; left.length > 0; tries++) {
      const { found, unread } = await readBatch<JobRecord>(table, left, signal);
      for (const record of found) records.set(record.jobId, record);
      left = unread;
      if (left.length > 0) await clock.sleep(pauseAfter(tries, unreadPauseMilliseconds), signal);
      signal.throwIfAborted();
    }
    for (const jobId of jobIds) {
      const record = records.get(jobId);
      if (record !== undefined) yield statusOf(record, this.rates);
    }
  }

  /** Jobs that were accepted on a day, newest first. */
  private async *accepted({ day, from, to, state, signal }: AcceptedPages, left: () => number): AsyncGenerator<JobRecord> {
    const { items } = this.connections.dynamodb;
    const { jobTableName, jobTableArn } = this.own.outputs;
    const { name, hashKey, rangeKey } = jobTable.indexes.created;
    const needed: Needed = { action: "dynamodb:Query", resource: `${jobTableArn}/index/${name}` };
    const wanted = state === undefined ? undefined : { names: { "#state": "state" }, values: { ":state": state } };
    let ExclusiveStartKey: object | undefined;
    do {
      const query = {
        TableName: jobTableName,
        IndexName: name,
        KeyConditionExpression: "#day = :day AND #at BETWEEN :from AND :to",
        ...(wanted === undefined ? {} : { FilterExpression: "#state = :state" }),
        ExpressionAttributeNames: { "#day": hashKey, "#at": rangeKey, ...wanted?.names },
        ExpressionAttributeValues: {
          ":day": day.toISOString().slice(0, 10),
          ":from": from.toISOString(),
          ":to": to.toISOString(),
          ...wanted?.values,
        },
        // A filter is applied to what was read: how much to read for so many jobs of a state is not known.
        ...(wanted === undefined && Number.isFinite(left()) ? { Limit: Math.max(1, left()) } : {}),
        ScanIndexForward: false,
        ExclusiveStartKey,
      };
      const answer = items.query(query, signal === undefined ? {} : { abortSignal: signal });
      const page = await answer.catch((error: unknown) => {
        throw asyncInferenceError(error, { needed });
      });
      yield* (page.Items ?? []) as unknown as JobRecord[];
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
  }
}

function settingsOf(outputs: AsyncInferenceOutputs, maxOpenJobs: number): SubmitSettings {
  const { endpointName, bucketName, inputPrefix, outputPrefix, invocationTimeoutSeconds, requestTtlSeconds, maxAttempts } = outputs;
  return {
    endpointName,
    bucketName,
    inputPrefix,
    outputPrefix,
    allowedInputBuckets: outputs.inputBuckets.split(",").filter((name) => name !== ""),
    invocationTimeoutSeconds,
    requestTtlSeconds,
    onDoubt: outputs.onDoubt === "wait" ? "wait" : "rerun",
    maxAttempts,
    maxOpenJobs,
    ...(outputs.tracingFunctionArn !== "" && { traceSamplePercent: outputs.traceSamplePercent }),
    notificationsEnabled: outputs.successTopicArn !== "",
    retentionDays: outputs.jobRetentionDays,
  };
}

function waiterSettings(
  connections: Connections,
  { outputs, waiter, pollIntervalSeconds, consumerQueueUrl, clock, log }: TableServiceSettings,
): JobWaiterDependencies {
  const { items } = connections.dynamodb;
  const { jobTableName: tableName, jobTableArn: tableArn, endpointName } = outputs;
  return {
    items,
    tableName,
    tableArn,
    waiter,
    pollIntervalSeconds,
    ...(consumerQueueUrl === undefined
      ? {}
      : { queue: { sqs: connections.sqs.client, library: connections.sqs.library, queueUrl: consumerQueueUrl, endpointName } }),
    clock,
    log,
  };
}
