/** The package `sagemaker-async-inference-local`: the embedded cloud for other people's programs and tests. */
export { clientEnvironment } from "./clientEnvironment";
export { cloudSettings, EmbeddedCloud } from "./embeddedCloud";
