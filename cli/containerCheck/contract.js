/**
 * What SageMaker's asynchronous inference asks of a model server.
 *
 * https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
 */
export const contract = {
  /** How long `/ping` may take to answer. */
  pingTimeoutMilliseconds: 2000,
  /** Names and values of an answer's headers, together. */
  largestHeadersBytes: 4096,
  /** How long a container has to end after SIGTERM, before SIGKILL. */
  stopGraceMilliseconds: 30_000,
};
/** Sizes of bodies that are tried, smallest first. */
export const sizes = [
  { name: "7MB", title: "7 MB", bytes: 7 * 1024 * 1024 },
  { name: "100MB", title: "100 MB", bytes: 100 * 1024 * 1024 },
  // What the service allows, and the variables of serverFamilies.ts set: 1 GiB.
  { name: "1GB", title: "1 GB", bytes: 1024 * 1024 * 1024 },
];
