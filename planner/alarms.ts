import type { MetricAlarm } from "../core/scaling/alarm";
import { backlogTracking, idleAlarm, idlePeriods, idlePolicy, wakeAlarm, wakePolicy, wakeSteps } from "../core/scaling/declaration";
import type { DeclaredExpression, DeclaredMetric } from "../core/scaling/declaration";
import type { Policy } from "../core/scaling/decide";
import { comparisons, evaluate, evaluationRange, type AlarmState } from "../core/scaling/evaluation";
import { compile, type MetricQuery, type Source } from "../core/scaling/queries";
import { managedAlarms } from "../core/scaling/tracking";
import type { PlannedMetrics } from "./metrics";
import type { PlanSettings } from "./settings";

/** What alarms and policies call the endpoint; there is only one. */
export const endpointName = "planned";
export const variantName = "AllTraffic";

/** An alarm that carries a policy out for as long as it lasts. */
export interface ScalingAlarm {
  alarm: Pick<MetricAlarm, "comparisonOperator" | "threshold" | "evaluationPeriods" | "datapointsToAlarm" | "treatMissingData" | "metrics">;
  policy: Policy;
  /** Whether it is the one by which target tracking scales in. */
  scalesIn: boolean;
}

/** What the program declares with these settings, in the order of its declaration. */
export function scalingAlarms(settings: PlanSettings): ScalingAlarm[] {
  const tracking = backlogTracking<number, string>({ endpointName, ...settings });
  const { high, low } = managedAlarms(endpointName, "", tracking, () => "");
  const alarms: ScalingAlarm[] = [{ alarm: high, policy: { tracking }, scalesIn: false }];
  if (low) alarms.push({ alarm: low, policy: { tracking }, scalesIn: true });
  if (settings.minCapacity === 0) {
    const { metricQueries, ...rule } = wakeAlarm(endpointName);
    const step = { ...wakePolicy, stepAdjustments: wakeSteps(settings.targetBacklogPerInstance, settings.maxCapacity) };
    alarms.push({ alarm: { ...rule, metrics: metricQueries.map(queryOf) }, policy: { step }, scalesIn: false });
  }
  const { metricQueries, ...rule } = idleAlarm(endpointName, variantName, idlePeriods(settings.idleSeconds));
  alarms.push({ alarm: { ...rule, metrics: metricQueries.map(queryOf) }, policy: { step: idlePolicy(settings) }, scalesIn: false });
  return alarms;
}

function queryOf(query: DeclaredMetric<string> | DeclaredExpression): MetricQuery {
  if (!("metric" in query)) return query;
  const { namespace, metricName, dimensions, period, stat } = query.metric;
  return { id: query.id, returnData: false, metricStat: { metric: { namespace, metricName, dimensions }, periodSeconds: period, stat } };
}

/** An alarm over the minutes of a simulation. What it has once computed of a minute is computed again only when that may have changed. */
export class PlannedAlarm {
  state: AlarmState = "INSUFFICIENT_DATA";
  private readonly source: Source;
  private readonly range: number;
  /** The newest periods of the range, oldest first. */
  private values: (number | undefined)[];
  private breaching: (boolean | undefined)[];
  private considered: readonly number[] = [];
  /** Minute of the last evaluation. */
  private minute: number | undefined;
  /** The first minute whose values may be other than then. */
  private staleFrom = -Infinity;

  constructor(
    readonly declared: ScalingAlarm,
    metrics: PlannedMetrics,
  ) {
    this.source = compile(declared.alarm.metrics, metrics);
    this.range = evaluationRange(declared.alarm.evaluationPeriods);
    this.values = [];
    this.breaching = [];
  }

  /** An evaluation that is left out. @param changedFrom the first minute whose values may be other than a minute ago */
  skip(changedFrom: number): void {
    this.staleFrom = Math.min(this.staleFrom, changedFrom);
  }

  /** @param changedFrom the first minute whose values may be other than a minute ago */
  evaluate(minute: number, changedFrom: number): void {
    const { alarm } = this.declared;
    this.read(minute, Math.min(this.staleFrom, changedFrom));
    this.staleFrom = Infinity;
    const evaluation = evaluate(this.breaching, alarm);
    this.considered = evaluation.considered;
    this.state = evaluation.state ?? this.state;
  }

  /** What decided the state, oldest first; the threshold where no datapoint did. */
  get datapoints(): readonly number[] {
    if (this.considered.length === 0) return [this.declared.alarm.threshold];
    return this.considered.map((at) => this.values[at] as number).reverse();
  }

  private read(minute: number, changedFrom: number): void {
    const { range, minute: last } = this;
    const known = last === undefined || !this.source.pointwise ? 0 : Math.max(0, Math.min(range, changedFrom - (minute - range)));
    const { comparisonOperator, threshold } = this.declared.alarm;
    const { holds } = comparisons[comparisonOperator];
    if (last !== undefined && known > 0) {
      this.values.splice(0, minute - last);
      this.breaching.splice(0, minute - last);
    }
    this.values.length = this.breaching.length = known;
    for (const value of this.source.read(minute, range - known)) {
      this.values.push(value);
      this.breaching.push(value === undefined ? undefined : holds(value, threshold));
    }
    this.minute = minute;
  }
}
