import { readS3Uri } from "../core/records/s3Uri";
import { randomBytes } from "node:crypto";
import { codedError } from "../core/records/errors";
import { createServiceClock, type ProcessClock, type ServiceClock } from "../core/serviceClock";
import { partitionOf } from "../core/partition";
import { jobIdPattern, newJobId, readInferenceId } from "../core/records/job";
import { joinProblems, readRequest, type SubmitRequest } from "../core/messages/request";
import { embeddedAddress, isEmbedded, outputsProblem, type AsyncInferenceOutputs } from "../outputs";
import { namesAddress } from "../aws/atAddress";
import { unlessAborted } from "./abort";
import { activeTrace } from "./activeTrace";
import { checkEndpointOptions, checkInvoke, checkList, checkMany, checkOverview, checkSettings } from "./checks";
import { Connections } from "./connections";
import { EndpointService } from "./endpointService";
import { AsyncInferenceError, clientError } from "./errors";
import { guardedError } from "./guard";
import { readInput } from "./input";
import { checkKnown } from "./knownOptions";
import { AsyncJob, type JobDependencies } from "./job";
import type { OverviewOptions, ServiceOverview } from "./overview/types";
import { pollForResult } from "./poll";
import type { FindingService, JobReference, Submission } from "./service";
import { Slots } from "./slots";
import { submitMany } from "./submitMany";
import { TableService } from "./tableService";
import { systemClock } from "./waiting/clock";
import type {
  ClientOptions,
  ClientSettings,
  InferenceResult,
  InvokeOptions,
  JobLocations,
  JobStatus,
  ListedJob,
  ListOptions,
  ManyResult,
  ResultStream,
  SavedResult,
  StackClientOptions,
  SubmitManyOptions,
  SubmitOptions,
} from "./types";

const defaultTimeoutSeconds = 1200;
const defaultConcurrency = 32;

/**
 * How many submissions are under way at once: each may have four parts of an input on their way, and has a socket for each. What is
 * beyond that waits in the client, where no time-out runs: thousands at once would all be late together.
 */
const submissionsAtOnce = 64;

/** Checked first for handles, which are made by the ten thousand: what is wrong with others is said by the checks of a request. */
const wellFormedJobId = new RegExp(jobIdPattern);

/** For how long `close` waits for calls that their callers gave up on: longer than any of InvokeEndpointAsync takes. */
const closingMilliseconds = 15_000;

/** What tests put in the place of time and chance. */
export interface ClientInternals {
  clock?: Partial<ProcessClock>;
  random?: () => number;
  /** Runs the jobs, in the place of the service that the options name. @internal */
  service?: FindingService;
}

/**
 * Submits jobs to an asynchronous endpoint, waits for their results and finds them again.
 *
 * @example
 * ```ts
 * await using client = SageMakerAsyncClient.fromStackOutputs(outputs);
 * const result = await client.invoke<Page>({ imageKey: "scans/17.png" });
 * if (result.success) console.log(result.data);
 * ```
 */
export class SageMakerAsyncClient implements AsyncDisposable {
  readonly #settings: Required<Pick<ClientSettings, "timeoutSeconds" | "maxAttempts" | "waiter" | "pollIntervalSeconds">>;
  readonly #connections: Connections;
  readonly #service: FindingService | EndpointService;
  readonly #hasTable: boolean;
  readonly #log: NonNullable<ClientSettings["logger"]>;
  readonly #clock: ServiceClock;
  readonly #closing = new AbortController();
  readonly #submissions = new Slots(submissionsAtOnce);
  /** What ends calls by a caller's signal: one for all calls with the same. */
  readonly #untils = new WeakMap<AbortSignal, AbortSignal>();
  /** What was given up by its callers and comes to its end by itself. */
  readonly #pending = new Set<Promise<unknown>>();
  #sharedByJobs: JobDependencies | undefined;
  readonly #prefixes: { failurePrefix: string; outputPrefix: string };
  #closed: Promise<void> | undefined;

  /**
   * A client of a deployed service.
   *
   * @param outputs outputs of its stack, bare or as `{ endpointUrl, outputs }`
   * @throws AsyncInferenceError `BAD_INPUT` when they are something else, or of another version
   */
  static fromStackOutputs(outputs: StackClientOptions["outputs"], options: ClientSettings = {}): SageMakerAsyncClient {
    return new SageMakerAsyncClient({ ...options, outputs });
  }

