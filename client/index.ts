export { SageMakerAsyncClient } from "./client";
export { AsyncInferenceError } from "./errors";
export { AsyncJob } from "./job";
export type { StandardSchemaV1 } from "./standardSchema";
export type * from "./types";
export { errorCodes, type CodedError, type ErrorCode } from "../functions/core/errors";
export { jobStates, type JobState, type JobTimings, type OnDoubt } from "../functions/core/job";
export type { AsyncInferenceOutputs } from "../outputs";
