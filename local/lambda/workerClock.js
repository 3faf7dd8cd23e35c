// Node's own modules keep the timers that they find when they load.
import "node:http";
import "node:https";
import "node:tls";
import { install } from "@sinonjs/fake-timers";
/**
 * Puts the worker on a clock that isn't the wall's: `Date`, `setTimeout` and `setInterval` follow what the parent tells.
 * What network I/O needs stays on the wall: nextTick, setImmediate, performance, sockets, and the timers that the SDK's
 * HTTP handler and Node itself set, since a socket's patience has to be that of the real socket.
 *
 * @param now milliseconds since the epoch
 * @returns moves the clock; resolves when every timer up to then has fired
 */
export function installClock(now) {
    const { setTimeout: wallTimeout } = globalThis;
    const fake = install({
        now,
        toFake: ["Date", "setTimeout", "clearTimeout", "setInterval", "clearInterval"],
        // Network code clears the wall's timers, and -1 where it set none.
        shouldClearNativeTimers: true,
    });
    const { setTimeout: clockTimeout } = globalThis;
    globalThis.setTimeout = Object.assign((...parameters) => (calledByNetwork() ? wallTimeout : clockTimeout)(...parameters), { __promisify__: clockTimeout.__promisify__ });
    let moved = Promise.resolve();
    return (to) => {
        moved = moved.then(async () => {
            if (to > fake.now)
                await fake.tickAsync(to - fake.now);
        });
        return moved;
    };
}
/** Whether the code that called setTimeout is the SDK's HTTP handler or Node's (`fetch`). */
function calledByNetwork() {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 3;
    const caller = new Error().stack?.split("\n")[3] ?? "";
    Error.stackTraceLimit = limit;
    return /[\\/]@smithy[\\/]node-http-handler[\\/]|node:internal/.test(caller);
}
