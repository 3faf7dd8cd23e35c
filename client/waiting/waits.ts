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

/** Makes what a caller gets of what it waited for. */
export type Read<Result, Patient extends Patience, Out> = (result: Result, patience: Patient) => Out | Promise<Out>;

/** One that waits. There are ten thousand: each has but the function that resolves its promise, which can reject it too. */
interface Caller {
  patience: Patience;
  resolve(result: unknown): void;
  /** The caller before it that waits for the same. */
  next: Caller | undefined;
}

/** What somebody waits for; whoever looks for its end keeps more with it, which spares each a second entry elsewhere. */
export interface Wanted {
  readonly key: string;
  /** Those who wait, last come first. Nearly always it is one alone, which a list would be much for. */
  callers: Caller | undefined;
}

/** What ends waits, one timer or one signal: ten thousand of them have few of either, and must be small. */
interface Bound {
  /** How many waits it ends; which, they say themselves. */
  waits: number;
  release(): void;
}

/** Callers that wait, by the key of what they wait for. Each of them gets an answer, whatever happens. */
export class Waits<Result, Want extends Wanted, Patient extends Patience = Patience, Out = Result> {
  private lastTrouble: AsyncInferenceError | undefined;
  private readonly wanted = new Map<string, Want>();
  /** That of the last caller: those made at the same time have mostly the same, and share it. */
  private patience: Patient | undefined;
  private readonly deadlines = new Map<number, Bound>();
  private readonly signals = new Map<AbortSignal, Bound>();
  private closed = false;

  /**
   * @param read makes what a caller gets of a result; it is given the patience as it is
   * @param what what a key is, as a sentence names it: `the job order-17`
   * @param details what every error about a key carries
   * @param onLeft called with what nobody waits for any more
   */
  constructor(
    private readonly clock: ServiceClock,
    private readonly read: Read<Result, Patient, Out>,
    private readonly what: (key: string) => string,
    private readonly details: (key: string) => { jobId?: string },
    private readonly onLeft: (left: Want) => void,
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
    } else if (before !== undefined && error === undefined && this.wanted.size > 0) {
      this.log({ level: "info", message: lookingWorksAgain });
    }
  }

  get size(): number {
    return this.wanted.size;
  }

  get(key: string): Want | undefined {
    return this.wanted.get(key);
  }

  /** Goes through all that somebody waits for. Not an iterator, which makes an object for each of ten thousand. */
  forEach(visit: (want: Want) => void): void {
    this.wanted.forEach(visit);
  }

  /** What of it is meant, in the order in which it came to be wanted. */
  filter(isMeant: (want: Want) => boolean): Want[] {
    const meant: Want[] = [];
    this.wanted.forEach((want) => isMeant(want) && meant.push(want));
    return meant;
  }

  /**
   * @param want makes what is kept of a key that nobody waits for yet
   * @throws AsyncInferenceError (as a rejection) `WAIT_TIMEOUT`, `ABORTED`, or what {@link reject} gives
   */
  add(key: string, patience: Patient, want: () => Want): Promise<Out> {
    const { deadline, signal } = patience;
    if (this.closed) return Promise.reject(clientError("ABORTED", "The client is closed.", this.details(key)));
    if (signal?.aborted) return Promise.reject(this.aborted(key, signal));
    if (this.patience === undefined || !areAlike(this.patience, patience)) this.patience = patience;
    const shared = this.patience;
    return new Promise((resolve) => {
      const known = this.wanted.get(key);
      const wanted = known ?? want();
      if (known === undefined) this.wanted.set(key, wanted);
      wanted.callers = { patience: shared, resolve, next: wanted.callers };
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
    for (const want of this.filter(() => true)) {
      for (const caller of callersOf(want)) if (isMeant(caller.patience)) this.fail(want, caller, error(want.key));
    }
  }

  /** Tells everybody who waits for the key; nobody, when nobody does. */
  resolve(key: string, result: Result): void {
    const want = this.wanted.get(key);
    for (const caller of callersOf(want)) {
      this.drop(want as Want, caller);
      caller.resolve(this.read(result, caller.patience as Patient));
    }
  }

  /** Ends every wait for the key by an error. */
  reject(key: string, error: AsyncInferenceError): void {
    const want = this.wanted.get(key);
    for (const caller of callersOf(want)) {
      this.fail(want as Want, caller, new AsyncInferenceError(error, { ...this.details(key), cause: error.cause }));
    }
  }

  /** Ends every wait, and those to come. */
  close(): void {
    this.closed = true;
    const error = clientError("ABORTED", "The client was closed while somebody waited.");
    for (const key of [...this.wanted.keys()]) this.reject(key, error);
  }

  private fail(want: Want, caller: Caller, error: AsyncInferenceError): void {
    this.drop(want, caller);
    caller.resolve(Promise.reject(error));
  }

  private drop(want: Want, caller: Caller): void {
    const { deadline, signal } = caller.patience;
    leave(this.deadlines, deadline);
    if (signal !== undefined) leave(this.signals, signal);
    if (want.callers === caller) want.callers = caller.next;
    else for (let one = want.callers; one !== undefined; one = one.next) if (one.next === caller) one.next = caller.next;
    if (want.callers !== undefined) return;
    this.wanted.delete(want.key);
    if (this.wanted.size === 0) this.patience = undefined;
    this.onLeft(want);
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

/** Who waits now, first come first. */
function callersOf(want: Wanted | undefined): Caller[] {
  const all: Caller[] = [];
  for (let one = want?.callers; one !== undefined; one = one.next) all.unshift(one);
  return all;
}

/** Whether two have the same in all their fields. */
function areAlike(one: object, other: object): boolean {
  for (const field in one) if (one[field as never] !== other[field as never]) return false;
  for (const field in other) if (!(field in one)) return false;
  return true;
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
