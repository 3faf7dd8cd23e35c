/** State of an alarm, as CloudWatch spells it. */
export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

/** What a datapoint that isn't there counts as. */
export type TreatMissingData = "missing" | "notBreaching" | "breaching" | "ignore";

/** How a datapoint is compared with the threshold; it breaches when the comparison holds. */
export const comparisons = {
  GreaterThanThreshold: { holds: (value: number, threshold: number) => value > threshold, words: "greater than" },
  GreaterThanOrEqualToThreshold: {
    holds: (value: number, threshold: number) => value >= threshold,
    words: "greater than or equal to",
  },
  LessThanThreshold: { holds: (value: number, threshold: number) => value < threshold, words: "less than" },
  LessThanOrEqualToThreshold: { holds: (value: number, threshold: number) => value <= threshold, words: "less than or equal to" },
} as const;

export type ComparisonOperator = keyof typeof comparisons;

/** How long after a minute's end its alarms are evaluated: what is published at the minute's end can be read by then. */
export const afterMinuteMilliseconds = 1000;

/** The rule of one alarm: M (`datapointsToAlarm`) out of N (`evaluationPeriods`). */
export interface AlarmRule {
  evaluationPeriods: number;
  datapointsToAlarm: number;
  treatMissingData: TreatMissingData;
}

/**
 * How many periods an alarm looks back for `evaluationPeriods` real datapoints. The guide's examples have 5 for 3;
 * the exact number is not published.
 */
export function evaluationRange(evaluationPeriods: number): number {
  return evaluationPeriods + 2;
}

/** What one evaluation came to. */
export interface Evaluation {
  /** Undefined: the state that the alarm has. */
  state: AlarmState | undefined;
  /** Indexes of the datapoints that were looked at, newest first. */
  considered: number[];
}

/**
 * Evaluates an alarm as CloudWatch does.
 *
 * - The newest N datapoints that exist in the range decide, however old they are.
 * - Are there fewer, the rest counts as `treatMissingData` says.
 * - A range of breaching datapoints alone, the oldest at least M periods old, is an ALARM however few they are
 *   ("premature alarm state").
 *
 * @param breaching one entry a period of the range, oldest first: breaching or not, undefined where there is no datapoint
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function evaluate(breaching: readonly (boolean | undefined)[], rule: AlarmRule): Evaluation {
  const { evaluationPeriods, datapointsToAlarm, treatMissingData } = rule;
  const considered: number[] = [];
  let bad = 0;
  for (let at = breaching.length - 1; at >= 0 && considered.length < evaluationPeriods; at--) {
    const breaches = breaching[at];
    if (breaches === undefined) continue;
    considered.push(at);
    if (breaches) bad += 1;
  }
  const missing = evaluationPeriods - considered.length;
  const decide = (count: number): Evaluation => ({ state: count >= datapointsToAlarm ? "ALARM" : "OK", considered });

  if (missing === 0 || treatMissingData === "notBreaching" || bad >= datapointsToAlarm) return decide(bad);
  if (treatMissingData === "breaching") return decide(bad + missing);
  if (considered.length === 0) return { state: treatMissingData === "missing" ? "INSUFFICIENT_DATA" : undefined, considered };
  if (bad < considered.length) return decide(bad);
  if (treatMissingData === "ignore") return { state: undefined, considered };
  const oldestAge = breaching.length - (considered.at(-1) as number);
  return { state: oldestAge >= datapointsToAlarm ? "ALARM" : "OK", considered };
}
