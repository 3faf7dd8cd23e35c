import type { LoopTimes } from "./quiet";

/** What the parent tells a worker as it starts it: one JSON argument, taken off the command line before the function's code runs. */
export interface WorkerSettings {
  /** Files beside which `@aws-sdk/*` and `@smithy/*` are looked for, one after the other: the Lambda runtime has them. */
  sdkBeside: string[];
  /** Where compiled SDK code is kept for the next worker. */
  compileCacheDirectory: string;
  /** Milliseconds since the epoch of a clock that isn't the wall's; undefined leaves `Date` and timers alone. */
  now?: number;
  /** By how much `Date` is off where it follows the wall: milliseconds, negative when it is behind. */
  skewMilliseconds?: number;
  /** Whether the runtime takes `(event, context, callback)`: up to Node.js 22. */
  callbacks: boolean;
}

/** One invocation, a clock's movement, or a question. */
export type ToWorker =
  | {
      kind: "invoke";
      requestId: string;
      functionArn: string;
      /** JSON text. */
      event: string;
      timeoutMilliseconds: number;
      /** The clock's time as it was sent. */
      now: number;
      /** Decoded `X-Amz-Client-Context`. */
      clientContext?: unknown;
    }
  | { kind: "tick"; now: number }
  /** Asks for the event loop's times. */
  | { kind: "look" };

/** An error as Lambda reports it in the payload. */
export interface FunctionFailure {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}

/** What a worker answers. Times in milliseconds of the worker's clock. */
export type FromWorker =
  | { kind: "initialized" }
  | { kind: "loop"; times: LoopTimes }
  | { kind: "log"; line: string; at: number }
  | { kind: "succeeded"; payload: string; residentBytes: number }
  /** `fatal`: the process ends after it, as the Lambda runtime does. */
  | { kind: "failed"; failure: FunctionFailure; fatal: boolean; residentBytes: number };
