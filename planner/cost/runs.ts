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

/**
 * How many seconds the model worked on each job, in the order of the jobs.
 *
 * No notification says when a run began, so it is found: the queue is first in, first out, so a job began when it was received, or when
 * the slot became free that an earlier job left or a new instance brought. Where CloudWatch counts the invocations that ended in a
 * minute, their average (TotalProcessingTime) corrects what was found.
 *
 * @param history undefined when CloudWatch can't be asked: jobs are then taken not to have waited, which is the most that they can have taken
 */
export function runSeconds(jobs: readonly EndedJob[], concurrency: number, history: EndpointHistory | undefined): Float64Array {
  const seconds = Float64Array.from(jobs, ({ receivedAt, finishedAt }) => Math.max(0, finishedAt - receivedAt) / 1000);
  if (history === undefined) return seconds;
  const order = jobs.map((_, index) => index).sort((a, b) => (jobs[a] as EndedJob).receivedAt - (jobs[b] as EndedJob).receivedAt);
  const running = new Ends();
  let earliest = -Infinity;
  for (const index of order) {
    const { receivedAt, finishedAt } = jobs[index] as EndedJob;
    const begin = beginning(Math.max(receivedAt, earliest), finishedAt, concurrency, history, running);
    // A job whose slot nobody can name has taken one anyway: it says nothing about those behind it.
    if (begin !== undefined) earliest = begin;
    running.add(finishedAt);
    seconds[index] = Math.max(0, finishedAt - (begin ?? receivedAt)) / 1000;
  }
  correct(jobs, seconds, history);
  return seconds;
}

/** When there was a slot for a job; undefined when there was none before its end. */
function beginning(from: number, end: number, concurrency: number, history: EndpointHistory, running: Ends): number | undefined {
  for (let at = from; at < end;) {
    running.removeUntil(at);
    const slots = instancesAt(history, at) * concurrency;
    if (running.count < slots) return at;
    const nextMinute = (Math.floor(at / minuteMilliseconds) + 1) * minuteMilliseconds;
    at = slots === 0 ? nextMinute : Math.min(nextMinute, running.first ?? Infinity);
  }
  return undefined;
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
