import { RecentIds } from "./recentIds";
import type { JobRecord } from "../../core/records/job";
import type { Log } from "../../core/ports";
import { noJob } from "../../core/records/errors";
import { AsyncInferenceError, asyncInferenceError } from "../errors";
import { passes, pauseAfter } from "./calls";
import { EndedIndex, type Table } from "./endedIndex";
import { Loop } from "./loop";
import { OtherWaiters } from "./otherWaiters";
import { EventQueue, type QueueSettings } from "./queue";
import { batchSize, readRecords, type JobGlimpse } from "./records";
import { Waits, type Patience, type Read, type Wanted } from "./waits";

/** How long a caller waits for a job, and whose it is. */
export interface JobPatience extends Patience {
  own: boolean;
}

/** Waits for jobs to end: one for all jobs of a client. */
export interface JobWaiter<Patient extends JobPatience = JobPatience, Out = JobRecord> {
  /**
   * What is read of a job's record, once it has ended.
   *
   * @param patience.own whether this client submitted it, so that its record names this waiter
   * @throws AsyncInferenceError (as a rejection) `WAIT_TIMEOUT` past the deadline, `ABORTED` by the signal or {@link close},
   * `ACCESS_DENIED` with the statement to add, `NOT_FOUND` when record or table are gone
   */
  wait(jobId: string, patience: Patient): Promise<Out>;
  /** Ends every wait with `ABORTED`. */
  close(): void;
}

/** What a {@link JobWaiter} is made of. */
export interface JobWaiterDependencies extends Table {
  /** Name under which this client's jobs are in the index of ended jobs. */
  waiter: string;
  pollIntervalSeconds: number;
  /** Queue that gets the service's job events. @default none: polling alone */
  queue?: QueueSettings | undefined;
  log: Log;
}

/**
 * Makes a {@link JobWaiter}. It makes no call and holds no timer while nobody waits.
 *
 * @param read makes what a caller gets of the record; {@link createJobWaiter} without it gives the record itself. One for all callers:
 * a function for each would be a part of what a handle holds
 */
export function createJobWaiter(dependencies: JobWaiterDependencies): JobWaiter;
export function createJobWaiter<Patient extends JobPatience, Out>(
  dependencies: JobWaiterDependencies,
  read: Read<JobRecord, Patient, Out>,
): JobWaiter<Patient, Out>;
export function createJobWaiter(
  dependencies: JobWaiterDependencies,
  read: Read<JobRecord, never, unknown> = (record) => record,
): JobWaiter<never, unknown> {
  return new TableWaiter(dependencies, read);
}

/** With a queue that delivers, the index is asked so much more rarely. */
const slowdownBehindQueue = 5;

/** How often an own job's record is read, in case index and queue say nothing of its end. */
const netIntervalMilliseconds = 60_000;

/** Batches in one round: the calls per minute stay the same however many jobs are open, and a round takes longer. */
const batchesPerRound = 10;

/** A handle from elsewhere is read after one interval, and then after growing ones. */
const foreignGrowth = 1.5;
const foreignLongestMilliseconds = 5000;

/** Calls per minute that read such handles at most: of a crowd of them, each is read more rarely, a batch after the other. */
const foreignCallsPerMinute = 70;
const turnMilliseconds = 60_000 / foreignCallsPerMinute;

/** Handles that are made one after the other share a call. */
const gatherMilliseconds = 50;

/** Ids of ended jobs that are remembered for callers that ask later. */
const rememberedEnds = 10_000;

/** A job that somebody waits for. */
interface Followed extends Wanted {
  own: boolean;
  /** Whether it is known which client submitted it: this one did, or its record was read. */
  isSubmitterKnown: boolean;
  /** That client's waiter, where it is another's. */
  other: string | undefined;
  /** When to read its record. */
  dueAt: number;
  /** Milliseconds between the last read of a handle from elsewhere and the next. */
  pause: number;
  /** An own job that is known to have ended: read at once. */
  urgent: boolean;
}

class TableWaiter<Patient extends JobPatience, Out> implements JobWaiter<Patient, Out> {
  private readonly waits: Waits<JobRecord, Followed, Patient, Out>;
  private ownCount = 0;
  private readonly index: EndedIndex;
  private readonly others: OtherWaiters;
  private readonly queue: EventQueue | undefined;
  private readonly looks: Loop;
  private readonly reads: Loop;
  private readonly interval: number;
  /** Ids of own jobs that have ended, oldest first: the index tells of an end once, perhaps before anybody waits for it. */
  private readonly ended = new RecentIds(rememberedEnds);
  private failedLooks = 0;
  private failedReads = 0;
  private lookedAt = -Infinity;
  private readAt = -Infinity;
  private netDueAt = 0;
  /** Whether handles that no index tells of are so many that reads of them take turns. */
  private isCrowd = false;
  /** When the next batch of a crowd may be read. */
  private turnAt = 0;

