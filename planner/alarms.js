import { backlogTracking, idleAlarm, idlePeriods, idlePolicy, wakeAlarm, wakePolicy, wakeSteps } from "../core/scaling/declaration";
import { comparisons, evaluate, evaluationRange } from "../core/scaling/evaluation";
import { compile } from "../core/scaling/queries";
import { managedAlarms } from "../core/scaling/tracking";
/** What alarms and policies call the endpoint; there is only one. */
export const endpointName = "planned";
export const variantName = "AllTraffic";
/** What the program declares with these settings, in the order of its declaration. */
export function scalingAlarms(settings) {
  const tracking = backlogTracking({ endpointName, ...settings });
  const { high, low } = managedAlarms(endpointName, "", tracking, () => "");
  const alarms = [{ alarm: high, policy: { tracking }, scalesIn: false }];
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
function queryOf(query) {
  if (!("metric" in query)) return query;
  const { namespace, metricName, dimensions, period, stat } = query.metric;
  return { id: query.id, returnData: false, metricStat: { metric: { namespace, metricName, dimensions }, periodSeconds: period, stat } };
}
/** An alarm over the minutes of a simulation. What it has once computed of a minute is computed again only when that may have changed. */
export class PlannedAlarm {
  declared;
  state = "INSUFFICIENT_DATA";
  source;
  range;
  /** The newest periods of the range, oldest first. */
  values;
  breaching;
  considered = [];
  /** Minute of the last evaluation. */
  minute;
  /** The first minute whose values may be other than then. */
  staleFrom = -Infinity;
  constructor(declared, metrics) {
    this.declared = declared;
    this.source = compile(declared.alarm.metrics, metrics);
    this.range = evaluationRange(declared.alarm.evaluationPeriods);
    this.values = [];
    this.breaching = [];
  }
  /** An evaluation that is left out. @param changedFrom the first minute whose values may be other than a minute ago */
  skip(changedFrom) {
    this.staleFrom = Math.min(this.staleFrom, changedFrom);
  }
  /** @param changedFrom the first minute whose values may be other than a minute ago */
  evaluate(minute, changedFrom) {
    const { alarm } = this.declared;
    this.read(minute, Math.min(this.staleFrom, changedFrom));
    this.staleFrom = Infinity;
    const evaluation = evaluate(this.breaching, alarm);
    this.considered = evaluation.considered;
    this.state = evaluation.state ?? this.state;
  }
  /** What decided the state, oldest first; the threshold where no datapoint did. */
  get datapoints() {
    if (this.considered.length === 0) return [this.declared.alarm.threshold];
    return this.considered.map((at) => this.values[at]).reverse();
  }
  read(minute, changedFrom) {
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
