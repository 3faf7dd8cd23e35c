import type { SageMakerAsyncClient } from "../../client";
import type { ListedJob } from "../../client/types";
import type { MetricHistory, MetricPoint, ServiceOverview } from "../../client/overview/types";
import { isTerminal, type JobState } from "../../core/records/job";
import type { CostMessage, JobRow, OverviewMessage, SeriesMessage, StreamMessages } from "../contract";
import { pooled, rowOf } from "./jobs";
import { wordedSteps } from "./steps";
import { upcoming } from "./upcoming";

/** What a service is followed with. */
export interface LiveOptions {
  client: Pick<SageMakerAsyncClient, "list" | "job" | "overview" | "serviceTime">;
  /** How often the newest jobs are looked at, in milliseconds of the wall. */
  jobsMilliseconds: number;
  /** How often endpoint, floor and alarms are. */
  overviewMilliseconds: number;
  /** Milliseconds of the service in one of the wall's. */
  speed: () => number;
  /** US dollars of an instance and hour; undefined where it is not known. */
  pricePerHourUsd: (instanceType: string) => number | undefined;
}

/** Hears what changes. */
export type Listener = <Name extends keyof StreamMessages>(event: Name, message: StreamMessages[Name]) => void;

/** So many of the newest jobs are followed as they change. */
const windowSize = 300;

/** So many open jobs beyond them are, too. */
const mostOlder = 50;

/** How much of the past charts show. */
const historyMinutes = 60;

/** So many points of its own a chart has: more than pixels. */
const mostSamples = 720;

/** How often a day's metrics are added up, by the service's time. */
const costMilliseconds = 300_000;

/** How often metrics are read again, which come once per minute, by the service's time: a jump brings new ones at once. */
const historyMilliseconds = 30_000;

const dayMinutes = 1440;

const minuteMilliseconds = 60_000;

/** What happens within so long is looked at together. */
const nudgeMilliseconds = 150;

/**
 * Follows one service while somebody listens: one reading for all pages, and only what changed is sent.
 *
 * Its memory is bounded by the window: jobs that ended and are no longer among the newest are forgotten.
 */
export class LiveService {
  private readonly listeners = new Set<Listener>();
  private rows = new Map<string, JobRow>();
  private codes = new Map<string, string>();
  private isWhole = false;
  private overview: OverviewMessage | undefined;
  private series: SeriesMessage | undefined;
  private cost: CostMessage | undefined;
  private samples: { at: number; instances: number | undefined; open: number }[] = [];
  private history: MetricHistory | undefined;
  private readAt = { history: -Infinity, cost: -Infinity };
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly running = new Map<string, Promise<void>>();
  private isStarted = false;
  private isNudged = false;

  constructor(private readonly options: LiveOptions) {}

