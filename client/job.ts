import type { ServiceClock } from "../core/serviceClock";
import type { JobReference, Service } from "./service";
import type {
  CancelOutcome,
  Codec,
  Explanation,
  InferenceResult,
  JobObjectName,
  JobProgress,
  JobStatus,
  ResultStream,
  SavedResult,
  WaitOptions,
} from "./types";
import type { StandardSchemaV1 } from "./standardSchema";
import { checkWait } from "./checks";
import { explainJob } from "./explain";
import { guardedError } from "./guard";
import { checkKnown } from "./knownOptions";
import type { JobLog, JobLogOptions, JobObject } from "./overview/types";
import { progressOf } from "./progress";
import { present } from "../core/present";

/** What all handles of a client share. @internal */
export interface JobDependencies {
  service: Service;
  clock: ServiceClock;
  /** How long to wait unless the options say so. */
  timeoutSeconds: number;
  /** How often progress is looked at. */
  pollIntervalSeconds: number;
  /** The caller's signal, or the client's end. */
  until: (signal: AbortSignal | undefined) => AbortSignal;
  /** Runs what an abort, or the client's end, ends. */
  run: <Result>(work: (signal: AbortSignal) => Promise<Result>, signal: AbortSignal | undefined, jobId: string) => Promise<Result>;
}

/** How a job's result was asked to be read when it was submitted. @internal */
export interface JobForm<Out> {
  codec?: Pick<Codec<Out>, "decode"> | undefined;
  outputSchema?: StandardSchemaV1<unknown, Out> | undefined;
}

/**
 * A handle on one job. It costs nothing to keep: nothing is asked before something is wanted of it.
 *
 * @example
 * ```ts
 * const job = client.job<Page>("order-17");
 * const result = await job.result({ timeoutSeconds: 600 });
 * ```
 */
export class AsyncJob<Out = unknown> {
  /** The job's identity. */
  readonly jobId: string;
  /** `<attempt>.<jobId>` of the attempt that was newest when the handle was made. */
  readonly inferenceId: string | undefined;
  /** Where the service said the result will be. */
  readonly outputLocation: string | undefined;
  /** Where the service writes what the model says when it fails. */
  readonly failureLocation: string | undefined;
  readonly #reference: JobReference;
  readonly #own: JobDependencies;
  readonly #form: JobForm<Out> | undefined;

  /** @internal */
  constructor(reference: JobReference, own: JobDependencies, form?: JobForm<Out>) {
    this.jobId = reference.jobId;
    this.inferenceId = reference.inferenceId;
    this.outputLocation = reference.outputLocation;
    this.failureLocation = reference.failureLocation;
    this.#reference = reference;
    this.#own = own;
    this.#form = form;
  }

