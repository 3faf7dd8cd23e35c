export { AsyncInference } from "./components/asyncInference";
export type { AsyncInferenceArgs } from "./components/args";
export { ConsumerQueue, consumerQueue, type ConsumerQueueArgs, type ConsumerQueueOptions } from "./components/consumerQueue";
export { settings, type Setting, type SettingName } from "./components/settings";
export { grantExplain, grantRead, grantSubmit, grantSubmitFunction, grantWait, type GrantOptions } from "./components/grants";
export type { FunctionNetwork } from "./components/callbackLambda";
export { keyPolicy, type KeyPolicyOptions } from "./components/keyPolicy";
export { onCompleted, onFailed, type HandlerOptions } from "./components/handlers";
export type { Framework } from "./components/servingImages";
export type { Deployment, DeploymentStrategy } from "./components/settings/deployment";
export type { Webhook } from "./components/settings/webhooks";
export {
  gpuInstances,
  inferenceAmiVersions,
  type GpuInstance,
  type GpuInstanceType,
  type InferenceAmiVersion,
  type InstanceType,
} from "./components/instanceTypes";
export { task, type TaskRequest, type TaskState } from "./components/task";
export { asyncInferenceOutputs, type ServiceOutputs } from "./components/stackOutputs";
export type { CodedError } from "./core/records/errors";
export type { JobRecord, JobState } from "./core/records/job";
export type { HandlerContext, JobHandler } from "./functions/handler";
export { contractVersion, type AsyncInferenceOutputs } from "./outputs";
