import type { JobState } from "../core/records/job";
import type { JobStatus, ListedJob } from "../client/types";
import type { Explanation } from "../client/explain/types";
import type { JobLog, MetricPoint, ScalingStep, ScheduledChange, ServiceOverview } from "../client/overview/types";

/** What server and page of the console tell each other. Times are ISO 8601 or milliseconds since the epoch, by the service's clock. */

/** A service that the page shows. */
export interface ShownService {
  /** `project/stack`, or what the target was named by. */
  name: string;
  endpointName: string;
  region: string;
}

/** What the page is opened with. */
export interface SessionAnswer {
  /** Sent back with every action in the header {@link actionHeader}. */
  actionToken: string;
  services: ShownService[];
  /** Whether the services run on an embedded cloud in the server's own process. */
  isLaptop: boolean;
  version: string;
}

/** The header that an action proves itself with, besides the cookie. */
export const actionHeader = "x-console-token";

/** A job in the list. */
export interface JobRow extends ListedJob {
  /** Why it ended without a result; known once somebody has looked. */
  code?: string;
  /** The caller's own words about it; only where a search has read them. */
  metadata?: Record<string, string>;
}

/** What the list is narrowed by. */
export interface JobFilter {
  state?: JobState | "OPEN";
  /** Error code, such as `MODEL_ERROR`. */
  code?: string;
  /** A job's id, or its beginning. */
  id?: string;
  /** `key=value`, or a part of any value. */
  metadata?: string;
  /** Accepted at the earliest. */
  since?: string;
}

/** A part of the list, newest first. */
export interface JobsAnswer {
  jobs: JobRow[];
  /** Where the next part begins; absent at the end. */
  next?: string;
  /** How many jobs were looked at for it. */
  searched: number;
}

/** A part of a job's life. */
export interface Phase {
  name: "accepted" | "waking" | "queued" | "running" | "storing" | "recording" | "handlers";
  from: number;
  /** Absent while it lasts. */
  to?: number;
  /** SageMaker does not tell when it began or ended: it follows from what else is known. */
  estimated: boolean;
}

/** What an object is shown as. */
export type ObjectKind = "image" | "audio" | "json" | "text" | "other";

/** One of a job's objects. */
export interface ShownObject {
  what: "input" | "output" | "failure";
  location?: string;
  contentType?: string;
  bytes?: number;
  kind?: ObjectKind;
  /** The beginning of what is text. */
  text?: string;
  isCut?: boolean;
  /** Why there is nothing to show. */
  problem?: string;
}

/** One attempt at a job. */
export interface ShownAttempt {
  number: number;
  /** What became of it. */
  outcome: string;
  isNewest: boolean;
}

/** All about one job. */
export interface JobAnswer {
  status: JobStatus;
  explanation?: Explanation;
  /** Why there is no explanation. */
  explanationProblem?: string;
  phases: Phase[];
  attempts: ShownAttempt[];
  /** US dollars: the share of an instance's hour that it ran for. */
  costUsd?: number;
  /** What it would take to run it again, by this time's run; absent while nothing of it is known. */
  again?: { seconds: number; costUsd?: number; wakesFirst: boolean };
  /** By the service's clock, in milliseconds. */
  now: number;
}

/** The heavier parts of a job's page. */
export interface JobObjectsAnswer {
  objects: ShownObject[];
}

/** What was printed about a job. */
export interface JobLogsAnswer {
  logs: JobLog[];
  /** Why handlers' logs are not among them. */
  handlersProblem?: string;
}

/** How the service is, as the page draws it. */
export interface OverviewMessage {
  overview: Omit<ServiceOverview, "history">;
  /** Open jobs by state as of now: exact where the newest jobs that are followed hold all of them, else the sweep's count. */
  open: { total: number; states: Partial<Record<JobState, number>>; isExact: boolean; oldestCreatedAt?: string };
  /** Jobs that ended in the last minute. */
  perMinute: { completed: number; failed: number; cancelled: number };
  /** Changes of the instance count, newest first. */
  steps: WordedStep[];
  /** What schedules change next, the soonest first. */
  upcoming: UpcomingChange[];
  /** Milliseconds of the service in one of the wall's. */
  speed: number;
  now: number;
}

/** A change of the instance count, also in words. */
export interface WordedStep extends ScalingStep {
  words: string;
}

/** When a schedule changes the instance count's bounds the next time. */
export interface UpcomingChange extends Pick<ScheduledChange, "name" | "schedule" | "timeZone" | "minCapacity" | "maxCapacity"> {
  at: number;
}

/** Points for the charts, oldest first. */
export interface SeriesMessage {
  backlog: MetricPoint[];
  instances: MetricPoint[];
  open: MetricPoint[];
  completed: MetricPoint[];
  failed: MetricPoint[];
}

/** What a service costs. */
export interface CostMessage {
  /** US dollars of an instance and hour; absent where the price is not known. */
  pricePerHourUsd?: number;
  /** Hours of instances in the last day, and those of them in which no job was open. */
  instanceHours: number;
  idleHours: number;
  /** Of how many hours metrics were there. */
  hours: number;
}

/** A dead letter. */
export interface ShownLetter {
  messageId: string;
  kind: string;
  /** What it was and what would be done. */
  text: string;
  canRedrive: boolean;
}

/** What an action came to. */
export interface ActionAnswer {
  message: string;
  /** The job that it made. */
  jobId?: string;
}

/** Answer of every request that could not be done. */
export interface ProblemAnswer {
  error: { code: string; message: string; advice: string };
}

/** One call that a function, or a service as a role, made of the embedded cloud. */
export interface JudgedCall {
  at: number;
  /** Role, as its program named it. */
  who: string;
  action: string;
  resource: string;
  isAllowed: boolean;
  /** `Sid` of the statement that decided, or why none did. */
  because: string;
  count: number;
}

/** What the embedded cloud adds. */
export interface LaptopMessage {
  now: number;
  speed: number;
  /** Until when the clock runs faster to come to a chosen time. */
  runningTo?: number;
  faults: { kind: string; what: string; isOn: boolean; happened: number }[];
  programs: { name: string; resources: string[]; services: string[] }[];
  /** What makes a service in it, by tool. */
  howToDeploy: { tool: string; commands: string[] }[];
}

/** Messages of the event stream by their event's name. */
export interface StreamMessages {
  hello: Record<string, never>;
  /** So that silence tells that the server is gone. */
  beat: Record<string, never>;
  /** Other services are there than when the page was opened. */
  services: { services: ShownService[] };
  jobs: { changed: JobRow[]; now: number };
  overview: OverviewMessage;
  series: SeriesMessage;
  cost: CostMessage;
  laptop: LaptopMessage;
  /** Something could not be read; it is tried again. */
  problem: { message: string };
}
