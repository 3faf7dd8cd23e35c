import type { JobCost } from "../../client";
import type { Service, Session } from "../session";
import { deployedType } from "./deployed";
import { shownUsd } from "./figures";
import { readPrices } from "./prices";

/** What an instance of a deployed endpoint costs. */
export interface InstancePrice {
  instanceType: string;
  /** Absent for a type whose price is not known. */
  usdPerHour?: number;
  source: string;
}

/**
 * The price of a deployed endpoint's instances, without waiting for AWS's price list: what it said within the last days, else what is
 * shipped.
 *
 * @returns undefined where the endpoint's configuration can't be read; whoever asks has an answer all the same
 */
export async function instancePrice({ environment }: Session, { target, aws }: Service): Promise<InstancePrice | undefined> {
  const { outputs, endpointUrl } = target;
  const instanceType = await deployedType(outputs.endpointConfigName, aws).catch(() => undefined);
  if (instanceType === undefined) return undefined;
  const askAws = endpointUrl === undefined ? "kept" : false;
  const { usdPerHour, source } = await readPrices([instanceType], { given: {}, region: outputs.region, environment, askAws });
  const price = usdPerHour(instanceType);
  return { instanceType, source, ...(price !== undefined && { usdPerHour: price }) };
}

/** A job's cost with its dollars. */
export function pricedCost(cost: JobCost, price: InstancePrice | undefined): JobCost {
  const { instanceSecondsAtMost } = cost;
  return price?.usdPerHour === undefined ? cost : { instanceSecondsAtMost, usdAtMost: (price.usdPerHour * instanceSecondsAtMost) / 3600 };
}

/** The same for people, in one line. */
export function costWords({ instanceSecondsAtMost, usdAtMost }: JobCost, price: InstancePrice | undefined): string {
  const seconds = `${Number(instanceSecondsAtMost.toPrecision(3))} s of ${price?.instanceType ?? "an instance"}`;
  const known = usdAtMost === undefined ? `at most ${seconds}` : `at most ${shownUsd(usdAtMost)} USD, ${seconds}`;
  return `${known}, waiting included (cost --by job has more)`;
}
