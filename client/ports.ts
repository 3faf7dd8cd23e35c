import type { CodedError } from "../core/records/errors";
import { codedError } from "../core/records/errors";
import type { Endpoint, JobPorts } from "../core/ports";
import type { ServiceClock } from "../core/serviceClock";
import { asyncInferenceError, type Needed } from "./errors";

/** A port whose refusals name the statement to add. */
export function advising<Port extends object>(port: Port, needed: (method: keyof Port & string, argument: unknown) => Needed): Port {
  return Object.fromEntries(
    Object.entries(port).map(([method, call]: [string, (...given: unknown[]) => Promise<unknown>]) => [
      method,
      async (...given: unknown[]) => {
        try {
          return await call(...given);
        } catch (error) {
          throw asyncInferenceError(error, { needed: needed(method as keyof Port & string, given[0]) });
        }
      },
    ]),
  ) as Port;
}

/**
 * Ports that an abort hurries to a sound end: pauses are over at once, and calls that would start a further invocation are
 * refused, so that the record says that nothing is under way.
 */
export function abortable<Ports extends JobPorts>(ports: Ports, clock: ServiceClock, signal: AbortSignal | undefined): Ports {
  if (signal === undefined) return ports;
  return {
    ...ports,
    clock: stamping(clock, signal),
    endpoint: abortableEndpoint(ports.endpoint, signal),
  };
}

/** The service's clock as the core takes it, which writes times; pauses are over when the signal aborts. */
export function stamping(clock: ServiceClock, signal?: AbortSignal): JobPorts["clock"] {
  return { now: () => clock.stamp(), sleep: (milliseconds) => clock.sleep(milliseconds, signal) };
}

/** See {@link abortable}. */
export function abortableEndpoint(endpoint: Endpoint, signal: AbortSignal | undefined): Endpoint {
  let refusal: CodedError = codedError("UNAVAILABLE", "Its caller gave up before it was invoked.");
  return {
    takesInput: () => endpoint.takesInput(),
    async invoke(invocation) {
      if (signal?.aborted) return { kind: "refused", error: refusal };
      const outcome = await endpoint.invoke(invocation);
      if (outcome.kind === "refused") refusal = outcome.error;
      return outcome;
    },
  };
}
