import { sleep } from "./sleep";
/** How exact the header `Date` is. */
const dateMilliseconds = 1000;
/** Shortest pause between two looks at a service whose clock runs fast: asking more often would take the time from what it does. */
const leastPauseMilliseconds = 100;
/**
 * A clock that goes by what the service's answers say.
 *
 * An answer bounds by how much the process is off: the service wrote its whole second some time between request and answer. The
 * process is corrected by as little as all answers allow, so a clock that is right stays as it is. An answer that contradicts those
 * before it begins anew: one of the two clocks was set.
 */
export function createServiceClock(own) {
    let speed = 1;
    // Where the counting began, anew with each change of speed.
    let origin = { own: own.now(), counted: own.now() };
    let bounds;
    const timers = new Set();
    const now = () => origin.counted + (own.now() - origin.own) * speed;
    const ownPause = (milliseconds) => speed <= 1 ? milliseconds : Math.max(Math.ceil(milliseconds / speed), Math.min(milliseconds, leastPauseMilliseconds));
    const offset = () => (bounds === undefined ? 0 : Math.min(Math.max(0, bounds.least), bounds.most));
    function arm(timer) {
        const fire = () => {
            timers.delete(timer);
            timer.callback();
        };
        timer.own = own.setTimeout(fire, ownPause(Math.max(0, timer.dueAt - now())));
    }
    function setSpeed(told) {
        origin = { own: own.now(), counted: now() };
        speed = told;
        bounds = undefined;
        for (const timer of timers) {
            own.clearTimeout(timer.own);
            arm(timer);
        }
    }
    const clock = {
        now,
        stamp: (at = now()) => at + offset(),
        get isKnown() {
            return bounds !== undefined;
        },
        get leastPauseMilliseconds() {
            return speed <= 1 ? 0 : leastPauseMilliseconds * speed;
        },
        setTimeout(callback, milliseconds) {
            const timer = { callback, dueAt: now() + milliseconds, own: undefined };
            timers.add(timer);
            arm(timer);
            return timer;
        },
        clearTimeout(timer) {
            const pending = timer;
            if (pending === undefined || !timers.delete(pending))
                return;
            own.clearTimeout(pending.own);
        },
        sleep: (milliseconds, signal) => (own.sleep ? own.sleep(ownPause(milliseconds), signal) : sleep(clock, milliseconds, signal)),
        hear({ sentAt, date, speed: told = 1 }) {
            if (told !== speed)
                setSpeed(told);
            const least = date - now();
            const most = least + dateMilliseconds + Math.max(0, own.now() - sentAt) * speed;
            const both = { least: Math.max(least, bounds?.least ?? least), most: Math.min(most, bounds?.most ?? most) };
            bounds = both.least <= both.most ? both : { least, most };
        },
        process: own,
    };
    return clock;
}