  constructor(
    private readonly dependencies: JobWaiterDependencies,
    read: Read<JobRecord, Patient, Out>,
  ) {
    const { clock, waiter, pollIntervalSeconds, queue } = dependencies;
    this.interval = pollIntervalSeconds * 1000;
    this.index = new EndedIndex(dependencies, waiter);
    this.others = new OtherWaiters(dependencies);
    this.waits = new Waits(
      clock,
      read,
      (jobId) => `the job ${jobId}`,
      (jobId) => ({ jobId }),
      (left) => this.leave(left),
      dependencies.log,
    );
    this.looks = new Loop(clock, (signal) => this.look(signal));
    this.reads = new Loop(clock, (signal) => this.read(signal));
    if (queue === undefined) return;
    this.queue = new EventQueue(
      { ...queue, clock, waiter, log: dependencies.log },
      {
        follows: (jobId) => this.waits.get(jobId) !== undefined,
        ended: (job) => this.tell(job),
        unhealthy: () => this.looks.within(this.interval),
        failed: (error) => this.rejectAll(error),
      },
    );
  }

  wait(jobId: string, patience: Patient): Promise<Out> {
    const promise = this.waits.add(jobId, patience, () => this.followed(jobId, patience.own));
    const followed = this.waits.get(jobId);
    if (followed !== undefined) this.follow(followed, patience.own);
    return promise;
  }

  close(): void {
    this.waits.close();
  }

  private followed(jobId: string, own: boolean): Followed {
    const now = this.dependencies.clock.now();
    const urgent = this.ended.has(jobId);
    return {
      key: jobId,
      callers: undefined,
      own: false,
      isSubmitterKnown: own,
      other: undefined,
      dueAt: own && !urgent ? now + netIntervalMilliseconds : now,
      pause: this.interval,
      urgent,
    };
  }

  private follow(followed: Followed, own: boolean): void {
    const now = this.dependencies.clock.now();
    if (own) this.adopt(followed);
    this.queue?.listen();
    this.lookSoon();
    this.reads.within(followed.dueAt > now ? followed.dueAt - now : Math.max(gatherMilliseconds, this.readAt + this.interval / 4 - now));
  }

  private adopt(followed: Followed): void {
    if (followed.own) return;
    followed.own = true;
    this.ownCount++;
  }

  private lookSoon(): void {
    if (this.ownCount > 0 || this.others.any) {
      this.looks.within(Math.max(0, this.lookedAt + this.interval - this.dependencies.clock.now()));
    }
  }

  private leave({ own, other }: Followed): void {
    if (own) this.ownCount--;
    if (other !== undefined) this.others.leave(other);
    if (this.ownCount === 0 && !this.others.any) this.looks.stop();
    if (this.waits.size > 0) return;
    this.reads.stop();
    this.queue?.stop();
    this.waits.trouble = undefined;
  }

  /** An own job's end, whichever source reported it. */
  private tell(job: JobRecord): void {
    this.ended.add(job.jobId);
    this.waits.resolve(job.jobId, job);
  }

  /** One look at the index, and at those of some other waiters. */
  private async look(signal: AbortSignal): Promise<number> {
    const { clock } = this.dependencies;
    this.lookedAt = clock.now();
    try {
      if (this.ownCount > 0) await this.index.look((job) => this.tell(job), signal);
      for (const { waiter, index } of this.others.next()) await this.lookAtOther(waiter, index, signal);
      this.failedLooks = 0;
      this.waits.trouble = undefined;
    } catch (error) {
      if (signal.aborted) return Infinity;
      this.failedLooks++;
      this.failed(
        error,
        this.waits.filter((one) => one.own),
      );
      return pauseAfter(this.failedLooks, this.interval);
    }
    const pace = this.queue?.delivers ? slowdownBehindQueue * this.interval : this.interval;
    return this.lookedAt + pace - clock.now();
  }

  /** A handle from elsewhere needs no more than its record: an index that may not be read is done without. */
  private async lookAtOther(waiter: string, index: EndedIndex, signal: AbortSignal): Promise<void> {
    try {
      await index.look((job) => this.waits.resolve(job.jobId, job), signal);
    } catch (thrown) {
      if (signal.aborted || passes(asyncInferenceError(thrown))) throw thrown;
      this.others.refuse(waiter);
      const now = this.dependencies.clock.now();
      for (const one of this.waits.filter(({ other }) => other === waiter)) one.dueAt = now;
      this.reads.within(0);
    }
  }

