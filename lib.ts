export { AsyncInference, type HandlerOptions, type ServiceOutputs } from "./components/asyncInference";
export type { AsyncInferenceArgs } from "./components/args";
export { settings, type Setting, type SettingName } from "./components/defaults";
export type { Framework } from "./components/images";
export {
  gpuInstances,
  inferenceAmiVersions,
  type GpuInstance,
  type GpuInstanceType,
  type InferenceAmiVersion,
  type InstanceType,
} from "./components/instanceTypes";
export type { CodedError } from "./functions/core/errors";
export type { JobRecord, JobState } from "./functions/core/job";
export type { HandlerContext, JobHandler } from "./functions/handler";
export { contractVersion, type AsyncInferenceOutputs } from "./outputs";