  /**
   * Waits until the job has ended, and reads its result.
   *
   * @returns `success: true` with the data, or `success: false` with the error that the job ended with
   * @throws AsyncInferenceError when no end is known: `WAIT_TIMEOUT`, `ABORTED`, `ACCESS_DENIED`, `NOT_FOUND`, `UNAVAILABLE`
   */
  result(options: WaitOptions & { toFile: string }): Promise<InferenceResult<SavedResult>>;
  result(options: WaitOptions & { as: "bytes" }): Promise<InferenceResult<Uint8Array>>;
  result(options: WaitOptions & { as: "text" }): Promise<InferenceResult<string>>;
  result(options: WaitOptions & { as: "stream" }): Promise<InferenceResult<ResultStream>>;
  result<Data = Out>(options?: WaitOptions<Data>): Promise<InferenceResult<Data>>;
  result(options: WaitOptions<unknown> = {}): Promise<InferenceResult<unknown>> {
    const { service, clock, until } = this.#own;
    const { codec, outputSchema } = this.#form ?? {};
    // Ten thousand of them are pending at a time: each is the service's own promise.
    try {
      checkWait(options);
      const { timeoutSeconds = this.#own.timeoutSeconds, signal, as, toFile, schema = outputSchema } = options;
      const deadline = clock.now() + timeoutSeconds * 1000;
      const { own = false } = this.#reference;
      return service.result(this.#reference, { own, deadline, signal: until(signal), as, toFile, schema, codec });
    } catch (error) {
      return Promise.reject(guardedError(error, undefined, this.jobId));
    }
  }

  /**
   * The job as it is now.
   *
   * @throws AsyncInferenceError `NOT_FOUND` when there is none, or its record was dropped
   */
  async status(options: { signal?: AbortSignal } = {}): Promise<JobStatus> {
    checkKnown("status", options);
    return this.#own.run(() => this.#own.service.status(this.#reference), options.signal, this.jobId);
  }

  /**
   * Ends the job as CANCELLED. One that was not invoked never will be; of one that was, compute continues in the service,
   * and its result is dropped. On a job that has ended it changes nothing.
   *
   * @throws AsyncInferenceError `NOT_FOUND` when there is none, `BAD_INPUT` without a table
   */
  async cancel(): Promise<CancelOutcome> {
    return this.#own.run(() => this.#own.service.cancel(this.#reference), undefined, this.jobId);
  }

  /**
   * Says what is going on with the job: its state, why, since when, what happens next and when, and what can be done.
   *
   * Reads record, objects, endpoint, autoscaling, metrics, alarms, dead letters and logs; what can't be read is under
   * `facts.unknown`, with the statement to add. `grantExplain` gives a role all that it needs. A job that isn't known has
   * the state `UNKNOWN`.
   *
   * It needs four packages of the AWS SDK that the client does without otherwise: `npm install @aws-sdk/client-sagemaker
   * @aws-sdk/client-cloudwatch @aws-sdk/client-cloudwatch-logs @aws-sdk/client-application-auto-scaling`.
   *
   * @throws AsyncInferenceError `BAD_INPUT` when one of the packages is not installed; its message names all that are missing
   */
  async explain(options: { signal?: AbortSignal } = {}): Promise<Explanation> {
    checkKnown("explain", options);
    const { service, run } = this.#own;
    const { jobId, outputLocation, failureLocation } = this.#reference;
    const locations = outputLocation === undefined ? undefined : present({ outputLocation, failureLocation });
    return run(async () => explainJob(await service.explainSources(), jobId, locations), options.signal, this.jobId);
  }

  /**
   * Opens what the model was given, its result, or what it said when it failed. Whoever opens it reads or destroys `body`.
   *
   * @returns undefined when there is none: not yet, no longer, or, of an input that went to the service in the call, after the job's end
   * @throws AsyncInferenceError `NOT_FOUND` when there is no such job, `ACCESS_DENIED` with the statement to add
   */
  async open(what: JobObjectName, options: { signal?: AbortSignal } = {}): Promise<JobObject | undefined> {
    checkKnown("open", options);
    return this.#own.run(() => this.#own.service.open(this.#reference, what), options.signal, this.jobId);
  }

  /**
   * What the container printed about the job's newest attempt, and the function that records ends about the job. A log that can't be
   * read says why.
   *
   * It needs `@aws-sdk/client-cloudwatch-logs`; `grantExplain` gives a role the permissions.
   *
   * @throws AsyncInferenceError `NOT_FOUND` when there is no such job
   */
  async logs(options: JobLogOptions = {}): Promise<JobLog[]> {
    checkKnown("logs", options);
    return this.#own.run(() => this.#own.service.logs(this.#reference, options), options.signal, this.jobId);
  }

  /**
   * How far the job is, each time that something changes, until it has ended. `known` is what is recorded; `estimated` what
   * follows from backlog, instances and the job's age, since SageMaker does not tell when a request starts. It is left out where
   * `@aws-sdk/client-sagemaker` and `@aws-sdk/client-cloudwatch` are not installed.
   *
   * @throws AsyncInferenceError `ABORTED`, `NOT_FOUND`, `ACCESS_DENIED`
   * @example
   * ```ts
   * for await (const { state, estimated } of job.progress()) console.log(state, estimated?.phase);
   * ```
   */
  async *progress(options: { signal?: AbortSignal } = {}): AsyncGenerator<JobProgress, void, void> {
    checkKnown("progress", options);
    const { service, clock, run, pollIntervalSeconds } = this.#own;
    const { signal } = options;
    yield* progressOf({
      status: () => run((until) => service.status(this.#reference, until), signal, this.jobId),
      sources: await run(() => service.explainSources(), signal, this.jobId),
      now: () => clock.stamp(),
      pause: (seconds) => run((until) => clock.sleep(seconds * 1000, until), signal, this.jobId),
      pollIntervalSeconds,
    });
  }
}
