import { isClockRefusal } from "../core/messages/classify";
import type { ServiceClock } from "../core/serviceClock";

/** How fast the clock of an embedded cloud runs, in its answers. Absent where it runs as fast as the wall's. */
export const speedHeader = "x-embedded-cloud-speed";

/** As much of an SDK client as is needed to hear its answers. */
interface FollowedClient {
  middlewareStack: {
    addRelativeTo(middleware: Middleware, options: { relation: "before"; toMiddleware: string }): void;
    remove(middleware: Middleware): boolean;
  };
}

// oxlint-disable-next-line typescript/no-explicit-any -- the middleware of every command of every client
type Step = (args: any) => Promise<any>;
type Middleware = (next: Step) => Step;

interface Head {
  headers?: Readonly<Record<string, string>>;
}

/**
 * Has a clock learn the service's time from every answer of an SDK client, refusals included.
 *
 * Besides, it keeps the SDK from sending calls again for no reason: on a client whose clock is off it takes every refusal, a failed
 * condition or a missing object too, for one that the corrected clock may mend (@aws-sdk/core 3.981).
 *
 * @returns stops it
 */
export function followClock(client: object, clock: ServiceClock): () => void {
  const { middlewareStack } = client as FollowedClient;
  const middleware: Middleware = (next) => async (args) => {
    const sentAt = clock.process.now();
    try {
      const output = (await next(args)) as { response?: Head };
      heard(clock, sentAt, output.response);
      return output;
    } catch (error) {
      const { $response, $metadata } = error as { $response?: Head; $metadata?: { clockSkewCorrected?: boolean } };
      heard(clock, sentAt, $response);
      if ($metadata?.clockSkewCorrected === true && !isClockRefusal(error)) delete $metadata.clockSkewCorrected;
      throw error;
    }
  };
  // Between the SDK's retries and what corrects the clock of its signatures: sees each try, and its refusal as it was judged.
  middlewareStack.addRelativeTo(middleware, { relation: "before", toMiddleware: "httpSigningMiddleware" });
  return () => void middlewareStack.remove(middleware);
}

/** Has a clock learn from one answer. @param sentAt when its request was sent, by the process's clock */
export function heard(clock: ServiceClock, sentAt: number, head: Head | undefined): void {
  const { date, age, [speedHeader]: speed } = head?.headers ?? {};
  const time = Date.parse(date ?? "");
  // What a cache kept for a while says nothing of now.
  if (Number.isNaN(time) || age !== undefined) return;
  const told = Number(speed ?? 1);
  clock.hear({ sentAt, date: time, ...(told > 0 && told < Infinity ? { speed: told } : {}) });
}
