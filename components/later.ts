import * as pulumi from "@pulumi/pulumi";

/** Whether a value, or something in it, is known later. */
export function isLater(value: unknown): boolean {
  return isPromised(value) || (typeof value === "object" && value !== null && Object.values(value).some(isPromised));
}

/** Whether a value itself is known later. */
export function isPromised(value: unknown): boolean {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}
