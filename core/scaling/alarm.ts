import type { AlarmRule, ComparisonOperator } from "./evaluation";
import type { MetricQuery } from "./queries";

/** An alarm as it was registered. */
export interface MetricAlarm extends AlarmRule {
  alarmName: string;
  alarmDescription?: string;
  actionsEnabled: boolean;
  /** ARNs of topics, functions and scaling policies. */
  alarmActions: readonly string[];
  okActions: readonly string[];
  insufficientDataActions: readonly string[];
  comparisonOperator: ComparisonOperator;
  threshold: number;
  /** One metric, or metric math; exactly one returns data. */
  metrics: readonly MetricQuery[];
}
