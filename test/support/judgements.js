import * as evaluation from "../../local/identity/evaluate";
import { isDeepStrictEqual } from "node:util";
const { evaluate } = evaluation;
/**
 * Keeps what roles were allowed, with the policies that had a say, so that many removals are judged after one run. That is the same as a
 * run per removal: without the statement everything goes as before until the first request that only the statement allows.
 */
export class Judgements {
    allowed = new Map();
    /** Of every cloud of this process from here on, until {@link stop}. */
    constructor() {
        Object.assign(evaluation, {
            evaluate: (...judgement) => {
                const denial = evaluate(...judgement);
                const [principal] = judgement;
                if (denial === undefined && principal.kind === "role") {
                    const roleName = principal.roleArn.split("/").at(-1);
                    this.allowed.set(roleName, [...(this.allowed.get(roleName) ?? []), judgement]);
                }
                return denial;
            },
        });
    }
    stop() {
        Object.assign(evaluation, { evaluate });
    }
    /** Whether something that the role did would have been denied for want of what is removed from its policy `whole`. */
    misses(roleName, whole, removal) {
        return (this.allowed.get(roleName) ?? []).some(([principal, need, accountId, policies]) => {
            const identity = policies.identity.map((document) => (isDeepStrictEqual(document, whole) ? removal.policy : document));
            return removal.isMissedBy(need) && evaluate(principal, need, accountId, { ...policies, identity }) !== undefined;
        });
    }
}
