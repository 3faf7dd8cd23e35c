import { AsyncInferenceError, clientError } from "../errors";
import { at, type WaitClock } from "./clock";

/** How long a caller waits. */
export interface Patience {
  /** When the wait ends by itself, in milliseconds since the epoch. */
  deadline: number;
  /** Ends the wait. */
  signal?: AbortSignal | undefined;
}

interface Waiting<Result> {
  resolve(result: Result): void;
  reject(error: AsyncInferenceError): void;
}

/** Callers that wait, by the key of what they wait for. Each of them is told something, whatever happens. */
export class Waits<Result> {
  /** What the last call failed with that is tried again: what a wait that runs out of time tells. */
  trouble: AsyncInferenceError | undefined;
  private readonly waiting = new Map<string, Set<Waiting<Result>>>();
  private closed = false;

  /**
   * @param what what a key is, as a sentence names it: `the job order-17`
   * @param details what every error about a key carries
   * @param onLeft called with a key that nobody waits for any more
   */
  constructor(
    private readonly clock: WaitClock,
    private readonly what: (key: string) => string,
    private readonly details: (key: string) => { jobId?: string },
    private readonly onLeft: (key: string) => void,
  ) {}

  has(key: string): boolean {
    return this.waiting.has(key);
  }

  /** @throws AsyncInferenceError (as a rejection) `WAIT_TIMEOUT`, `ABORTED`, or what {@link reject} gives */
  add(key: string, { deadline, signal }: Patience): Promise<Result> {
    const details = this.details(key);
    if (this.closed) return Promise.reject(clientError("ABORTED", "The client is closed.", details));
    if (signal?.aborted) return Promise.reject(this.aborted(key, signal));
    return new Promise((resolve, reject) => {
      const end = () => {
        clear();
        signal?.removeEventListener("abort", onAbort);
        this.drop(key, waiting);
      };
      const waiting: Waiting<Result> = {
        resolve: (result) => {
          end();
          resolve(result);
        },
        reject: (error) => {
          end();
          reject(error);
        },
      };
      const onAbort = () => waiting.reject(this.aborted(key, signal as AbortSignal));
      const clear = at(this.clock, deadline, () => waiting.reject(this.timedOut(key)));
      signal?.addEventListener("abort", onAbort);
      const others = this.waiting.get(key);
      if (others) others.add(waiting);
      else this.waiting.set(key, new Set([waiting]));
    });
  }

  /** Tells everybody who waits for the key; nobody, when nobody does. */
  resolve(key: string, result: Result): void {
    for (const waiting of [...(this.waiting.get(key) ?? [])]) waiting.resolve(result);
  }

  /** Ends every wait for the key by an error. */
  reject(key: string, error: AsyncInferenceError): void {
    for (const waiting of [...(this.waiting.get(key) ?? [])]) {
      waiting.reject(new AsyncInferenceError(error, { ...this.details(key), cause: error.cause }));
    }
  }

  /** Ends every wait, and those to come. */
  close(): void {
    this.closed = true;
    const error = clientError("ABORTED", "The client was closed while somebody waited.");
    for (const key of [...this.waiting.keys()]) this.reject(key, error);
  }

  private drop(key: string, waiting: Waiting<Result>): void {
    const all = this.waiting.get(key);
    all?.delete(waiting);
    if (all?.size !== 0) return;
    this.waiting.delete(key);
    this.onLeft(key);
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
