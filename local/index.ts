/** The package `sagemaker-async-inference-local`: the embedded cloud for other people's programs and tests. */
export { clientEnvironment, cloudSettings, EmbeddedCloud, type EmbeddedCloudOptions, type ProgramSource } from "./embeddedCloud";
