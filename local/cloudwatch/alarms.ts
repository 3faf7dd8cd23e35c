import type { MetricAlarm } from "../../core/scaling/alarm";
import { afterMinuteMilliseconds, comparisons, evaluate, evaluationRange, type AlarmState } from "../../core/scaling/evaluation";
import { compile, type Source } from "../../core/scaling/queries";
import type { Timer } from "../clock";
import type { Kept } from "../kept";
import type { CloudContext, EventTargets } from "../ports";
import { AlarmHistory } from "./alarmHistory";
import type { MetricStore } from "./metrics";
import { alarmEvent, alarmMessage, alarmReason, reasonData } from "./notifications";

/** Where an alarm stands. Times in milliseconds of the cloud's clock. */
export interface AlarmStatus {
  state: AlarmState;
  reason: string;
  /** JSON, as DescribeAlarms has it. */
  reasonData: string;
  updatedAt: number;
}

/** What an alarm was given, where CloudWatch shows nothing for what was not given. */
export interface GivenSettings {
  /** One metric in the alarm itself, or a list of queries. */
  form: "metric" | "queries";
  datapointsToAlarm?: number | undefined;
  treatMissingData?: string | undefined;
  evaluateLowSampleCountPercentile?: string | undefined;
}

/** An alarm and its state: plain data. */
export interface AlarmRecord extends AlarmStatus {
  alarm: MetricAlarm;
  given: GivenSettings;
  arn: string;
  tags: Record<string, string>;
  configuredAt: number;
  /** The datapoints that decided the state, oldest first. */
  datapoints: readonly number[];
}

/** What an alarm's evaluation looked at. */
export interface Findings {
  state: AlarmState;
  /** Oldest first; `at` is when the period began. */
  points: readonly { at: number; value: number }[];
  periodSeconds: number;
}

/** Registers alarms: what Application Auto Scaling needs for its own. */
export interface MetricAlarms {
  /**
   * Creates the alarm, or replaces its settings and keeps its state and its tags. Throws an Error that names what can't be honoured.
   *
   * @param given what DescribeAlarms is to show as given. @default nothing but the metric
   * @param tags of a new alarm. @default none
   */
  putMetricAlarm(alarm: MetricAlarm, given?: GivenSettings, tags?: Record<string, string>): AlarmRecord;
  /** Unknown names are fine. */
  deleteAlarms(alarmNames: readonly string[]): void;
  alarm(alarmName: string): AlarmRecord | undefined;
}

/** Where an alarm's actions lead. */
export type AlarmTargets = Pick<EventTargets, "executePolicy" | "publish" | "invokeFunction">;

type Action = { kind: "policy" | "topic" | "function"; arn: string };

/** What an alarm is evaluated with. */
interface Compiled {
  source: Source;
  actions: Record<AlarmState, Action[]>;
}

interface Registered extends Compiled {
  record: AlarmRecord;
}

/**
 * The alarms of the cloud: each is evaluated once a minute on the cloud's clock.
 *
 * Topics and functions hear of a change of state; a scaling policy is carried out each minute for as long as the state lasts.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
 */
export class Alarms implements MetricAlarms {
  private readonly records: Kept<AlarmRecord>;
  private readonly compiled = new Map<string, Compiled>();
  private timer: Timer;
  private running = false;
  /** What happened to the alarms. */
  readonly history: AlarmHistory;
  /** Called after each evaluation. */
  private readonly watchers = new Set<() => void>();

  constructor(
    private readonly context: CloudContext,
    private readonly store: MetricStore,
    private readonly targets: AlarmTargets,
  ) {
    this.history = new AlarmHistory(context.clock);
    this.records = context.keeper.map("cloudwatch.alarms");
    for (const { alarm } of this.records.values()) this.compiled.set(alarm.alarmName, this.compile(alarm));
    if (this.records.size > 0) this.start();
  }

