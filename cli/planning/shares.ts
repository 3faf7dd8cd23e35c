import { costShares, type CostShares } from "../../planner/cost/shares";
import type { EndedJob } from "../../planner/cost/runs";
import type { Service, Session } from "../session";
import { deployedType, ranOn } from "./deployed";
import { readHistory, type HistoryAnswer } from "./history";
import { readPrices } from "./prices";

/** What jobs used, and what an instance costs. */
export interface PricedShares {
  shares: CostShares;
  /** What CloudWatch counted, or why it could not be asked. */
  answer: HistoryAnswer;
  instanceType: string;
  /** Undefined when no price is known. */
  usdPerHour: number | undefined;
  /** Where the price comes from. */
  prices: string;
}

/**
 * Shares the instances of a deployed service among all jobs that ended on them.
 *
 * @param from milliseconds since the epoch from which on jobs were read
 * @param now the service's time
 * @param paid prices that the user knows better
 */
export async function readShares(
  { environment, signal }: Session,
  { target: { outputs, endpointUrl }, aws }: Service,
  ran: readonly EndedJob[],
  { from, now }: { from: number; now: number },
  paid: { given: Readonly<Record<string, number>>; factor?: number | undefined } = { given: {} },
): Promise<PricedShares> {
  const answer = await readHistory(outputs, aws, from, now, signal);
  const instanceType = (await deployedType(outputs.endpointConfigName, aws)) ?? "unknown";
  const asked = { ...paid, region: outputs.region, environment, askAws: endpointUrl === undefined, signal };
  const prices = await readPrices([instanceType], asked);
  const shares = costShares(ran, ranOn(outputs), answer.history);
  return { shares, answer, instanceType, usdPerHour: prices.usdPerHour(instanceType), prices: prices.source };
}
