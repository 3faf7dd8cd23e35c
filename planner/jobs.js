/** What has become of a job. */
export const jobStates = { pending: 0, waiting: 1, held: 2, running: 3, finished: 4, timedOut: 5, expired: 6, killed: 7 };
/** The jobs of a simulation, by number in the order of arrival. Times are whole milliseconds since the epoch, durations milliseconds. */
export class Jobs {
  arrival;
  /** How long each runs: to the invocation's timeout at most. */
  duration;
  /** When each got into the endpoint's queue. */
  queued;
  /** When each first ran; NaN before. */
  started;
  ends;
  state;
  /** Number of the instance that each runs on. */
  instance;
  timesOut;
  constructor({ arrivalSeconds, durationSeconds, startsAt }, { speedFactor, invocationTimeoutSeconds }) {
    const count = arrivalSeconds.length;
    const timeout = invocationTimeoutSeconds * 1000;
    const runs = (job) => (durationSeconds[job] * 1000) / speedFactor;
    this.arrival = arrivalSeconds.map((seconds) => startsAt + Math.trunc(seconds * 1000));
    this.duration = durationSeconds.map((_, job) => Math.min(timeout, Math.max(1, Math.trunc(runs(job)))));
    this.timesOut = (job) => runs(job) > timeout;
    this.queued = new Float64Array(count);
    this.started = new Float64Array(count).fill(Number.NaN);
    this.ends = new Float64Array(count);
    this.state = new Uint8Array(count);
    this.instance = new Int32Array(count);
  }
  get length() {
    return this.arrival.length;
  }
  /** What a job ends as that nobody interrupts. */
  endOf(job) {
    return this.timesOut(job) ? jobStates.timedOut : jobStates.finished;
  }
}
