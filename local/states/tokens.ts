import { randomUUID } from "node:crypto";
import type { Clock, Timer } from "../clock";
import { ServiceError } from "../wire";

/** What a task that waits ends with, apart from its output. */
export class TaskError extends Error {
  /** @param name error that `Retry` and `Catch` compare */
  constructor(
    override readonly name: string,
    cause: string,
  ) {
    super(cause);
  }
}

/** A task that waits for its token. */
interface Waiting {
  heartbeatSeconds: number | undefined;
  heartbeat: Timer;
  succeed: (output: unknown) => void;
  fail: (error: Error) => void;
}

/** The task tokens of one embedded cloud: who waits for which. */
export class TaskTokens {
  /** By token; `over` for one that was answered, ran out of time, or whose execution has ended. */
  private readonly known = new Map<string, Waiting | "issued" | "over">();

  constructor(private readonly clock: Clock) {}

  /** A new token, which stands for no task yet. Its text says whose it is, for who judges its holder. */
  issue(stateMachineArn: string): string {
    const token = Buffer.from(JSON.stringify([stateMachineArn, randomUUID()])).toString("base64url");
    this.known.set(token, "issued");
    return token;
  }

  /** The tokens that a task's parameters contain. */
  within(parameters: unknown): string[] {
    return (JSON.stringify(parameters).match(/[\w-]{60,}/g) ?? []).filter((token) => this.known.get(token) === "issued");
  }

  /**
   * Waits until somebody answers one of a task's tokens.
   *
   * @throws TaskError as it was answered, `States.Timeout`, or `States.HeartbeatTimeout`
   */
  wait(
    tokens: readonly string[],
    timeoutSeconds: number | undefined,
    heartbeatSeconds: number | undefined,
    signal: AbortSignal,
  ): Promise<unknown> {
    return new Promise<unknown>((resolve, reject) => {
      const end = (settle: () => void) => {
        this.clock.clearTimeout(timeout);
        this.clock.clearTimeout(waiting.heartbeat);
        for (const token of tokens) this.known.set(token, "over");
        settle();
      };
      const waiting: Waiting = {
        heartbeatSeconds,
        heartbeat: undefined,
        succeed: (output) => end(() => resolve(output)),
        fail: (error) => end(() => reject(error)),
      };
      const timeout = this.after(timeoutSeconds, () => waiting.fail(new TaskError("States.Timeout", "")));
      for (const token of tokens) this.known.set(token, waiting);
      this.restart(waiting);
      const stopped = () => waiting.fail(new TaskError("States.Runtime", "The execution has ended."));
      signal.addEventListener("abort", stopped, { once: true });
    });
  }

  succeed(token: string, output: unknown): void {
    this.waitingFor(token).succeed(output);
  }

  fail(token: string, error: string, cause: string): void {
    this.waitingFor(token).fail(new TaskError(error, cause));
  }

  beat(token: string): void {
    this.restart(this.waitingFor(token));
  }

  private waitingFor(token: string): Waiting {
    const waiting = this.known.get(token);
    if (waiting === undefined) throw new ServiceError("InvalidToken", "Invalid Token: 'Invalid token'");
    if (typeof waiting === "string") throw new ServiceError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'");
    return waiting;
  }

  private restart(waiting: Waiting): void {
    this.clock.clearTimeout(waiting.heartbeat);
    waiting.heartbeat = this.after(waiting.heartbeatSeconds, () => waiting.fail(new TaskError("States.HeartbeatTimeout", "")));
  }

  private after(seconds: number | undefined, then: () => void): Timer {
    // What waits longer than timers can, waits for good here.
    return seconds === undefined || seconds > longestTimerSeconds ? undefined : this.clock.setTimeout(then, seconds * 1000);
  }
}

/** Longest time of a timer: some 24 days. */
export const longestTimerSeconds = 2_147_483;

/** The state machine whose task a token is for; empty for what is no token. */
export function stateMachineArnOf(token: string): string {
  try {
    return String((JSON.parse(Buffer.from(token, "base64url").toString()) as string[])[0]);
  } catch {
    return "";
  }
}
