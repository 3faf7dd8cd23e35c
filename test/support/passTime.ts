import type { VirtualClock } from "../../local/clock";

/**
 * Moves the cloud's time on until `goal` is reached: `stepSeconds` of its time in each turn. A turn is a few wall
 * milliseconds long, in which processes and sockets, which know nothing of this clock, get on with their work.
 */
export async function passTime<Result>(clock: VirtualClock, goal: Promise<Result>, stepSeconds: number): Promise<Result> {
  let reached = false;
  const end = goal.finally(() => (reached = true));
  end.catch(() => undefined);
  while (!reached) {
    await clock.advance(stepSeconds * 1000);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return end;
}
