import type { JobState } from "../../core/records/job";
import type { Floor } from "../../core/records/items";
import type { EndpointFacts, Missing, ScalingActivity, ScalingFacts, Unreadable } from "../explain/types";

/** What to read besides the present state. */
export interface OverviewOptions {
  /** Metrics of so many minutes, up to now; 1 to 1440. @default none */
  historyMinutes?: number;
  /** Ends the reading. */
  signal?: AbortSignal;
}

/** An alarm that watches the service, in any state. */
export interface AlarmView {
  /** As CloudWatch has it. */
  name: string;
  state: "OK" | "ALARM" | "INSUFFICIENT_DATA";
  /** When it came to this state. ISO 8601. */
  since?: string;
  /** Why, in CloudWatch's words. */
  reason: string;
  /** What it watches for, and where the runbook says what to do. */
  description: string;
  threshold?: number;
  /** As CloudWatch spells it, such as `GreaterThanOrEqualToThreshold`. */
  comparison?: string;
  /** Newest last: what the state was decided by. */
  points: number[];
  /** Names of the scaling policies that it carries out; empty for one that only notifies. */
  policies: string[];
}

/** A change of the instance count, and what caused it. */
export interface ScalingStep extends ScalingActivity {
  /** In Application Auto Scaling's words. */
  cause: string;
  endedAt?: string;
}

/** A change of the instance count's bounds at hours of the day or the week: how `warmHours` are kept. */
export interface ScheduledChange {
  name: string;
  /** As Application Auto Scaling spells it: `cron(0 8 ? * MON-FRI *)`, `rate(…)` or `at(…)`. */
  schedule: string;
  /** IANA name, such as `Europe/Berlin`. */
  timeZone: string;
  minCapacity?: number;
  maxCapacity?: number;
  /** Before it, nothing is changed. ISO 8601. */
  startsAt?: string;
  endsAt?: string;
}

/** One minute of a metric: its start in milliseconds since the epoch, and its value. */
export type MetricPoint = readonly [at: number, value: number];

/** Metrics by minute, oldest first; CloudWatch has them one to three minutes late, and none for a minute in which nothing was published. */
export interface MetricHistory {
  /** Requests in the endpoint's queue. */
  backlog: MetricPoint[];
  /** Instances that reported their load. */
  instances: MetricPoint[];
  /** Jobs that completed. */
  completed: MetricPoint[];
  /** Jobs that ended without a result. */
  failed: MetricPoint[];
  /** Jobs that had not ended. */
  open: MetricPoint[];
}

/** How a service is: its jobs, endpoint, scaling and alarms. Times are ISO 8601 in UTC. */
export interface ServiceOverview {
  /** When it was read, by the service's clock. */
  at: string;
  endpointName: string;
  endpoint?: EndpointFacts | Missing;
  instanceType?: string;
  /** Open jobs as the sweep counted them, once per minute; absent before its first count. */
  open?: { total: number; states: Partial<Record<JobState, number>>; oldestCreatedAt?: string; countedAt: string };
  /** What keeps instances for open jobs; absent before the first job. */
  floor?: Pick<Floor, "state" | "instances" | "setAt" | "idleSince" | "drain">;
  target?: ScalingFacts["target"];
  /** Newest first. */
  steps: ScalingStep[];
  /** In the order of their names. */
  scheduled: ScheduledChange[];
  backlog?: { at: string; size: number; oldestRequestSeconds?: number };
  alarms: AlarmView[];
  /** Messages in the dead-letter queue. */
  deadLetters?: number;
  /** Only with `historyMinutes`. */
  history?: MetricHistory;
  /** What could not be read, and the statement that is missing. */
  unreadable: Unreadable[];
}

/** What a job's container, and the functions around it, printed. */
export interface JobLog {
  /** `model`, `result`, or a name of {@link JobLogOptions.logGroups}. */
  source: string;
  logGroupName: string;
  /** Oldest first; the newest when there are more than were asked for. */
  lines: { at: string; message: string }[];
  /** Why it could not be read. */
  unreadable?: Unreadable;
}

/** What to read of a job's logs. */
export interface JobLogOptions {
  /** Log groups of handlers to look in besides, by the name to report them under. @default none */
  logGroups?: Readonly<Record<string, string>>;
  /** Lines of each log, at most. @default 200 */
  limit?: number;
  signal?: AbortSignal;
}

/** One of the objects that belong to a job, open for reading. Whoever opens it reads or destroys `body`. */
export interface JobObject {
  location: string;
  body: import("node:stream").Readable;
  contentType?: string;
  bytes: number;
}
