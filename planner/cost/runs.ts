/** A job that the service has worked on, as its record has it. */
export interface EndedJob {
  jobId: string;
  /** Milliseconds since the epoch at which the service received the invocation that ended the job. */
  receivedAt: number;
  /** When it finished. */
  finishedAt: number;
}

/** Metrics of an endpoint by the minute, as CloudWatch has them. */
export interface EndpointHistory {
  /** Milliseconds since the epoch of the first minute. */
  startsAt: number;
  /** Instances that said their load in each minute; 0 where none did. */
  instances: Float64Array;
  /** Of the invocations that ended in a minute: how long they took on average, and how many there were. By index of the minute. */
  processing: ReadonlyMap<number, { averageSeconds: number; count: number }>;
}

const minuteMilliseconds = 60_000;
const noHistory: EndpointHistory = { startsAt: 0, instances: new Float64Array(0), processing: new Map() };

/** What jobs ran on. */
export interface RanOn {
  /** Requests that an instance works on at once. */
  concurrency: number;
  /** The most instances that the endpoint may have, which bounds what ran in minutes that CloudWatch has no metrics of. */
  maxInstances: number;
}

/**
 * How many seconds the model worked on each job, in the order of the jobs.
 *
 * No notification says when a run began, so it is found: the queue is first in, first out, so a job began when it was received, or when
 * the slot became free that an earlier job left or a new instance brought. Where CloudWatch counts the invocations that ended in a
 * minute, their average (TotalProcessingTime) corrects what was found. A job that ended in a minute without metrics proves that there
 * was an instance: until then there may have been as many as the endpoint may have, so that what is found is the most that it can have
 * taken.
 *
 * @param history undefined when CloudWatch can't be asked: no minute has metrics then
 */
export function runSeconds(
  jobs: readonly EndedJob[],
  { concurrency, maxInstances }: RanOn,
  history: EndpointHistory = noHistory,
): Float64Array {
  const seconds = new Float64Array(jobs.length);
  // Of jobs that were received within one millisecond, the first to end began first.
  const order = jobs
    .map((_, index) => index)
    .sort((a, b) => {
      const [one, other] = [jobs[a] as EndedJob, jobs[b] as EndedJob];
      return one.receivedAt - other.receivedAt || one.finishedAt - other.finishedAt;
    });
  const running = new Ends();
  let earliest = -Infinity;
  for (const index of order) {
    const { receivedAt, finishedAt } = jobs[index] as EndedJob;
    const from = Math.max(receivedAt, earliest);
    const unmeasured = unmeasuredSince(history, from, finishedAt);
    const slotsAt = (at: number) => concurrency * (at < unmeasured ? instancesAt(history, at) : maxInstances);
    const begin = beginning(from, finishedAt, slotsAt, running);
    if (begin !== undefined) earliest = begin;
    running.add(finishedAt);
    // A job whose slot nobody can name has taken one anyway, and began no earlier than those before it, unless it has overtaken them.
    seconds[index] = Math.max(0, finishedAt - (begin ?? (from < finishedAt ? from : receivedAt))) / 1000;
  }
  correct(jobs, seconds, history);
  return seconds;
}

/** When there was a slot for a job; undefined when there was none before its end. */
function beginning(from: number, end: number, slotsAt: (at: number) => number, running: Ends): number | undefined {
  for (let at = from; at < end;) {
    running.removeUntil(at);
    const slots = slotsAt(at);
    if (running.count < slots) return at;
    const nextMinute = (Math.floor(at / minuteMilliseconds) + 1) * minuteMilliseconds;
    at = slots === 0 ? nextMinute : Math.min(nextMinute, running.first ?? Infinity);
  }
  return undefined;
}

/** Since when until the end of a run CloudWatch has no metrics: they come up to five minutes late, and are not kept for ever. */
function unmeasuredSince(history: EndpointHistory, from: number, end: number): number {
  let since = Infinity;
  for (let at = end; instancesAt(history, at) === 0; at = since - 1) {
    since = Math.floor(at / minuteMilliseconds) * minuteMilliseconds;
    if (since <= from) break;
  }
  return since;
}

/** An instance that has begun within a minute may first say so in the next. */
function instancesAt({ startsAt, instances }: EndpointHistory, at: number): number {
  const minute = Math.floor((at - startsAt) / minuteMilliseconds);
  return Math.max(instances[minute] ?? 0, instances[minute + 1] ?? 0);
}

/** Brings the mean of the jobs that ended in a minute to what CloudWatch says of them, where it speaks of the same number. */
function correct(jobs: readonly EndedJob[], seconds: Float64Array, { startsAt, processing }: EndpointHistory): void {
  const byMinute = new Map<number, number[]>();
  for (const [index, { finishedAt }] of jobs.entries()) {
    const minute = Math.floor((finishedAt - startsAt) / minuteMilliseconds);
    const ended = byMinute.get(minute);
    if (ended === undefined) byMinute.set(minute, [index]);
    else ended.push(index);
  }
  for (const [minute, ended] of byMinute) {
    const measured = processing.get(minute);
    const total = ended.reduce((sum, index) => sum + (seconds[index] as number), 0);
    if (measured === undefined || measured.count !== ended.length || total === 0) continue;
    const factor = (measured.averageSeconds * measured.count) / total;
    for (const index of ended) {
      const { receivedAt, finishedAt } = jobs[index] as EndedJob;
      seconds[index] = Math.min((finishedAt - receivedAt) / 1000, (seconds[index] as number) * factor);
    }
  }
}

/** Ends of what runs: the earliest first. A binary heap, since thousands may run at once. */
class Ends {
  private readonly heap: number[] = [];

  get count(): number {
    return this.heap.length;
  }

  get first(): number | undefined {
    return this.heap[0];
  }

  add(end: number): void {
    const { heap } = this;
    let place = heap.push(end) - 1;
    for (let parent = (place - 1) >> 1; place > 0 && (heap[parent] as number) > end; parent = (place - 1) >> 1) {
      heap[place] = heap[parent] as number;
      place = parent;
    }
    heap[place] = end;
  }

  removeUntil(time: number): void {
    while (this.heap.length > 0 && (this.heap[0] as number) <= time) this.removeFirst();
  }

  private removeFirst(): void {
    const { heap } = this;
    const last = heap.pop() as number;
    if (heap.length === 0) return;
    let place = 0;
    for (let child = 1; child < heap.length; child = 2 * place + 1) {
      if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child += 1;
      if ((heap[child] as number) >= last) break;
      heap[place] = heap[child] as number;
      place = child;
    }
    heap[place] = last;
  }
}