  /** Starts following with the first listener, and stops with the last. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    if (this.rows.size > 0) listener("jobs", { changed: [...this.rows.values()], now: this.now() });
    if (this.overview !== undefined) listener("overview", this.overview);
    if (this.series !== undefined) listener("series", this.series);
    if (this.cost !== undefined) listener("cost", this.cost);
    if (!this.isStarted) this.start();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.stop();
    };
  }

  /** Something has happened: looks soon, and once for all that happens until then. */
  nudge(): void {
    if (!this.isStarted || this.isNudged) return;
    this.isNudged = true;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      void (this.running.get("jobs") ?? Promise.resolve()).then(() => {
        this.isNudged = false;
        if (this.isStarted) void this.once("jobs", () => this.readJobs());
      });
    }, nudgeMilliseconds);
    this.timers.add(timer);
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    this.stop();
    this.listeners.clear();
    await Promise.allSettled(this.running.values());
  }

  /** The newest overview that was read; undefined before the first. */
  get newestOverview(): Omit<ServiceOverview, "history"> | undefined {
    return this.overview?.overview;
  }

  /** US dollars of an instance and hour; undefined where it is not known. */
  priceOf(instanceType: string): number | undefined {
    return this.options.pricePerHourUsd(instanceType);
  }

  private start(): void {
    this.isStarted = true;
    this.repeat(
      "jobs",
      () => this.options.jobsMilliseconds,
      () => this.readJobs(),
    );
    this.repeat(
      "overview",
      () => this.options.overviewMilliseconds,
      () => this.readOverview(),
    );
  }

  private stop(): void {
    this.isStarted = false;
    this.isNudged = false;
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }

  private repeat(name: string, milliseconds: () => number, read: () => Promise<void>): void {
    const again = () => {
      if (!this.isStarted) return;
      const timer = setTimeout(() => {
        this.timers.delete(timer);
        void this.once(name, read).then(again);
      }, milliseconds());
      this.timers.add(timer);
    };
    void this.once(name, read).then(again);
  }

  /** One reading at a time: who asks meanwhile gets one more after it. */
  private once(name: string, read: () => Promise<void>): Promise<void> {
    const running = this.running.get(name);
    if (running !== undefined) return running;
    const work = read()
      // What can't be read now is read the next time; the page shows since when it has heard nothing.
      .catch((error: unknown) => this.problem(error))
      .finally(() => this.running.delete(name));
    this.running.set(name, work);
    return work;
  }

  private problem(error: unknown): void {
    if (this.isStarted) this.tell("problem", { message: error instanceof Error ? error.message : String(error) });
  }

  private tell<Name extends keyof StreamMessages>(event: Name, message: StreamMessages[Name]): void {
    for (const listener of this.listeners) listener(event, message);
  }

  private now(): number {
    return this.lastNow + (performance.now() - this.lastHeard) * this.options.speed();
  }
  private lastNow = Date.now();
  private lastHeard = performance.now();

  private async readJobs(): Promise<void> {
    const { client } = this.options;
    const listed: ListedJob[] = [];
    for await (const job of client.list({ limit: windowSize })) listed.push(job);
    this.isWhole = listed.length < windowSize;
    const isListed = new Set(listed.map(({ jobId }) => jobId));
    const older = [...this.rows.values()].filter(({ jobId, state }) => !isListed.has(jobId) && !isTerminal(state)).slice(0, mostOlder);
    const ended = listed.filter(({ jobId, state }) => ["FAILED", "EXPIRED"].includes(state) && !this.codes.has(jobId));
    const looked = await pooled([...older, ...ended.slice(0, mostOlder)], async ({ jobId }) => {
      const status = await client
        .job(jobId)
        .status()
        .catch(() => undefined);
      return status && rowOf(status);
    });
    const known = new Map(looked.flatMap((row) => (row === undefined ? [] : [[row.jobId, row] as const])));
    for (const { jobId, code } of known.values()) if (code !== undefined) this.codes.set(jobId, code);

    const rows = new Map<string, JobRow>();
    for (const job of listed) {
      const code = this.codes.get(job.jobId);
      rows.set(job.jobId, code === undefined ? job : { ...job, code });
    }
    for (const { jobId } of older) {
      const row = known.get(jobId);
      if (row !== undefined) rows.set(jobId, row);
    }
    const changed = [...rows.values()].filter((row) => isOther(row, this.rows.get(row.jobId)));
    this.rows = rows;
    for (const jobId of this.codes.keys()) if (!rows.has(jobId)) this.codes.delete(jobId);
    await this.learnTime();
    if (changed.length === 0) return;
    this.tell("jobs", { changed, now: this.now() });
    if (this.overview !== undefined) this.tellOverview(this.overview.overview);
  }

  private async learnTime(): Promise<void> {
    this.lastNow = (await this.options.client.serviceTime()).getTime();
    this.lastHeard = performance.now();
  }

  private async readOverview(): Promise<void> {
    const { client } = this.options;
    const now = this.now();
    // A service that has just begun has no metrics yet: they come within minutes.
    const wantsCost = now - this.readAt.cost > (this.cost?.hours ? costMilliseconds : historyMilliseconds);
    const wantsHistory = wantsCost || now - this.readAt.history > historyMilliseconds;
    const minutes = wantsCost ? dayMinutes : historyMinutes;
    const { history, ...overview } = await client.overview(wantsHistory ? { historyMinutes: minutes } : {});
    this.lastNow = Date.parse(overview.at);
    this.lastHeard = performance.now();
    if (history !== undefined) {
      this.readAt.history = now;
      this.history = history;
    }
    if (history !== undefined && wantsCost) {
      this.readAt.cost = now;
      const { instanceType } = overview;
      this.cost = costOf(history, instanceType === undefined ? undefined : this.options.pricePerHourUsd(instanceType));
      this.tell("cost", this.cost);
    }
    this.tellOverview(overview);
    this.sample();
  }

  private tellOverview(overview: OverviewMessage["overview"]): void {
    const now = this.now();
    this.overview = {
      overview,
      open: this.open(overview),
      perMinute: this.perMinute(now),
      steps: wordedSteps({ ...overview, backlog: (this.history ?? noHistory).backlog }),
      upcoming: upcoming(overview.scheduled, now),
      speed: this.options.speed(),
      now,
    };
    this.tell("overview", this.overview);
  }

  /** Exact where every job of the last day is followed; else by the sweep, which counts once per minute. */
  private open({ open }: OverviewMessage["overview"]): OverviewMessage["open"] {
    const rows = [...this.rows.values()].filter(({ state }) => !isTerminal(state));
    if (!this.isWhole && open !== undefined) {
      const { total, states, oldestCreatedAt } = open;
      return { total, states, isExact: false, ...(oldestCreatedAt !== undefined && { oldestCreatedAt }) };
    }
    const states: Partial<Record<JobState, number>> = {};
    for (const { state } of rows) states[state] = (states[state] ?? 0) + 1;
    const oldestCreatedAt = rows.map(({ createdAt }) => createdAt).sort()[0];
    return { total: rows.length, states, isExact: this.isWhole, ...(oldestCreatedAt !== undefined && { oldestCreatedAt }) };
  }

  private perMinute(now: number): OverviewMessage["perMinute"] {
    const lately = [...this.rows.values()].filter(({ endedAt }) => endedAt !== undefined && Date.parse(endedAt) > now - 60_000);
    const completed = lately.filter(({ state }) => state === "COMPLETED").length;
    const failed = lately.filter(({ state }) => state === "FAILED" || state === "EXPIRED").length;
    return { completed, failed, cancelled: lately.length - completed - failed };
  }

  /** Adds what is true now to the charts, which else would be as late as CloudWatch. */
  private sample(): void {
    const { overview, open, now } = this.overview as OverviewMessage;
    const { endpoint } = overview;
    const instances = endpoint === undefined || endpoint === "missing" ? undefined : endpoint.currentInstanceCount;
    this.samples.push({ at: now, instances, open: open.total });
    const from = now - historyMinutes * 60_000;
    this.samples = this.samples.filter(({ at }) => at > from);
    if (this.samples.length > mostSamples) this.samples = this.samples.filter((_, index) => index % 2 === 1);
    const { history = noHistory } = this;
    const own = (value: (sample: (typeof this.samples)[number]) => number | undefined): MetricPoint[] =>
      this.samples.flatMap((sample) => {
        const found = value(sample);
        return found === undefined ? [] : [[sample.at, found] as const];
      });
    const past = (points: readonly MetricPoint[]) => points.filter(([at]) => at > from);
    this.series = {
      backlog: past(history.backlog),
      completed: past(history.completed),
      failed: past(history.failed),
      instances: filled(
        own((sample) => sample.instances),
        past(history.instances),
      ),
      open: filled(
        own((sample) => sample.open),
        past(history.open),
      ),
    };
    this.tell("series", this.series);
  }
}

