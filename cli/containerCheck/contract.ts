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
} as const;

/** Sizes of bodies that are tried, smallest first. */
export const sizes = [
  { name: "7MB", title: "7 MB", bytes: 7 * 1024 * 1024 },
  { name: "100MB", title: "100 MB", bytes: 100 * 1024 * 1024 },
  // What the service allows, and the variables of serverFamilies.ts set: 1 GiB.
  { name: "1GB", title: "1 GB", bytes: 1024 * 1024 * 1024 },
] as const;

/** One of {@link sizes}. */
export type Size = (typeof sizes)[number];

/** How a check ended. */
export type Verdict = "holds" | "does not hold" | "could not be checked";

/** One check of the contract. */
export interface Finding {
  /** What was checked, in a few words. */
  check: string;
  verdict: Verdict;
  /** Whether the service needs it: if it does not hold, jobs are lost. Else it is worth knowing. */
  needed: boolean;
  /** What was seen, with figures. */
  seen: string;
  /** The variable or line that mends it, or what makes it checkable. */
  mend?: string;
}
