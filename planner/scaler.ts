import { cooldownSeconds, decide, holdingCooldown, nothingSuspended, within, type Bounds, type Cooldown } from "../core/scaling/decide";
import { fulfilmentOf, fulfilmentPollMilliseconds } from "../core/scaling/fulfilment";
import type { Agenda, Entry } from "./agenda";
import type { PlannedAlarm } from "./alarms";
import type { Fleet } from "./fleet";

/** Application Auto Scaling for the one endpoint: its scalable target, and what policies make of alarms. */
export class Scaler {
  private cooldown: Cooldown | undefined;
  private change: { poll: Entry; ended: (fulfilled: boolean) => void } | undefined;

  constructor(
    readonly bounds: Bounds,
    private readonly fleet: Fleet,
    private readonly agenda: Agenda,
    private readonly clock: { now: number },
    private readonly trackingLeavesZero: boolean,
  ) {}

  /** Sets bounds, and moves the instance count into them; an endpoint that is updating keeps its count. */
  register(bounds: Partial<Bounds>): void {
    Object.assign(this.bounds, bounds);
    if (this.fleet.status !== "InService") return;
    const capacity = within(this.bounds, this.fleet.desired);
    if (capacity !== this.fleet.desired) this.order(capacity, () => undefined);
  }

  /**
   * Whether an alarm that lasts would change anything now: nothing does while the endpoint is updating, nor does a policy that asks for
   * no other number of instances than there is within the bounds. Without such an alarm others decide the same.
   */
  matters({ declared: { policy } }: PlannedAlarm): boolean {
    const { status, desired } = this.fleet;
    if (status !== "InService") return false;
    if (policy.step?.adjustmentType !== "ExactCapacity") return true;
    return policy.step.stepAdjustments.some(({ scalingAdjustment: wanted }) => wanted > desired || within(this.bounds, wanted) !== desired);
  }

  /** Decides on all alarms that last at this moment. The program has one tracking policy: it scales in when its own alarm says so. */
  act(alarms: readonly PlannedAlarm[]): void {
    const calls = alarms.map(({ declared: { alarm, policy }, datapoints }) => ({
      policy,
      breach: { threshold: alarm.threshold, datapoints },
    }));
    this.cooldown = holdingCooldown(this.cooldown, this.clock.now);
    const standing = {
      ...this.bounds,
      current: this.fleet.desired,
      cooldown: this.cooldown,
      suspended: nothingSuspended,
      trackingLeavesZero: this.trackingLeavesZero,
    };
    const decision = decide(standing, calls, () => alarms.some(({ declared }) => declared.scalesIn));
    if (!decision) return;
    const { call, capacity, cooldown } = decision;
    this.cooldown = cooldown;
    this.order(capacity, (fulfilled) => {
      cooldown.until = this.clock.now + (fulfilled ? cooldownSeconds(call.policy, cooldown.direction) * 1000 : 0);
    });
  }

  private order(count: number, ended: (fulfilled: boolean) => void): void {
    if (this.change) this.end(this.change, false);
    this.fleet.scale(count);
    this.watch(count, ended);
  }

  private watch(count: number, ended: (fulfilled: boolean) => void): void {
    const { now } = this.clock;
    const work = () => {
      const fulfilment = fulfilmentOf(count, {
        endpointStatus: this.fleet.status,
        currentInstanceCount: this.fleet.inServiceCount,
        desiredInstanceCount: this.fleet.desired,
      });
      if (fulfilment) this.end(change, fulfilment.statusCode === "Successful");
      else this.watch(count, ended);
    };
    const poll = this.agenda.add({ at: now + fulfilmentPollMilliseconds, createdAt: now, work });
    const change = { poll, ended };
    this.change = change;
  }

  private end(change: NonNullable<Scaler["change"]>, fulfilled: boolean): void {
    this.agenda.remove(change.poll);
    this.change = undefined;
    change.ended(fulfilled);
  }
}
