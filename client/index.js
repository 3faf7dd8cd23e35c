export { SageMakerAsyncClient } from "./client";
export { AsyncInferenceError } from "./errors";
export { situations } from "./explain/types";
export { AsyncJob } from "./job";
export { progressEvents } from "./progress";
export { errorCodes } from "../core/records/errors";
export { jobStates } from "../core/records/job";
