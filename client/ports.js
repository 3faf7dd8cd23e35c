import { codedError } from "../core/records/errors";
import { asyncInferenceError } from "./errors";
/** A port whose refusals name the statement to add. */
export function advising(port, needed) {
    return Object.fromEntries(Object.entries(port).map(([method, call]) => [
        method,
        async (...given) => {
            try {
                return await call(...given);
            }
            catch (error) {
                throw asyncInferenceError(error, { needed: needed(method, given[0]) });
            }
        },
    ]));
}
/**
 * Ports that an abort hurries to a sound end: pauses are over at once, and calls that would start a further invocation are
 * refused, so that the record says that nothing is under way.
 */
export function abortable(ports, clock, signal) {
    if (signal === undefined)
        return ports;
    return {
        ...ports,
        clock: stamping(clock, signal),
        endpoint: abortableEndpoint(ports.endpoint, signal),
    };
}
/** The service's clock as the core takes it, which writes times; pauses are over when the signal aborts. */
export function stamping(clock, signal) {
    return { now: () => clock.stamp(), sleep: (milliseconds) => clock.sleep(milliseconds, signal) };
}
/** See {@link abortable}. */
export function abortableEndpoint(endpoint, signal) {
    let refusal = codedError("UNAVAILABLE", "Its caller gave up before it was invoked.");
    return {
        takesInput: () => endpoint.takesInput(),
        async invoke(invocation) {
            if (signal?.aborted)
                return { kind: "refused", error: refusal };
            const outcome = await endpoint.invoke(invocation);
            if (outcome.kind === "refused")
                refusal = outcome.error;
            return outcome;
        },
    };
}
