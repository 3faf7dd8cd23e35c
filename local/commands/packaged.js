/** What `sagemaker-async local` takes from the package `sagemaker-async-inference-local`. */
export { version } from "../../client/version";
export { plainFailure, serve, withPlan } from "./cloud";
