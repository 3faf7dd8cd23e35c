import { randomUUID } from "node:crypto";
import * as z from "zod";
import { isoNow } from "../clock";
import { recorded, regionArgument } from "../recorded";
import { resourceType } from "../resources";
import { evaluate } from "./evaluate";
import { readPolicy } from "./policyDocument";
const policyInput = z.union([z.string(), z.record(z.string(), z.unknown())]);
/** The customer's keys that programs made: nothing is encrypted with them here, but who may use them is judged. */
export class Keys {
    context;
    policies = new Map();
    constructor(context) {
        this.context = context;
    }
    /** A key's policy; undefined for a key that no program made, whose policy is not known here. */
    policyOf(keyArn) {
        return this.policies.get(keyArn);
    }
    /** The resource types of KMS, by Pulumi token. */
    resources() {
        const { region, accountId, clock } = this.context;
        const lockout = { bypassPolicyLockoutSafetyCheck: z.boolean().default(false) };
        return {
            "aws:kms/key:Key": resourceType(z.strictObject({
                policy: policyInput.default(this.defaultPolicy()),
                description: recorded.description,
                keyUsage: z.literal("ENCRYPT_DECRYPT").default("ENCRYPT_DECRYPT"),
                customerMasterKeySpec: z.literal("SYMMETRIC_DEFAULT").default("SYMMETRIC_DEFAULT"),
                isEnabled: z.literal(true).default(true),
                // Rotation and deletion are years and days away from a cloud that lives for hours.
                enableKeyRotation: z.boolean().default(false),
                rotationPeriodInDays: z.number().int().min(90).max(2560).optional(),
                deletionWindowInDays: z.number().int().min(7).max(30).default(30),
                ...lockout,
                tags: recorded.tags,
                tagsAll: recorded.tags,
                region: regionArgument(region),
            }), async ({ inputs }) => {
                const keyId = randomUUID();
                const arn = `arn:aws:kms:${region}:${accountId}:key/${keyId}`;
                this.setPolicy(arn, inputs.policy, inputs.bypassPolicyLockoutSafetyCheck);
                const state = { ...inputs, keyId, arn, region, multiRegion: false, creationDate: isoNow(clock) };
                return { id: keyId, state: { ...state, tagsAll: inputs.tagsAll ?? inputs.tags ?? {} } };
            }),
            "aws:kms/keyPolicy:KeyPolicy": resourceType(z.strictObject({ keyId: z.string(), policy: policyInput, ...lockout, region: regionArgument(region) }), async ({ inputs }) => {
                const arn = [...this.policies.keys()].find((each) => each === inputs.keyId || each.endsWith(`/${inputs.keyId}`));
                if (arn === undefined)
                    throw new Error(`keyId: got "${inputs.keyId}", which is no key of this embedded cloud`);
                this.setPolicy(arn, inputs.policy, inputs.bypassPolicyLockoutSafetyCheck);
                return { id: inputs.keyId, state: { ...inputs } };
            }),
        };
    }
    /** https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html */
    defaultPolicy() {
        const Principal = { AWS: `arn:aws:iam::${this.context.accountId}:root` };
        return {
            Version: "2012-10-17",
            Statement: [{ Sid: "Enable IAM User Permissions", Effect: "Allow", Principal, Action: "kms:*", Resource: "*" }],
        };
    }
    /** @throws Error as KMS refuses a policy that nobody could ever change */
    setPolicy(keyArn, policy, bypassLockoutCheck) {
        const { accountId } = this.context;
        const document = readPolicy(policy);
        const owner = { kind: "administrator", arn: `arn:aws:iam::${accountId}:root` };
        const need = { action: "kms:PutKeyPolicy", resource: keyArn };
        const denial = evaluate(owner, need, accountId, { identity: [], resource: document, resourceMustAllow: true });
        if (denial !== undefined && !bypassLockoutCheck) {
            throw new Error("policy: MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future. " +
                "Allow the account kms:PutKeyPolicy.");
        }
        this.policies.set(keyArn, document);
    }
}