  /** One round over the records that are due. */
  private async read(signal: AbortSignal): Promise<number> {
    const { clock } = this.dependencies;
    this.readAt = clock.now();
    // A batch that fails leaves its handles due. One after the other: each is a hundred records in memory.
    let failed = false;
    const due = this.due(this.readAt);
    for (const batch of chunks(due)) {
      if (signal.aborted) return Infinity;
      failed = (await this.readBatch(batch, signal)) || failed;
    }
    if (signal.aborted) return Infinity;
    this.failedReads = failed ? this.failedReads + 1 : 0;
    if (this.failedReads > 0) return pauseAfter(this.failedReads, this.interval);
    if (due.length > 0 && this.failedLooks === 0) this.waits.trouble = undefined;
    return Math.max(this.readAt + this.interval, this.nextRead()) - clock.now();
  }

  /** Handles to read now: those that no index tells of in turn, and, once a minute, of the others those that were not read for longest. */
  private due(now: number): Followed[] {
    const limit = batchesPerRound * batchSize;
    const asked: Followed[] = [];
    const net: Followed[] = [];
    let crowd = 0;
    this.waits.forEach((one) => {
      const isNet = this.awaitsNews(one);
      if (!isNet) crowd++;
      // What is nearly due comes along, so that handles fall into step.
      if (one.dueAt <= now + this.interval / 2 && (!isNet || now >= this.netDueAt)) (isNet ? net : asked).push(one);
    });
    this.isCrowd = Math.ceil(crowd / batchSize) * turnMilliseconds > foreignLongestMilliseconds;
    if (net.length > 0) this.netDueAt = now + netIntervalMilliseconds;
    return [asked, net].flatMap((all) => all.sort((a, b) => a.dueAt - b.dueAt).slice(0, limit));
  }

  private nextRead(): number {
    let next = Infinity;
    this.waits.forEach((one) => {
      next = Math.min(next, this.awaitsNews(one) ? Math.max(one.dueAt, this.netDueAt) : one.dueAt);
    });
    return next;
  }

  /** Whether an index tells of its end, so that reading its record is but the safety net. */
  private awaitsNews({ own, other, urgent }: Followed): boolean {
    return !urgent && (own || this.others.follows(other));
  }

  /** Whose job it is: from elsewhere, only its record says. */
  private learn({ jobId, waiter }: JobGlimpse): void {
    const one = this.waits.get(jobId);
    if (one === undefined || one.isSubmitterKnown) return;
    one.isSubmitterKnown = true;
    if (waiter === undefined) return;
    if (waiter === this.dependencies.waiter) this.adopt(one);
    else {
      one.other = waiter;
      this.others.join(waiter);
    }
    this.lookSoon();
  }

  /** @returns whether something of it is to be read again */
  private async readBatch(batch: readonly Followed[], signal: AbortSignal): Promise<boolean> {
    try {
      const { open, ended, missing, unread } = await readRecords(
        this.dependencies,
        batch.map(({ key }) => key),
        signal,
        { whole: this.isCrowd && batch.every((one) => one.isSubmitterKnown && !this.awaitsNews(one)) },
      );
      for (const job of ended) this.waits.resolve(job.jobId, job);
      for (const job of open) this.learn(job);
      const again = new Set(unread);
      this.postpone(batch.filter(({ key }) => !again.has(key)));
      for (const jobId of missing) this.waits.reject(jobId, new AsyncInferenceError(noJob(jobId)));
      return unread.length > 0;
    } catch (error) {
      if (!signal.aborted) this.failed(error, batch);
      return true;
    }
  }

  private postpone(batch: readonly Followed[]): void {
    const now = this.dependencies.clock.now();
    for (const one of batch) one.urgent = false;
    const asked = batch.filter((one) => !this.awaitsNews(one));
    const turn = this.isCrowd ? this.takeTurn(now + foreignLongestMilliseconds, asked.length) : 0;
    for (const one of batch) {
      one.dueAt = this.awaitsNews(one) ? now + netIntervalMilliseconds : Math.max(now + one.pause, turn);
      one.pause = Math.min(one.pause * foreignGrowth, Math.max(foreignLongestMilliseconds, this.interval));
    }
  }

  /** When so many handles of a crowd are read next. Parts of a batch come so close together that one call reads them. */
  private takeTurn(earliest: number, handles: number): number {
    const turn = Math.max(this.turnAt, earliest);
    this.turnAt = turn + (handles / batchSize) * turnMilliseconds;
    return turn;
  }

  /** What passes is outlasted; anything else ends the waits that it is about. */
  private failed(thrown: unknown, about: readonly Followed[]): void {
    const error = asyncInferenceError(thrown);
    if (passes(error)) this.waits.trouble = error;
    else for (const { key } of about) this.waits.reject(key, error);
  }

  private rejectAll(error: AsyncInferenceError): void {
    for (const { key } of this.waits.filter(() => true)) this.waits.reject(key, error);
  }
}

function chunks<Item>(items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / batchSize) }, (_, index) => items.slice(index * batchSize, (index + 1) * batchSize));
}
