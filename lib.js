export { AsyncInference } from "./components/asyncInference";
export { ConsumerQueue, consumerQueue } from "./components/consumerQueue";
export { settings } from "./components/settings";
export { grantExplain, grantRead, grantSubmit, grantSubmitFunction, grantWait } from "./components/grants";
export { keyPolicy } from "./components/keyPolicy";
export { onCompleted, onFailed } from "./components/handlers";
export { gpuInstances, inferenceAmiVersions, } from "./components/instanceTypes";
export { asyncInferenceOutputs } from "./components/stackOutputs";
export { contractVersion } from "./outputs";
