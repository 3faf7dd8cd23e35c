import { randomUUID } from "node:crypto";
import type { Keeper, Kept } from "../kept";
import type { AcceptedInvocation } from "./notifications";

/** An invocation as JSON has it. */
type KeptInvocation = Omit<AcceptedInvocation, "inlinePayload"> & {
  /** Base64. */
  inlinePayload?: string;
};

/**
 * The invocations that endpoints have accepted and not brought to an end, where the cloud keeps its state. Without one nothing is
 * written: an invocation then lives as long as its cloud.
 */
export class Journal {
  private readonly kept: Kept<KeptInvocation> | undefined;
  private readonly keys = new Map<AcceptedInvocation, string>();

  constructor(keeper: Keeper) {
    this.kept = keeper.directory === undefined ? undefined : keeper.map("sagemaker.invocations");
  }

  /** Keeps it before it returns. */
  add(invocation: AcceptedInvocation): void {
    if (!this.kept) return;
    const { inlinePayload, ...rest } = invocation;
    const key = randomUUID();
    this.kept.set(key, { ...rest, ...(inlinePayload && { inlinePayload: inlinePayload.toString("base64") }) });
    this.keys.set(invocation, key);
  }

  /** Forgets one that has come to an end. */
  remove(invocation: AcceptedInvocation): void {
    const key = this.keys.get(invocation);
    if (key === undefined) return;
    this.keys.delete(invocation);
    this.kept?.note(key, undefined);
  }

  /** What another process accepted for an endpoint, in its order. Whoever takes it brings it to its end. */
  takeOver(endpointName: string): AcceptedInvocation[] {
    return [...(this.kept?.entries() ?? [])].flatMap(([key, { inlinePayload, ...rest }]) => {
      if (rest.endpointName !== endpointName) return [];
      const invocation = { ...rest, ...(inlinePayload !== undefined && { inlinePayload: Buffer.from(inlinePayload, "base64") }) };
      this.keys.set(invocation, key);
      return invocation;
    });
  }

  /** Forgets all of an endpoint that is gone. */
  forget(endpointName: string): void {
    for (const [key, invocation] of [...(this.kept?.entries() ?? [])])
      if (invocation.endpointName === endpointName) this.kept?.note(key, undefined);
    for (const invocation of [...this.keys.keys()]) if (invocation.endpointName === endpointName) this.keys.delete(invocation);
  }
}