  /**
   * A client of any asynchronous endpoint, `{ bucket, endpointName, region }`, or of a deployed service, `{ outputs }`.
   *
   * @param internals for tests
   * @throws AsyncInferenceError `BAD_INPUT` naming the option
   */
  constructor(options: ClientOptions, internals: ClientInternals = {}) {
    const { random = Math.random } = internals;
    const clock = createServiceClock({ ...systemClock, ...internals.clock });
    checkSettings(options);
    const { timeoutSeconds = defaultTimeoutSeconds, maxAttempts = 3, pollIntervalSeconds = 1, logger = () => undefined } = options;
    const waiter = options.waiter ?? `client-${randomBytes(8).toString("hex")}`;
    this.#settings = { timeoutSeconds, maxAttempts, waiter, pollIntervalSeconds };
    this.#clock = clock;
    this.#log = logger;
    const shared = { pollIntervalSeconds, clock, random, randomBytes, log: logger };
    if ("outputs" in options) {
      checkKnown("fromStackOutputs", options);
      const { outputs, endpointUrl } = readOutputs(options);
      const { failurePrefix, outputPrefix } = outputs;
      this.#connections = new Connections({ ...options, endpointUrl, region: outputs.region }, clock);
      const { consumerQueueUrl, maxOpenJobs, usdPerInstanceHour } = options;
      const settings = { ...shared, outputs, waiter, consumerQueueUrl, maxOpenJobs, usdPerInstanceHour };
      this.#service = internals.service ?? new TableService(this.#connections, settings);
      this.#prefixes = { failurePrefix, outputPrefix };
      this.#hasTable = true;
      return;
    }
    checkEndpointOptions(options);
    const { bucket, endpointName, region, inputBuckets = [], onDoubt = "rerun" } = options;
    const [inputPrefix, outputPrefix, failurePrefix] = [
      options.inputPrefix ?? "input/",
      options.outputPrefix ?? "output/",
      options.failurePrefix ?? "failure/",
    ].map((prefix) => (prefix.endsWith("/") ? prefix : `${prefix}/`)) as [string, string, string];
    const place = { bucket, endpointName, waiter, region, inputPrefix, outputPrefix, failurePrefix };
    this.#connections = new Connections({ ...options, region }, clock);
    this.#service = new EndpointService(this.#connections, { ...shared, ...place, inputBuckets, onDoubt, maxAttempts });
    this.#prefixes = { failurePrefix, outputPrefix };
    this.#hasTable = false;
  }

