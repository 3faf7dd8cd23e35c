import { cooldownSeconds, decide, holdingCooldown, nothingSuspended, within } from "../core/scaling/decide";
import { fulfilmentOf, fulfilmentPollMilliseconds } from "../core/scaling/fulfilment";
/** Application Auto Scaling for the one endpoint: its scalable target, and what policies make of alarms. */
export class Scaler {
  bounds;
  fleet;
  agenda;
  clock;
  trackingLeavesZero;
  cooldown;
  change;
  constructor(bounds, fleet, agenda, clock, trackingLeavesZero) {
    this.bounds = bounds;
    this.fleet = fleet;
    this.agenda = agenda;
    this.clock = clock;
    this.trackingLeavesZero = trackingLeavesZero;
  }
  /** Sets bounds, and moves the instance count into them; an endpoint that is updating keeps its count. */
  register(bounds) {
    Object.assign(this.bounds, bounds);
    if (this.fleet.status !== "InService") return;
    const capacity = within(this.bounds, this.fleet.desired);
    if (capacity !== this.fleet.desired) this.order(capacity, () => undefined);
  }
  /**
   * Whether an alarm that lasts would change anything now: nothing does while the endpoint is updating, nor does a policy that asks for
   * no other number of instances than there is within the bounds. Without such an alarm others decide the same.
   */
  matters({ declared: { policy } }) {
    const { status, desired } = this.fleet;
    if (status !== "InService") return false;
    if (policy.step?.adjustmentType !== "ExactCapacity") return true;
    return policy.step.stepAdjustments.some(({ scalingAdjustment: wanted }) => wanted > desired || within(this.bounds, wanted) !== desired);
  }
  /** Decides on all alarms that last at this moment. The program has one tracking policy: it scales in when its own alarm says so. */
  act(alarms) {
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
  order(count, ended) {
    if (this.change) this.end(this.change, false);
    this.fleet.scale(count);
    this.watch(count, ended);
  }
  watch(count, ended) {
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
  end(change, fulfilled) {
    this.agenda.remove(change.poll);
    this.change = undefined;
    change.ended(fulfilled);
  }
}