const noHistory: MetricHistory = { backlog: [], instances: [], completed: [], failed: [], open: [] };

/** Points of a line, and where it has none for a minute, those of others: nobody looked then. */
export function filled(points: readonly MetricPoint[], others: readonly MetricPoint[]): MetricPoint[] {
  const missing = others.filter(([at]) => !points.some(([own]) => Math.abs(own - at) < minuteMilliseconds));
  return [...points, ...missing].sort(([a], [b]) => a - b);
}

function isOther(row: JobRow, known: JobRow | undefined): boolean {
  return known === undefined || known.state !== row.state || known.endedAt !== row.endedAt || known.code !== row.code;
}

/** What the instances of the last day cost: each reports its load once per minute, which makes a minute of an instance. */
export function costOf(history: Pick<MetricHistory, "instances" | "open">, pricePerHourUsd: number | undefined): CostMessage {
  const open = new Map(history.open.map(([at, value]) => [at, value]));
  const minutes = history.instances.reduce((sum, [, count]) => sum + count, 0);
  const idle = history.instances.reduce((sum, [at, count]) => sum + (open.get(at) === 0 ? count : 0), 0);
  const first = Math.min(...[history.instances[0]?.[0], history.open[0]?.[0]].filter((at) => at !== undefined));
  const last = Math.max(...[history.instances.at(-1)?.[0], history.open.at(-1)?.[0]].filter((at) => at !== undefined));
  const hours = first <= last ? (last - first) / 3_600_000 + 1 / 60 : 0;
  return { instanceHours: minutes / 60, idleHours: idle / 60, hours, ...(pricePerHourUsd !== undefined && { pricePerHourUsd }) };
}