  /**
   * Submits one job.
   *
   * @returns a handle, as soon as the service has taken the job
   * @throws AsyncInferenceError when it has not: `BAD_INPUT`, `CONFLICT`, `LIMIT`, `THROTTLED`, `UNAVAILABLE`, …
   */
  async submit<Out = unknown, In = unknown>(input: In, options: SubmitOptions<Out, In> = {}): Promise<AsyncJob<Out>> {
    checkKnown("submit", options);
    const reference = await this.#submit(input, options, 1);
    if (reference.neverTaken) throw reference.neverTaken;
    return new AsyncJob<Out>(reference, this.#jobs, options);
  }

  /**
   * Submits one job and waits for its result.
   *
   * @returns `success: true` with the data, or `success: false` with the error that the job ended with
   * @throws AsyncInferenceError when no end is known: `BAD_INPUT`, `WAIT_TIMEOUT`, `ABORTED`, `ACCESS_DENIED`, …; if the
   * service never accepted the job, the last attempt's error, with all `attempts`
   */
  invoke<In = unknown>(input: In, options: InvokeOptions<unknown, In> & { toFile: string }): Promise<InferenceResult<SavedResult>>;
  invoke<In = unknown>(input: In, options: InvokeOptions<unknown, In> & { as: "bytes" }): Promise<InferenceResult<Uint8Array>>;
  invoke<In = unknown>(input: In, options: InvokeOptions<unknown, In> & { as: "text" }): Promise<InferenceResult<string>>;
  invoke<In = unknown>(input: In, options: InvokeOptions<unknown, In> & { as: "stream" }): Promise<InferenceResult<ResultStream>>;
  invoke<Out = unknown, In = unknown>(input: In, options?: InvokeOptions<Out, In>): Promise<InferenceResult<Out>>;
  async invoke(input: unknown, options: InvokeOptions = {}): Promise<InferenceResult<unknown>> {
    checkInvoke(options);
    const deadline = this.#clock.now() + (options.timeoutSeconds ?? this.#settings.timeoutSeconds) * 1000;
    const reference = await this.#submit(input, options, options.maxAttempts ?? this.#settings.maxAttempts);
    const { as, toFile, signal, outputSchema: schema, codec } = options;
    const { own = false, jobId } = reference;
    const waiting = { own, deadline, as, toFile, schema, codec };
    return this.#run((until) => this.#service.result(reference, { ...waiting, signal: until }), signal, jobId);
  }

  /**
   * {@link invoke} by the name that callers of the usual snippet know.
   *
   * @param options a number is `maxAttempts`
   */
  invokeWithRetry<Out = unknown, In = unknown>(input: In, options: InvokeOptions<Out, In> | number = {}): Promise<InferenceResult<Out>> {
    return this.invoke(input, typeof options === "number" ? { maxAttempts: options } : options);
  }

  /**
   * Submits many inputs and yields their results as they finish, each with its input's `index`. Inputs are read as results
   * are taken; one that fails yields `success: false`. Leaving the loop ends the waits and submits nothing more.
   *
   * @throws AsyncInferenceError `ABORTED` by the signal; what `inputs` itself throws
   */
  submitMany<Out = unknown, In = unknown>(
    inputs: Iterable<In> | AsyncIterable<In>,
    options: SubmitManyOptions<Out, In> = {},
  ): AsyncGenerator<ManyResult<Out>> {
    const { concurrency = defaultConcurrency, each, signal, ...shared } = options;
    checkMany(inputs, options as SubmitManyOptions);
    return submitMany<In, Out>(inputs, {
      concurrency,
      signal,
      run: async (input, index, until) => this.invoke<Out, In>(input, { ...shared, ...each?.(input, index), signal: until }),
    });
  }

  /**
   * A handle on a job that was submitted before, here or anywhere. Nothing is asked yet.
   *
   * @param job its id; without a table its locations
   * @throws AsyncInferenceError `BAD_INPUT` for what can't be either
   */
  job<Out = unknown>(job: string | JobLocations): AsyncJob<Out> {
    if (typeof job === "string") {
      if (!wellFormedJobId.test(job)) checkRequest({ jobId: job });
      if (this.#hasTable) return new AsyncJob<Out>({ jobId: job }, this.#jobs);
      throw clientError(
        "BAD_INPUT",
        `job: got the id ${job}, expected { outputLocation, failureLocation }: without a table an id says nothing`,
        {
          field: "job",
          advice: "Keep a handle's two locations, or make the client with SageMakerAsyncClient.fromStackOutputs(outputs).",
        },
      );
    }
    const { outputLocation, failureLocation, inferenceId } = job;
    checkLocations({ outputLocation, failureLocation });
    const jobId = job.jobId ?? readInferenceId(inferenceId ?? "")?.jobId ?? outputLocation.slice(outputLocation.lastIndexOf("/") + 1);
    return new AsyncJob<Out>({ ...job, jobId }, this.#jobs);
  }

  /**
   * Waits for the result of an invocation that anybody made, by the signature of the usual snippet.
   *
   * @param outputLocation what InvokeEndpointAsync answered
   * @param maxWaitMs how long to wait, in milliseconds. @default 1200000
   * @param initialPollIntervalMs pause before the second look, in milliseconds; each further one is half as long again. @default 1000
   * @param maxPollIntervalMs longest pause, in milliseconds. @default 30000
   * @returns `success: false` with the failure object's message for an invocation that failed
   * @throws AsyncInferenceError `WAIT_TIMEOUT`, `ACCESS_DENIED`
   */
  async pollForResult<Out = unknown>(
    inferenceId: string,
    outputLocation: string,
    maxWaitMs = defaultTimeoutSeconds * 1000,
    initialPollIntervalMs = 1000,
    maxPollIntervalMs = 30_000,
  ): Promise<InferenceResult<Out>> {
    checkLocations({ outputLocation });
    const jobId = readInferenceId(inferenceId)?.jobId ?? inferenceId;
    const deadline = this.#clock.now() + maxWaitMs;
    const work = async (signal: AbortSignal) => {
      const known = "find" in this.#service ? await this.#service.find(jobId) : undefined;
      if (known) return this.#service.result(known, { own: known.own ?? false, deadline, signal });
      const pauses = { initialPollIntervalMs, maxPollIntervalMs };
      const partition = partitionOf(await this.#connections.region());
      const poll = { ...this.#prefixes, ...pauses, partition, inferenceId, jobId, outputLocation, deadline, signal, clock: this.#clock };
      return pollForResult(this.#connections, this.#service.objects, poll);
    };
    return (await this.#run(work, undefined, jobId)) as InferenceResult<Out>;
  }

  /**
   * Jobs by when they were accepted, newest first.
   *
   * @throws AsyncInferenceError `BAD_INPUT` without a table
   */
  async *list(options: ListOptions = {}): AsyncGenerator<ListedJob> {
    checkList(options);
    const signal = this.#until(options.signal);
    try {
      yield* this.#service.list({ ...options, signal });
    } catch (error) {
      throw guardedError(error, signal, undefined);
    }
  }

  /**
   * How the service is: open jobs, instances, backlog, the floor that keeps instances, scaling, alarms, dead letters, and metrics of the
   * last minutes. What can't be read is in `unreadable`, with the statement that is missing; `grantExplain` gives them all.
   *
   * It needs the packages of the AWS SDK that `explain` needs.
   *
   * @throws AsyncInferenceError `BAD_INPUT` naming the option, or the packages that are not installed
   */
  async overview(options: OverviewOptions = {}): Promise<ServiceOverview> {
    checkOverview(options);
    return this.#run(() => this.#service.overview(options), options.signal, undefined);
  }

  /**
   * The jobs of {@link list} with all that is recorded of each: times, result, error, metadata. One more read for every hundred jobs.
   * So jobs are found by what no index has, such as their input's name: all that were accepted in the span are read.
   *
   * @throws AsyncInferenceError `BAD_INPUT` without a table
   * @example
   * ```ts
   * for await (const { jobId, inputLocation, state } of client.statuses({ since: "2026-01-25T08:00:00Z" })) {
   *   if (inputLocation?.endsWith("/scan-17.png")) console.log(jobId, state);
   * }
   * ```
   */
  async *statuses(options: ListOptions = {}): AsyncGenerator<JobStatus> {
    checkList(options, "statuses");
    const signal = this.#until(options.signal);
    try {
      yield* this.#service.statuses({ ...options, signal });
    } catch (error) {
      throw guardedError(error, signal, undefined);
    }
  }

  /**
   * What time it is for the service. Its answers tell it, so that this machine's clock may be wrong, or slower than that of an
   * embedded cloud; the times of {@link list} and of every status are of this clock. Asked for when nothing was answered yet.
   *
   * @throws AsyncInferenceError when there is no answer: `UNAVAILABLE`, …
   */
  async serviceTime(): Promise<Date> {
    return new Date(await this.#run(() => this.#service.serviceTime(), undefined, undefined));
  }

  /** Ends every wait with `ABORTED` and closes all connections. Jobs go on. Calling it again waits for the same end. */
  close(): Promise<void> {
    return (this.#closed ??= this.#shutDown());
  }

  /** {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shutDown(): Promise<void> {
    this.#closing.abort(new Error("The client was closed."));
    this.#service.close();
    await settledWithin(closingMilliseconds, this.#pending);
    this.#connections.destroy();
  }

  async #submit<Out, In>(given: In, options: SubmitOptions<Out, In>, maxAttempts: number): Promise<JobReference> {
    const named = options.jobId !== undefined;
    const jobId = options.jobId ?? newJobId(this.#clock.stamp(), randomBytes(16));
    const traceContext = options.traceContext ?? (await activeTrace(this.#log));
    const request = checkRequest({ ...requestOf(options), ...(traceContext && { traceContext }), jobId, waiter: this.#settings.waiter });
    if (request.metadata !== undefined && !this.#hasTable) {
      throw clientError("BAD_INPUT", "metadata: without a table there is no record to keep it in", { field: "metadata" });
    }
    if (request.priority === "low" && !this.#hasTable) {
      throw clientError("BAD_INPUT", 'priority: got "low", expected "normal" or nothing: without a table no job can wait', {
        field: "priority",
      });
    }
    let hasBegun = false;
    const work = async (signal: AbortSignal) => {
      await this.#connections.checkRuntime();
      const input = () => readInput(given, options);
      const inTurn: Submission["inTurn"] = (part) =>
        this.#submissions.run(() => {
          hasBegun = true;
          return part();
        }, signal);
      return this.#service.submit({ jobId, named, request, input, maxAttempts, signal, inTurn });
    };
    const unsure = this.#hasTable ? unsureAdvice : "Whether the endpoint has taken it is not known.";
    return this.#run(work, options.signal, jobId, () => (hasBegun ? unsure : "No job was submitted."));
  }

  /**
   * Ends at once when its caller or the client gives up; what is under way comes to its own end.
   *
   * @param advice what to do when it was given up. @default the job goes on
   */
  #run<Result>(
    work: (signal: AbortSignal) => Promise<Result>,
    signal: AbortSignal | undefined,
    jobId: string | undefined,
    advice?: () => string,
  ): Promise<Result> {
    const until = this.#until(signal);
    if (this.#closing.signal.aborted) {
      throw clientError("ABORTED", "The client is closed.", { jobId, advice: `${advice?.() ?? ""} Make another client.`.trim() });
    }
    const failure = (thrown: unknown) => guardedError(thrown, until, jobId, advice?.());
    if (until.aborted) return Promise.reject(failure(until.reason));
    const working = work(until);
    const gaveUp = () => {
      this.#pending.add(working);
      const done = () => this.#pending.delete(working);
      working.then(done, done);
    };
    return unlessAborted(working, until, failure, gaveUp);
  }

  get #jobs(): JobDependencies {
    return (this.#sharedByJobs ??= this.#makeShared());
  }

  #makeShared(): JobDependencies {
    const { timeoutSeconds, pollIntervalSeconds } = this.#settings;
    const run: JobDependencies["run"] = (work, signal, jobId) => this.#run(work, signal, jobId);
    const until: JobDependencies["until"] = (signal) => this.#until(signal);
    return { service: this.#service, clock: this.#clock, timeoutSeconds, pollIntervalSeconds, until, run };
  }

  #until(signal: AbortSignal | undefined): AbortSignal {
    if (signal === undefined) return this.#closing.signal;
    const known = this.#untils.get(signal);
    if (known) return known;
    const until = AbortSignal.any([signal, this.#closing.signal]);
    this.#untils.set(signal, until);
    return until;
  }
}

/** What to do about a submission that was given up while it was under way. */
const unsureAdvice =
  "Whether the service has taken it, client.job(jobId).status() says. The same request with the same jobId is never a second job.";

/** Waits until all works have ended, or for so long; without keeping the process alive by itself. */
async function settledWithin(milliseconds: number, works: Iterable<Promise<unknown>>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds).unref();
  });
  await Promise.race([Promise.allSettled(works), late]);
  clearTimeout(timer);
}

function readOutputs({ outputs, endpointUrl, clients }: StackClientOptions): {
  outputs: AsyncInferenceOutputs;
  endpointUrl: string | undefined;
} {
  const wrapped = typeof outputs === "object" && outputs !== null && "outputs" in outputs && typeof outputs.outputs === "object";
  const bare = wrapped ? outputs.outputs : outputs;
  const problem = outputsProblem("The stack", bare);
  if (problem !== undefined) throw new AsyncInferenceError(codedError("BAD_INPUT", problem, { field: "outputs" }));
  const read = bare as AsyncInferenceOutputs;
  const named = endpointUrl ?? (wrapped ? outputs.endpointUrl : undefined);
  const elsewhere = clients !== undefined || namesAddress(process.env);
  return { outputs: read, endpointUrl: named ?? (isEmbedded(read) && !elsewhere ? embeddedAddress(read) : undefined) };
}

/** The fields of a request that a job's options are. */
function requestOf(options: Omit<SubmitOptions, "inputSchema" | "outputSchema" | "codec">): SubmitRequest {
  const { contentType, accept, customAttributes, invocationTimeoutSeconds, requestTtlSeconds, metadata, priority, onDoubt } = options;
  const fields = { contentType, accept, customAttributes, invocationTimeoutSeconds, requestTtlSeconds, metadata, priority, onDoubt };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** @throws AsyncInferenceError `BAD_INPUT` naming each field, by the checks that the submit function has */
function checkRequest(fields: SubmitRequest): SubmitRequest {
  const read = readRequest({ ...fields, input: null });
  if ("problems" in read) throw new AsyncInferenceError(joinProblems(read.problems));
  return fields;
}

function checkLocations(locations: Partial<Record<"outputLocation" | "failureLocation", unknown>>): void {
  for (const [field, value] of Object.entries(locations)) {
    if (value === undefined && field === "failureLocation") continue;
    if (typeof value === "string" && readS3Uri(value) !== undefined) continue;
    throw clientError("BAD_INPUT", `${field}: got ${JSON.stringify(value) ?? "nothing"}, expected s3://bucket/key`, { field });
  }
}
