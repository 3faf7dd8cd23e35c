import * as evaluation from "../../local/identity/evaluate";
import { isDeepStrictEqual } from "node:util";
import type { PolicyDocument } from "../../local/identity/policyDocument";
import type { Removal } from "./removals";

const { decide } = evaluation;

type Judgement = Parameters<typeof decide>;

/**
 * Keeps what roles were allowed, with the policies that had a say, so that many removals are judged after one run. That is the same as a
 * run per removal: without the statement everything goes as before until the first request that only the statement allows.
 */
export class Judgements {
  private readonly allowed = new Map<string, Judgement[]>();

  /** Of every cloud of this process from here on, until {@link stop}. */
  constructor() {
    Object.assign(evaluation, {
      decide: (...judgement: Judgement) => {
        const decision = decide(...judgement);
        const [principal] = judgement;
        if (decision.denial === undefined && principal.kind === "role") {
          const roleName = principal.roleArn.split("/").at(-1) as string;
          this.allowed.set(roleName, [...(this.allowed.get(roleName) ?? []), judgement]);
        }
        return decision;
      },
    });
  }

  stop(): void {
    Object.assign(evaluation, { decide });
  }

  /** Whether something that the role did would have been denied for want of what is removed from its policy `whole`. */
  misses(roleName: string, whole: PolicyDocument, removal: Removal): boolean {
    return (this.allowed.get(roleName) ?? []).some(([principal, need, accountId, policies]) => {
      const identity = policies.identity.map((document) => (isDeepStrictEqual(document, whole) ? removal.policy : document));
      return removal.isMissedBy(need) && decide(principal, need, accountId, { ...policies, identity }).denial !== undefined;
    });
  }
}
