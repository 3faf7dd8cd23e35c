import { afterMinuteMilliseconds, comparisons, evaluate, evaluationRange } from "../../core/scaling/evaluation";
import { compile } from "../../core/scaling/queries";
import { alarmEvent, alarmMessage, alarmReason, reasonData } from "./notifications";
/**
 * The alarms of the cloud: each is evaluated once a minute on the cloud's clock.
 *
 * Topics and functions hear of a change of state; a scaling policy is carried out each minute for as long as the state lasts.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
 */
export class Alarms {
    context;
    store;
    targets;
    records;
    compiled = new Map();
    timer;
    running = false;
    constructor(context, store, targets) {
        this.context = context;
        this.store = store;
        this.targets = targets;
        this.records = context.keeper.map("cloudwatch.alarms");
        for (const { alarm } of this.records.values())
            this.compiled.set(alarm.alarmName, this.compile(alarm));
        if (this.records.size > 0)
            this.start();
    }
    putMetricAlarm(alarm, given = ofItself(alarm), tags = {}) {
        const { clock, region, accountId } = this.context;
        const compiled = this.compile(alarm);
        const known = this.records.get(alarm.alarmName);
        const now = clock.now();
        const record = {
            alarm,
            given,
            tags: known?.tags ?? tags,
            arn: `arn:aws:cloudwatch:${region}:${accountId}:alarm:${alarm.alarmName}`,
            configuredAt: now,
            state: known?.state ?? "INSUFFICIENT_DATA",
            reason: known?.reason ?? "Unchecked: Initial alarm creation",
            reasonData: known?.reasonData ?? "",
            updatedAt: known?.updatedAt ?? now,
            datapoints: known?.datapoints ?? [],
        };
        this.records.set(alarm.alarmName, record);
        this.compiled.set(alarm.alarmName, compiled);
        this.start();
        return record;
    }
    deleteAlarms(alarmNames) {
        for (const name of alarmNames) {
            this.records.delete(name);
            this.compiled.delete(name);
        }
    }
    alarm(alarmName) {
        return this.records.get(alarmName);
    }
    list() {
        return [...this.records.values()];
    }
    /** EnableAlarmActions and DisableAlarmActions. Unknown names are fine. */
    enableActions(alarmNames, actionsEnabled) {
        for (const name of alarmNames) {
            const record = this.records.get(name);
            if (record)
                this.records.set(name, { ...record, alarm: { ...record.alarm, actionsEnabled }, configuredAt: this.context.clock.now() });
        }
    }
    setTags(alarmName, tags) {
        const record = this.records.get(alarmName);
        if (record)
            this.records.set(alarmName, { ...record, tags });
    }
    close() {
        this.context.clock.clearTimeout(this.timer);
        this.running = false;
    }
    compile(alarm) {
        return {
            source: compile(alarm.metrics, this.store),
            actions: {
                ALARM: alarm.alarmActions.map(actionOf),
                OK: alarm.okActions.map(actionOf),
                INSUFFICIENT_DATA: alarm.insufficientDataActions.map(actionOf),
            },
        };
    }
    start() {
        if (this.running)
            return;
        this.running = true;
        this.schedule();
    }
    schedule() {
        const { clock } = this.context;
        const sinceDue = (clock.now() - afterMinuteMilliseconds) % 60_000;
        this.timer = clock.setTimeout(() => {
            this.schedule();
            this.evaluateAll();
        }, 60_000 - sinceDue);
    }
    evaluateAll() {
        this.store.settle();
        // All states first: an action must not see alarms of which some are a minute older.
        const acting = this.list().map((record) => {
            const registered = { record, ...this.compiled.get(record.alarm.alarmName) };
            const change = this.evaluate(registered);
            this.records.set(record.alarm.alarmName, record);
            return { registered, change };
        });
        for (const { registered, change } of acting)
            this.act(registered, change);
    }
    /** Evaluates one alarm. Returns its status before, when the state changed. */
    evaluate({ record, source }) {
        const { alarm } = record;
        const minute = Math.floor(this.context.clock.now() / 60_000);
        const series = source.read(minute, evaluationRange(alarm.evaluationPeriods));
        const { holds } = comparisons[alarm.comparisonOperator];
        const evaluation = evaluate(series.map((value) => (value === undefined ? undefined : holds(value, alarm.threshold))), alarm);
        const minutes = source.periodSeconds / 60;
        const points = evaluation.considered
            .map((at) => ({ at: (minute - (series.length - at) * minutes) * 60_000, value: series[at] }))
            .reverse();
        record.datapoints = points.map(({ value }) => value);
        const state = evaluation.state ?? record.state;
        if (state === record.state)
            return undefined;
        const before = { state: record.state, reason: record.reason, reasonData: record.reasonData, updatedAt: record.updatedAt };
        const findings = { state, points, periodSeconds: source.periodSeconds };
        record.state = state;
        record.reason = alarmReason(alarm, before.state, findings);
        record.updatedAt = this.context.clock.now();
        record.reasonData = reasonData(alarm, findings, record.updatedAt);
        this.context.emit({ kind: "alarm", alarmName: alarm.alarmName, state, reason: record.reason });
        return before;
    }
    act({ record, actions }, before) {
        const { alarm, state } = record;
        if (!alarm.actionsEnabled)
            return;
        for (const action of actions[state]) {
            if (before === undefined && action.kind !== "policy")
                continue;
            this.carryOut(action, record, before).catch((error) => {
                const message = error instanceof Error ? error.message : String(error);
                this.context.emit({
                    kind: "warning",
                    message: `Alarm ${alarm.alarmName} could not carry out its action ${action.arn}: ${message}`,
                });
            });
        }
    }
    async carryOut({ kind, arn }, record, before) {
        const { alarmName, threshold } = record.alarm;
        if (kind === "policy") {
            // Without a datapoint (missing data that breaches) the metric counts as just at its threshold.
            return this.targets.executePolicy(arn, { alarmName, metricValue: record.datapoints.at(-1) ?? threshold, threshold });
        }
        if (before === undefined)
            return;
        if (kind === "topic") {
            const { subject, message } = alarmMessage(this.context, record, before);
            return this.targets.publish(arn, message, subject, { principal: "cloudwatch.amazonaws.com", sourceArn: record.arn });
        }
        const source = { principal: "lambda.alarms.cloudwatch.amazonaws.com", sourceArn: record.arn };
        return this.targets.invokeFunction(arn, alarmEvent(this.context, record, before), source);
    }
}
/** One metric is shown as the alarm's own. */
function ofItself({ metrics }) {
    return { form: metrics.length === 1 && metrics[0]?.metricStat ? "metric" : "queries" };
}
function actionOf(arn) {
    const [, , service, , , kind] = arn.split(":");
    if (service === "autoscaling" && kind === "scalingPolicy")
        return { kind: "policy", arn };
    if (service === "sns")
        return { kind: "topic", arn };
    if (service === "lambda" && kind === "function")
        return { kind: "function", arn };
    throw new Error(`the action "${arn}" is not supported by the embedded cloud; use the ARN of a topic, of a function or of a scaling policy for an endpoint`);
}
