import type { Log } from "../../core/ports";
import { AsyncInferenceError, clientError } from "../errors";
import type { ServiceClock } from "../../core/serviceClock";
import { at } from "./clock";

/** What is logged when jobs are waited for and nothing can be asked about them any more; the line has `code` and `reason`. */
export const lookingFails = "looking for the ends of jobs fails, and goes on";

/** What is logged when something can be asked again. */
export const lookingWorksAgain = "looking for the ends of jobs works again";

/** How long a caller waits. */
export interface Patience {
  /** When the wait ends by itself, by the clock's `now`. */
  deadline: number;
  /** Ends the wait. */
  signal?: AbortSignal | undefined;
}

/** Makes what the caller gets of what it waited for. One function for all callers: a function per wait is half of the wait's memory. */
export type Read<Result, Patient extends Patience, Out> = (result: Result, patience: Patient) => Promise<Out>;

interface Waiting<Result> {
  key: string;
  patience: Patience;
  read: Read<Result, Patience, unknown> | undefined;
  resolve(result: unknown): void;
  reject(error: AsyncInferenceError): void;
  /** The callers that wait for the same. */
  next: Waiting<Result> | undefined;
}

/** What ends waits, one timer or one signal: ten thousand of them have few of either, and must be small. */
interface Bound {
  /** How many waits it ends; which, they say themselves. */
  waits: number;
  release(): void;
}

/** Callers that wait, by the key of what they wait for. Each of them gets an answer, whatever happens. */
export class Waits<Result> {
  private lastTrouble: AsyncInferenceError | undefined;
  /** Those of one key are in a row: nearly always it is one alone, which a list of its own would be much for. */
  private readonly waiting = new Map<string, Waiting<Result>>();
  private readonly deadlines = new Map<number, Bound>();
  private readonly signals = new Map<AbortSignal, Bound>();
  private closed = false;

  /**
   * @param what what a key is, as a sentence names it: `the job order-17`
   * @param details what every error about a key carries
   * @param onLeft called with a key that nobody waits for any more
   */
  constructor(
    private readonly clock: ServiceClock,
    private readonly what: (key: string) => string,
    private readonly details: (key: string) => { jobId?: string },
    private readonly onLeft: (key: string) => void,
    private readonly log: Log = () => undefined,
  ) {}

  /** What the last call failed with that is tried again: what a wait that runs out of time tells. That it begins or ends is logged. */
  get trouble(): AsyncInferenceError | undefined {
    return this.lastTrouble;
  }

  set trouble(error: AsyncInferenceError | undefined) {
    const before = this.lastTrouble;
    this.lastTrouble = error;
    if (before === undefined && error !== undefined) {
      this.log({ level: "warn", message: lookingFails, code: error.code, reason: error.message });
    } else if (before !== undefined && error === undefined && this.waiting.size > 0) {
      this.log({ level: "info", message: lookingWorksAgain });
    }
  }

  has(key: string): boolean {
    return this.waiting.has(key);
  }

  /**
   * @param read makes what the caller gets; it is given the patience as it is. @default the result itself
   * @throws AsyncInferenceError (as a rejection) `WAIT_TIMEOUT`, `ABORTED`, or what {@link reject} gives
   */
  add(key: string, patience: Patience): Promise<Result>;
  add<Patient extends Patience, Out>(key: string, patience: Patient, read: Read<Result, Patient, Out> | undefined): Promise<Out>;
  add(key: string, patience: Patience, read?: Read<Result, never, unknown>): Promise<unknown> {
    const { deadline, signal } = patience;
    if (this.closed) return Promise.reject(clientError("ABORTED", "The client is closed.", this.details(key)));
    if (signal?.aborted) return Promise.reject(this.aborted(key, signal));
    return new Promise((resolve, reject) => {
      const next = this.waiting.get(key);
      this.waiting.set(key, { key, patience, read: read as Read<Result, Patience, unknown> | undefined, resolve, reject, next });
      if (!join(this.deadlines, deadline)) this.expireAt(deadline);
      if (signal !== undefined && !join(this.signals, signal)) this.endBy(signal);
    });
  }

