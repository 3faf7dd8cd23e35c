/**
 * Largest input that InvokeEndpointAsync takes in the call itself, in bytes.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointAsync.html
 */
export const callInputBytes = 128_000;
