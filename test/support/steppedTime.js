import { VirtualClock } from "../../local/clock";
/**
 * A clock that moves only when a test says so, and no further while a call of the clients that it watches is under way: what is
 * asked of real servers has its answer in the same instant.
 */
export class SteppedTime extends VirtualClock {
    underWay = 0;
    idle = [];
    /** Has time stand still while this client waits for an answer. */
    watch(client) {
        client.middlewareStack.add((next) => async (args) => {
            this.underWay++;
            try {
                return await next(args);
            }
            finally {
                if (--this.underWay === 0)
                    this.idle.splice(0).forEach((resolve) => resolve());
            }
        }, { step: "initialize" });
        return client;
    }
    /** Moves time in small steps. */
    async pass(seconds) {
        const end = this.now() + seconds * 1000;
        await this.settle();
        while (this.now() < end) {
            await this.advance(Math.min(100, end - this.now()));
            await this.settle();
        }
    }
    /** Waits until what is under way has been answered, and what follows from it has been done. */
    async settle() {
        for (let quiet = 0; quiet < 3; quiet++) {
            if (this.underWay > 0) {
                await new Promise((resolve) => this.idle.push(resolve));
                quiet = 0;
            }
            await new Promise(setImmediate);
        }
    }
}
/** How a promise has ended so far. */
export function outcomeOf(promise) {
    const outcome = {};
    promise.then((value) => (outcome.value = value), (error) => (outcome.error = error));
    return outcome;
}
