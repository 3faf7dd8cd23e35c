import { kmsService } from "./api";
import { Keys } from "./keys";
import { kmsResources } from "./resources";
import type { CloudContext, CloudService } from "../ports";

/** KMS: the customer's keys, their policies and aliases. Nothing is encrypted with them; who may use them is judged. */
export async function createKms(context: CloudContext): Promise<CloudService> {
  const keys = new Keys(context);
  return {
    wire: { kms: kmsService(context, keys) },
    resources: kmsResources(context, keys),
    factsOf: (arn) => {
      if (!arn.startsWith("arn:aws:kms:")) return undefined;
      const target = keys.targetOf(arn);
      if (target !== undefined) return { arn: target };
      const policy = keys.policyOf(arn);
      return policy && { policy, unusable: keys.unusable(arn) };
    },
    close: async () => undefined,
  };
}
