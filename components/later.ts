/** Whether a value, or something in it, is known later. */
export function isLater(value: unknown): boolean {
  return isPromised(value) || (typeof value === "object" && value !== null && Object.values(value).some(isPromised));
}

/**
 * Whether a value itself is known later: a promise, or an output, which is what has `apply`. Pulumi's own `Output.isInstance` would load
 * Pulumi wherever settings are judged, and the command line works without it.
 */
export function isPromised(value: unknown): boolean {
  return value instanceof Promise || (typeof value === "object" && value !== null && "apply" in value && typeof value.apply === "function");
}
