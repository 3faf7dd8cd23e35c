import type { GpuInstanceType } from "./instanceTypes";

/** Region of the prices below. */
export const pricesRegion = "us-east-1";

/** When they were looked up. */
export const pricesAsOf = "October 2025";

/**
 * US dollars per hour for one instance that serves an endpoint, on demand: every type of the catalogue, and two without GPU.
 * https://aws.amazon.com/sagemaker/ai/pricing/ (Inference, real-time and asynchronous: the same)
 *
 * A type has a price here when every list that was compared had the same; of the others the lists differ, and none is given.
 */
const pricePerHourUsd = {
  "ml.m5.large": 0.115,
  "ml.m5.xlarge": 0.23,
  "ml.g4dn.xlarge": 0.7364,
  "ml.g4dn.2xlarge": 0.94,
  "ml.g4dn.4xlarge": 1.505,
  "ml.g4dn.8xlarge": 2.72,
  "ml.g4dn.12xlarge": 4.89,
  "ml.g4dn.16xlarge": 5.44,
  "ml.g5.xlarge": 1.408,
  "ml.g5.2xlarge": 1.515,
  "ml.g5.4xlarge": 2.03,
  "ml.g5.8xlarge": 3.06,
  "ml.g5.12xlarge": 7.09,
  "ml.g5.16xlarge": 5.12,
  "ml.g5.24xlarge": 10.18,
  "ml.g5.48xlarge": 20.36,
  "ml.g6.xlarge": 1.127,
  "ml.g6.2xlarge": 1.222,
  "ml.g6.4xlarge": 1.654,
  "ml.g6.8xlarge": 2.518,
  "ml.g6.12xlarge": 5.752,
  "ml.g6.16xlarge": 4.246,
  "ml.g6.24xlarge": 8.344,
  "ml.g6.48xlarge": 16.688,
  "ml.g6e.xlarge": undefined,
  "ml.g6e.2xlarge": undefined,
  "ml.g6e.4xlarge": undefined,
  "ml.g6e.8xlarge": undefined,
  "ml.g6e.12xlarge": undefined,
  "ml.g6e.16xlarge": undefined,
  "ml.g6e.24xlarge": undefined,
  "ml.g6e.48xlarge": undefined,
  "ml.p4d.24xlarge": undefined,
  "ml.p4de.24xlarge": undefined,
  "ml.p5.4xlarge": undefined,
  "ml.p5.48xlarge": undefined,
  "ml.p5e.48xlarge": undefined,
  "ml.p5en.48xlarge": undefined,
} as const satisfies Record<GpuInstanceType, number | undefined> & Record<string, number | undefined>;

/** What one instance costs per hour in {@link pricesRegion}, in US dollars; undefined for a type whose price is not known here. */
export function priceOf(instanceType: string): number | undefined {
  return Object.hasOwn(pricePerHourUsd, instanceType) ? pricePerHourUsd[instanceType as keyof typeof pricePerHourUsd] : undefined;
}
