import type { Clock, Timer } from "../clock";
import type { AcceptedInvocation } from "./notifications";

/** First in, first out, each request for at most its time to live. */
export class InvocationQueue {
  /** In order of arrival: a Map keeps it, and lets an expired one leave from the middle. */
  private readonly waiting = new Map<AcceptedInvocation, Timer>();

  constructor(
    private readonly clock: Clock,
    private readonly onExpired: (invocation: AcceptedInvocation) => void,
  ) {}

  get length(): number {
    return this.waiting.size;
  }

  /** Age of the one that has waited longest; 0 when none waits. */
  get oldestAgeSeconds(): number {
    const [oldest] = this.waiting.keys();
    return oldest ? (this.clock.now() - oldest.receivedAt) / 1000 : 0;
  }

  push(invocation: AcceptedInvocation): void {
    const expire = () => {
      this.waiting.delete(invocation);
      this.onExpired(invocation);
    };
    const left = invocation.receivedAt + invocation.requestTtlSeconds * 1000 - this.clock.now();
    this.waiting.set(invocation, this.clock.setTimeout(expire, Math.max(0, left)));
  }

  /** Takes the one that has waited longest. */
  shift(): AcceptedInvocation | undefined {
    const [first] = this.waiting;
    if (!first) return undefined;
    const [invocation, timer] = first;
    this.waiting.delete(invocation);
    this.clock.clearTimeout(timer);
    return invocation;
  }

  /** Forgets all. */
  clear(): void {
    for (const timer of this.waiting.values()) this.clock.clearTimeout(timer);
    this.waiting.clear();
  }
}