  private expireAt(deadline: number): void {
    const expire = () =>
      this.failAll(
        (patience) => patience.deadline === deadline,
        (key) => this.timedOut(key),
      );
    this.deadlines.set(deadline, { waits: 1, release: at(this.clock, deadline, expire) });
  }

  private endBy(signal: AbortSignal): void {
    const onAbort = () =>
      this.failAll(
        (patience) => patience.signal === signal,
        (key) => this.aborted(key, signal),
      );
    signal.addEventListener("abort", onAbort);
    this.signals.set(signal, { waits: 1, release: () => signal.removeEventListener("abort", onAbort) });
  }

  private failAll(isMeant: (patience: Patience) => boolean, error: (key: string) => AsyncInferenceError): void {
    const meant: Waiting<Result>[] = [];
    for (const first of this.waiting.values()) {
      for (let one: Waiting<Result> | undefined = first; one !== undefined; one = one.next) if (isMeant(one.patience)) meant.push(one);
    }
    for (const one of meant) this.fail(one, error(one.key));
  }

  /** Tells everybody who waits for the key; nobody, when nobody does. */
  resolve(key: string, result: Result): void {
    for (const waiting of this.of(key)) {
      this.drop(waiting);
      waiting.resolve(waiting.read === undefined ? result : waiting.read(result, waiting.patience));
    }
  }

  /** Ends every wait for the key by an error. */
  reject(key: string, error: AsyncInferenceError): void {
    for (const waiting of this.of(key)) {
      this.fail(waiting, new AsyncInferenceError(error, { ...this.details(key), cause: error.cause }));
    }
  }

  /** Ends every wait, and those to come. */
  close(): void {
    this.closed = true;
    const error = clientError("ABORTED", "The client was closed while somebody waited.");
    for (const key of [...this.waiting.keys()]) this.reject(key, error);
  }

  private fail(waiting: Waiting<Result>, error: AsyncInferenceError): void {
    this.drop(waiting);
    waiting.reject(error);
  }

  private drop(waiting: Waiting<Result>): void {
    const { key, patience } = waiting;
    leave(this.deadlines, patience.deadline);
    if (patience.signal !== undefined) leave(this.signals, patience.signal);
    const first = this.waiting.get(key);
    if (first !== waiting) {
      for (let one = first; one !== undefined; one = one.next) if (one.next === waiting) one.next = waiting.next;
    } else if (waiting.next !== undefined) this.waiting.set(key, waiting.next);
    else {
      this.waiting.delete(key);
      this.onLeft(key);
    }
  }

  /** The callers that wait for a key now, first come first. */
  private of(key: string): Waiting<Result>[] {
    const all: Waiting<Result>[] = [];
    for (let one = this.waiting.get(key); one !== undefined; one = one.next) all.unshift(one);
    return all;
  }

  private aborted(key: string, signal: AbortSignal): AsyncInferenceError {
    return clientError("ABORTED", `The wait for ${this.what(key)} was aborted.`, { ...this.details(key), cause: signal.reason });
  }

  private timedOut(key: string): AsyncInferenceError {
    const seen = this.trouble === undefined ? "" : ` The last look failed: ${this.trouble.message}`;
    return clientError("WAIT_TIMEOUT", `The wait for ${this.what(key)} took as long as it may.${seen}`, {
      ...this.details(key),
      cause: this.trouble,
    });
  }
}

/** Adds a wait to those that end together; false when there are none yet. */
function join<Key>(bounds: ReadonlyMap<Key, Bound>, key: Key): boolean {
  const bound = bounds.get(key);
  if (bound !== undefined) bound.waits++;
  return bound !== undefined;
}

function leave<Key>(bounds: Map<Key, Bound>, key: Key): void {
  const bound = bounds.get(key) as Bound;
  if (--bound.waits > 0) return;
  bounds.delete(key);
  bound.release();
}
