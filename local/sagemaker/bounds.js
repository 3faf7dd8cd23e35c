/** Largest payload of asynchronous inference, of an input and of an answer: 1 GB. https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html */
export const largestPayloadBytes = 1024 ** 3;
