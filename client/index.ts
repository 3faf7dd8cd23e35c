import type {
  Explanation,
  CancelOutcome,
  ClientSettings,
  EndpointClientOptions,
  InferenceResult,
  InvokeOptions,
  JobLocations,
  JobProgress,
  JobStatus,
  ListedJob,
  ListOptions,
  ManyResult,
  ResultStream,
  SavedResult,
  StackClientOptions,
  SubmitManyOptions,
  SubmitOptions,
  WaitOptions,
} from "./types";

export { AsyncInferenceError } from "./errors";
export type * from "./types";
export type { StandardSchemaV1 } from "./standardSchema";
export { errorCodes, type CodedError, type ErrorCode } from "../functions/core/errors";
export { jobStates, type JobState, type JobTimings, type OnDoubt } from "../functions/core/job";
export type { AsyncInferenceOutputs } from "../outputs";

export declare class AsyncJob<Out = unknown> {
  readonly jobId: string;
  readonly inferenceId: string | undefined;
  readonly outputLocation: string | undefined;
  readonly failureLocation: string | undefined;
  result(options: WaitOptions & { toFile: string }): Promise<InferenceResult<SavedResult>>;
  result(options: WaitOptions & { as: "bytes" }): Promise<InferenceResult<Uint8Array>>;
  result(options: WaitOptions & { as: "text" }): Promise<InferenceResult<string>>;
  result(options: WaitOptions & { as: "stream" }): Promise<InferenceResult<ResultStream>>;
  result<Data = Out>(options?: WaitOptions<Data>): Promise<InferenceResult<Data>>;
  status(options?: { signal?: AbortSignal }): Promise<JobStatus>;
  cancel(): Promise<CancelOutcome>;
  explain(): Promise<Explanation>;
  progress(options?: { signal?: AbortSignal }): AsyncIterable<JobProgress>;
}

export declare class SageMakerAsyncClient implements AsyncDisposable {
  static fromStackOutputs(outputs: StackClientOptions["outputs"], options?: ClientSettings): SageMakerAsyncClient;
  constructor(options: StackClientOptions | EndpointClientOptions);
  submit<Out = unknown, In = unknown>(input: In, options?: SubmitOptions<Out, In>): Promise<AsyncJob<Out>>;
  invoke(input: unknown, options: InvokeOptions & { toFile: string }): Promise<InferenceResult<SavedResult>>;
  invoke(input: unknown, options: InvokeOptions & { as: "bytes" }): Promise<InferenceResult<Uint8Array>>;
  invoke(input: unknown, options: InvokeOptions & { as: "text" }): Promise<InferenceResult<string>>;
  invoke(input: unknown, options: InvokeOptions & { as: "stream" }): Promise<InferenceResult<ResultStream>>;
  invoke<Out = unknown, In = unknown>(input: In, options?: InvokeOptions<Out, In>): Promise<InferenceResult<Out>>;
  invokeWithRetry<Out = unknown, In = unknown>(input: In, options?: InvokeOptions<Out, In> | number): Promise<InferenceResult<Out>>;
  submitMany<Out = unknown, In = unknown>(
    inputs: Iterable<In> | AsyncIterable<In>,
    options?: SubmitManyOptions<Out, In>,
  ): AsyncIterableIterator<ManyResult<Out>>;
  job<Out = unknown>(job: string | JobLocations): AsyncJob<Out>;
  pollForResult<Out = unknown>(
    inferenceId: string,
    outputLocation: string,
    maxWaitMs?: number,
    initialPollIntervalMs?: number,
    maxPollIntervalMs?: number,
  ): Promise<InferenceResult<Out>>;
  list(options?: ListOptions): AsyncIterable<ListedJob>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
