import { closed, opened } from "./leftOpen";
/**
 * Moves the cloud's time on until `goal` is reached: `stepSeconds` of its time in each turn. A turn is a few wall
 * milliseconds long, in which processes and sockets, which know nothing of this clock, get on with their work.
 * Stops when its test has run out of time.
 */
export async function passTime(clock, goal, stepSeconds) {
    let reached = false;
    let abandoned = false;
    const passing = { close: async () => void (abandoned = true) };
    opened(passing);
    const end = goal.finally(() => (reached = true));
    end.catch(() => undefined);
    while (!reached) {
        if (abandoned)
            throw new Error("the test ended before this was reached");
        await clock.advance(stepSeconds * 1000);
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
    closed(passing);
    return end;
}
