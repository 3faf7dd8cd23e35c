import * as z from "zod";
import { iamService } from "./iam";
import { Keys } from "./keys";
import { getPolicyDocument } from "./policyDocument";
import { roleResources } from "./roleResources";
import { Roles } from "./roles";
import { stsService } from "./sts";
import { dataSource } from "../resources";
/**
 * IAM keeps roles and policies, readable by {@link Identity.policiesOf} and by its API; STS tells callers who they are and lets them be a role.
 *
 * @param options `credentials` tells which role a key acts as
 */
export async function createIdentity(context, { credentials }) {
    const { region, accountId } = context;
    if (/^(cn|us-gov|us-iso|eu-isoe)/.test(region)) {
        throw new Error(`region: got ${region}; the embedded cloud has the regions of the partition "aws"`);
    }
    const roles = new Roles(context);
    const keys = new Keys(context);
    const root = { arn: `arn:aws:iam::${accountId}:root`, userId: accountId };
    return {
        policiesOf: (roleArn) => roles.policiesOf(roleArn),
        resources: { ...roleResources(roles), ...keys.resources() },
        dataSources: {
            "aws:iam/getPolicyDocument:getPolicyDocument": getPolicyDocument,
            "aws:index/getCallerIdentity:getCallerIdentity": dataSource("aws:index/getCallerIdentity:getCallerIdentity", z.strictObject({ id: z.string().optional() }), async () => ({ id: accountId, accountId, ...root })),
            "aws:index/getRegion:getRegion": dataSource("aws:index/getRegion:getRegion", z.strictObject({ id: z.string().optional(), name: z.literal(region).optional(), region: z.literal(region).optional() }), 
            // The description is a place's name on AWS; here it is the region's.
            async () => ({ id: region, region, name: region, description: region, endpoint: `ec2.${region}.amazonaws.com` })),
            "aws:index/getPartition:getPartition": dataSource("aws:index/getPartition:getPartition", z.strictObject({ id: z.string().optional() }), async () => ({ id: "aws", partition: "aws", dnsSuffix: "amazonaws.com", reverseDnsPrefix: "com.amazonaws" })),
        },
        wire: { iam: iamService(context, credentials, roles), sts: stsService(context, credentials, roles) },
        factsOf: (arn) => {
            // A role's trust policy says who may be it.
            if (arn.startsWith(`arn:aws:iam::${accountId}:role/`)) {
                return { policy: roles.policiesOf(arn)?.assumeRolePolicy, arn: roles.arnOf(arn.split("/").at(-1)) };
            }
            const policy = keys.policyOf(arn);
            return policy && { policy };
        },
        close: async () => undefined,
    };
}
