import { setImmediate as settled } from "node:timers/promises";
import { VirtualClock } from "../../local/clock";
/**
 * A clock that does nothing but go on: each timer is fired at its time, and everything that follows from it without
 * waiting is done before the next. Hours take what their events take; nothing may wait for the world outside.
 */
export class SimulatedClock extends VirtualClock {
    /** Moves time to `end`, milliseconds since the epoch. */
    async runUntil(end) {
        let over = false;
        this.fake.setTimeout(() => (over = true), end - this.fake.now);
        while (!over) {
            this.fake.next();
            await settled();
        }
        this.tell();
    }
}
