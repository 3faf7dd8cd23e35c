import type { Clock } from "../clock";
import type { Container } from "./container";

/** How often an instance in service is asked for its health, and after how many misses in a row it is replaced. No document says. */
const pingSeconds = 5;
const mostMisses = 3;

/** What is watched of an instance. */
interface Watched {
  readonly id: string;
  readonly state: "starting" | "inService" | "leaving" | "stopping";
  readonly container?: Container;
  /** How many requests run on it. */
  readonly running: number;
}

/**
 * Asks an instance for its health as long as it is in service, as SageMaker does. One that says that it is not healthy, or does not answer
 * although nothing runs on it, several times in a row, is to be replaced. One that is too busy to answer is warned of, once: here it may
 * only be the machine that is too busy.
 */
export function watchHealth(
  instance: Watched,
  { clock, warn, isUnhealthy }: { clock: Clock; warn: (message: string) => void; isUnhealthy: (reason: string) => void },
): void {
  const { container } = instance;
  const askPing = container?.ping?.bind(container);
  if (!container || !askPing) return;
  let misses = 0;
  let isWarned = false;
  const ask = async () => {
    const isBusy = instance.running > 0;
    const problem = await askPing();
    if (instance.state !== "inService") return;
    if (problem?.isLate && (isBusy || instance.running > 0)) {
      if (!isWarned) {
        warn(
          `The model server on ${instance.id} ${problem.what} while it works on a request. SageMaker takes such an instance for unhealthy: ` +
            "let the server answer GET /ping beside its work, in a thread or process of its own.",
        );
      }
      isWarned = true;
    } else {
      misses = problem === undefined ? 0 : misses + 1;
      if (problem && misses === mostMisses) {
        const reason = `${problem.what}, ${mostMisses} times in a row`;
        warn(`The model server on ${instance.id} ${reason}: the instance is replaced.`);
        return isUnhealthy(reason);
      }
    }
    schedule();
  };
  let timer: unknown;
  // A server does not answer faster because the clock runs faster.
  const schedule = () => (timer = clock.setTimeout(() => void ask(), pingSeconds * 1000 * Math.max(1, clock.speed)));
  schedule();
  void container.exited.then(() => clock.clearTimeout(timer));
}