  putMetricAlarm(alarm: MetricAlarm, given = ofItself(alarm), tags: Record<string, string> = {}): AlarmRecord {
    const { clock, region, accountId } = this.context;
    const compiled = this.compile(alarm);
    const known = this.records.get(alarm.alarmName);
    const now = clock.now();
    const record: AlarmRecord = {
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
    const made = known === undefined;
    const about = made ? { type: "Create", createdAlarm: alarm } : { type: "Update", updatedAlarm: alarm };
    this.history.add(alarm.alarmName, "ConfigurationUpdate", `Alarm "${alarm.alarmName}" ${made ? "created" : "updated"}`, about);
    this.start();
    return record;
  }

  deleteAlarms(alarmNames: readonly string[]): void {
    const known = alarmNames.flatMap((name) => this.records.get(name)?.alarm ?? []);
    this.context.keeper.atOnce(() => alarmNames.forEach((name) => this.records.delete(name)));
    for (const name of alarmNames) this.compiled.delete(name);
    for (const alarm of known) {
      const about = { type: "Delete", deletedAlarm: alarm };
      this.history.add(alarm.alarmName, "ConfigurationUpdate", `Alarm "${alarm.alarmName}" deleted`, about);
    }
  }

  alarm(alarmName: string): AlarmRecord | undefined {
    return this.records.get(alarmName);
  }

  list(): AlarmRecord[] {
    return [...this.records.values()];
  }

  /** EnableAlarmActions and DisableAlarmActions. Unknown names are fine. */
  enableActions(alarmNames: readonly string[], actionsEnabled: boolean): void {
    for (const name of alarmNames) {
      const record = this.records.get(name);
      if (record) this.records.set(name, { ...record, alarm: { ...record.alarm, actionsEnabled }, configuredAt: this.context.clock.now() });
    }
  }

  /** Puts an alarm into a state, with what follows from that, until its next evaluation. @returns false for an unknown one */
  setState(alarmName: string, given: Pick<AlarmStatus, "state" | "reason" | "reasonData">): boolean {
    const record = this.records.get(alarmName);
    if (!record) return false;
    const before = statusOf(record);
    const changed = { ...record, ...given, updatedAt: this.context.clock.now() };
    this.records.set(alarmName, changed);
    if (before.state === given.state) return true;
    this.changed(changed, before);
    this.act({ record: changed, ...(this.compiled.get(alarmName) ?? this.compile(record.alarm)) }, before);
    for (const look of [...this.watchers]) look();
    return true;
  }

  setTags(alarmName: string, tags: Record<string, string>): void {
    const record = this.records.get(alarmName);
    if (record) this.records.set(alarmName, { ...record, tags });
  }

  close(): void {
    this.context.clock.clearTimeout(this.timer);
    this.running = false;
  }

  private compile(alarm: MetricAlarm): Compiled {
    return {
      source: compile(alarm.metrics, this.store),
      actions: {
        ALARM: alarm.alarmActions.map(actionOf),
        OK: alarm.okActions.map(actionOf),
        INSUFFICIENT_DATA: alarm.insufficientDataActions.map(actionOf),
      },
    };
  }

  private start(): void {
    if (this.running) return;
    this.running = true;
    this.schedule();
  }

  private schedule(): void {
    const { clock } = this.context;
    const sinceDue = (clock.now() - afterMinuteMilliseconds) % 60_000;
    this.timer = clock.setTimeout(() => {
      this.schedule();
      this.evaluateAll();
    }, 60_000 - sinceDue);
  }

  private evaluateAll(): void {
    this.store.settle();
    // All states first: an action must not see alarms of which some are a minute older.
    const acting = this.list().map((record) => {
      const registered = { record, ...(this.compiled.get(record.alarm.alarmName) ?? this.compile(record.alarm)) };
      const change = this.evaluate(registered);
      this.records.note(record.alarm.alarmName, record);
      return { registered, change };
    });
    for (const { registered, change } of acting) this.act(registered, change);
    for (const look of [...this.watchers]) look();
  }

  /** @see AlarmWatch */
  inAlarm(alarmNames: readonly string[], signal: AbortSignal): Promise<string | undefined> {
    return new Promise((resolve) => {
      const end = (alarmName?: string) => {
        this.watchers.delete(look);
        signal.removeEventListener("abort", aborted);
        resolve(alarmName);
      };
      const aborted = () => end();
      const look = () => {
        const found = alarmNames.find((name) => this.records.get(name)?.state === "ALARM");
        if (found !== undefined) end(found);
      };
      this.watchers.add(look);
      signal.addEventListener("abort", aborted);
      look();
    });
  }

  /** Evaluates one alarm. Returns its status before, when the state changed. */
  private evaluate({ record, source }: Registered): AlarmStatus | undefined {
    const { alarm } = record;
    const minute = Math.floor(this.context.clock.now() / 60_000);
    const series = source.read(minute, evaluationRange(alarm.evaluationPeriods));
    const { holds } = comparisons[alarm.comparisonOperator];
    const evaluation = evaluate(
      series.map((value) => (value === undefined ? undefined : holds(value, alarm.threshold))),
      alarm,
    );
    const minutes = source.periodSeconds / 60;
    const points = evaluation.considered
      .map((at) => ({ at: (minute - (series.length - at) * minutes) * 60_000, value: series[at] as number }))
      .reverse();
    record.datapoints = points.map(({ value }) => value);
    const state = evaluation.state ?? record.state;
    if (state === record.state) return undefined;
    const before = statusOf(record);
    const findings: Findings = { state, points, periodSeconds: source.periodSeconds };
    record.state = state;
    record.reason = alarmReason(alarm, before.state, findings);
    record.updatedAt = this.context.clock.now();
    record.reasonData = reasonData(alarm, findings, record.updatedAt);
    this.changed(record, before);
    return before;
  }

  private changed(record: AlarmRecord, before: AlarmStatus): void {
    const { alarm, state, reason } = record;
    this.history.changed(alarm.alarmName, before, record);
    this.context.emit({ kind: "alarm", alarmName: alarm.alarmName, state, reason });
  }

  private act({ record, actions }: Registered, before: AlarmStatus | undefined): void {
    const { alarm, state } = record;
    if (!alarm.actionsEnabled) return;
    for (const action of actions[state]) {
      if (before === undefined && action.kind !== "policy") continue;
      this.carryOut(action, record, before).then(
        () => this.history.acted(alarm.alarmName, action.arn),
        (error: unknown) => {
          const message = error instanceof Error ? error.message : String(error);
          this.history.acted(alarm.alarmName, action.arn, message);
          this.context.emit({
            kind: "warning",
            message: `Alarm ${alarm.alarmName} could not carry out its action ${action.arn}: ${message}`,
          });
        },
      );
    }
  }

  private async carryOut({ kind, arn }: Action, record: AlarmRecord, before: AlarmStatus | undefined): Promise<void> {
    const { alarmName, threshold } = record.alarm;
    if (kind === "policy") {
      // Without a datapoint (missing data that breaches) the metric counts as just at its threshold.
      return this.targets.executePolicy(arn, { alarmName, metricValue: record.datapoints.at(-1) ?? threshold, threshold });
    }
    if (before === undefined) return;
    if (kind === "topic") {
      const { subject, message } = alarmMessage(this.context, record, before);
      return this.targets.publish(arn, message, subject, { principal: "cloudwatch.amazonaws.com", sourceArn: record.arn });
    }
    const source = { principal: "lambda.alarms.cloudwatch.amazonaws.com", sourceArn: record.arn };
    return this.targets.invokeFunction(arn, alarmEvent(this.context, record, before), source);
  }
}

function statusOf({ state, reason, reasonData, updatedAt }: AlarmStatus): AlarmStatus {
  return { state, reason, reasonData, updatedAt };
}

/** One metric is shown as the alarm's own. */
function ofItself({ metrics }: MetricAlarm): GivenSettings {
  return { form: metrics.length === 1 && metrics[0]?.metricStat ? "metric" : "queries" };
}

function actionOf(arn: string): Action {
  const [, , service, , , kind] = arn.split(":");
  if (service === "autoscaling" && kind === "scalingPolicy") return { kind: "policy", arn };
  if (service === "sns") return { kind: "topic", arn };
  if (service === "lambda" && kind === "function") return { kind: "function", arn };
  throw new Error(
    `the action "${arn}" is not supported by the embedded cloud; use the ARN of a topic, of a function or of a scaling policy for an endpoint`,
  );
}
