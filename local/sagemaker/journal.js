import { randomUUID } from "node:crypto";
/**
 * The invocations that endpoints have accepted and not brought to an end, where the cloud keeps its state. Without one nothing is
 * written: an invocation then lives as long as its cloud.
 */
export class Journal {
    kept;
    keys = new Map();
    constructor(keeper) {
        this.kept = keeper.directory === undefined ? undefined : keeper.map("sagemaker.invocations");
    }
    /** Keeps it before it returns. */
    add(invocation) {
        if (!this.kept)
            return;
        const { inlinePayload, ...rest } = invocation;
        const key = randomUUID();
        this.kept.set(key, { ...rest, ...(inlinePayload && { inlinePayload: inlinePayload.toString("base64") }) });
        this.keys.set(invocation, key);
    }
    /** Forgets one that has come to an end. */
    remove(invocation) {
        const key = this.keys.get(invocation);
        if (key === undefined)
            return;
        this.keys.delete(invocation);
        this.kept?.delete(key);
    }
    /** What another process accepted for an endpoint, in its order. Whoever takes it brings it to its end. */
    takeOver(endpointName) {
        return [...(this.kept?.entries() ?? [])].flatMap(([key, { inlinePayload, ...rest }]) => {
            if (rest.endpointName !== endpointName)
                return [];
            const invocation = { ...rest, ...(inlinePayload !== undefined && { inlinePayload: Buffer.from(inlinePayload, "base64") }) };
            this.keys.set(invocation, key);
            return invocation;
        });
    }
    /** Forgets all of an endpoint that is gone. */
    forget(endpointName) {
        for (const [key, invocation] of [...(this.kept?.entries() ?? [])])
            if (invocation.endpointName === endpointName)
                this.kept?.delete(key);
        for (const invocation of [...this.keys.keys()])
            if (invocation.endpointName === endpointName)
                this.keys.delete(invocation);
    }
}
