import type { Clock } from "../clock";
import type { AlarmStatus } from "./alarms";

export const historyTypes = ["ConfigurationUpdate", "StateUpdate", "Action"] as const;

/** Something that happened to an alarm. */
export interface HistoryItem {
  /** What tells it from all others. */
  id: number;
  alarmName: string;
  /** Milliseconds of the cloud's clock. */
  at: number;
  type: (typeof historyTypes)[number];
  summary: string;
  /** JSON. */
  data: string;
}

/** CloudWatch keeps an alarm's history for 30 days, also that of one that is gone. */
const keptMilliseconds = 30 * 24 * 3_600_000;
/** Far more than anybody reads: a cloud that runs for weeks at a high speed is not to grow. */
const mostItems = 10_000;

/** What happened to the alarms since the cloud was started, the oldest first. As datapoints, it is not kept. */
export class AlarmHistory {
  private items: HistoryItem[] = [];
  private count = 0;

  constructor(private readonly clock: Clock) {}

  /** @param about what it was, for programs */
  add(alarmName: string, type: HistoryItem["type"], summary: string, about: object): void {
    const data = JSON.stringify({ version: "1.0", ...about });
    this.items.push({ id: this.count++, alarmName, at: this.clock.now(), type, summary, data });
    if (this.items.length > mostItems) this.items.shift();
  }

  changed(alarmName: string, before: AlarmStatus, after: AlarmStatus): void {
    const state = ({ state: stateValue, reason: stateReason, reasonData }: AlarmStatus) => ({
      stateValue,
      stateReason,
      ...(reasonData !== "" && { stateReasonData: JSON.parse(reasonData) as unknown }),
    });
    const about = { oldState: state(before), newState: state(after) };
    this.add(alarmName, "StateUpdate", `Alarm updated from ${before.state} to ${after.state}`, about);
  }

  acted(alarmName: string, arn: string, problem?: string): void {
    const about = {
      actionState: problem === undefined ? "Succeeded" : "Failed",
      notificationResource: arn,
      ...(problem !== undefined && { error: problem }),
    };
    const summary = `${problem === undefined ? "Successfully executed" : "Failed to execute"} action ${arn}`;
    this.add(alarmName, "Action", summary, about);
  }

  list(): readonly HistoryItem[] {
    const oldest = this.clock.now() - keptMilliseconds;
    return (this.items = this.items.filter(({ at }) => at >= oldest));
  }
}
