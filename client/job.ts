import type { ClientClock } from "./abort";
import type { JobReference, Service } from "./service";
import type { CancelOutcome, Codec, InferenceResult, JobStatus, ResultStream, SavedResult, WaitOptions } from "./types";
import type { StandardSchemaV1 } from "./standardSchema";
import { checkWait } from "./checks";

/** What a handle knows besides its job. */
export interface JobDependencies<Out> {
  service: Service;
  clock: ClientClock;
  /** How long to wait when it isn't told. */
  timeoutSeconds: number;
  codec?: Pick<Codec<Out>, "decode"> | undefined;
  schema?: StandardSchemaV1<unknown, Out> | undefined;
  /** Runs what an abort, or the client's end, ends. */
  run: <Result>(work: (signal: AbortSignal) => Promise<Result>, signal: AbortSignal | undefined) => Promise<Result>;
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
  readonly #own: JobDependencies<Out>;

  /** @internal */
  constructor(reference: JobReference, own: JobDependencies<Out>) {
    this.jobId = reference.jobId;
    this.inferenceId = reference.inferenceId;
    this.outputLocation = reference.outputLocation;
    this.failureLocation = reference.failureLocation;
    this.#reference = reference;
    this.#own = own;
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
  async result(options: WaitOptions<unknown> = {}): Promise<InferenceResult<unknown>> {
    const { service, clock, codec, schema, run } = this.#own;
    checkWait(options);
    const { timeoutSeconds = this.#own.timeoutSeconds, signal } = options;
    const waiting = { ...(schema === undefined ? {} : { schema }), ...options, codec, deadline: clock.now() + timeoutSeconds * 1000 };
    return run((until) => service.result(this.#reference, { ...waiting, signal: until }), signal);
  }

  /**
   * The job as it is now.
   *
   * @throws AsyncInferenceError `NOT_FOUND` when there is none, or its record was dropped
   */
  async status(options: { signal?: AbortSignal } = {}): Promise<JobStatus> {
    return this.#own.run(() => this.#own.service.status(this.#reference), options.signal);
  }

  /**
   * Ends the job as CANCELLED. One that was not invoked never will be; of one that was, compute continues in the service,
   * and its result is dropped. On a job that has ended it changes nothing.
   *
   * @throws AsyncInferenceError `NOT_FOUND` when there is none, `BAD_INPUT` without a table
   */
  async cancel(): Promise<CancelOutcome> {
    return this.#own.run(() => this.#own.service.cancel(this.#reference), undefined);
  }
}
