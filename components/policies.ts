import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** One statement of a policy, as `aws.iam.getPolicyDocument` takes it. */
export type Statement = aws.types.input.iam.GetPolicyDocumentStatementArgs;

/** Policy document of lists of statements, one after the other, as JSON. */
export function policyDocument(parent: pulumi.Resource, ...lists: pulumi.Input<Statement[]>[]): pulumi.Output<string> {
  const statements = pulumi.all(lists).apply((resolved) => resolved.flat());
  return aws.iam.getPolicyDocumentOutput({ statements }, { parent }).json;
}

/** Refuses what does not come over TLS. */
export function tlsOnly(actions: string[], resources: pulumi.Input<string>[]): Statement {
  return {
    sid: "TlsOnly",
    effect: "Deny",
    actions,
    principals: [{ type: "*", identifiers: ["*"] }],
    resources,
    conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
  };
}

/** Use of a customer's key by whoever reads, and unless told otherwise writes, what it encrypts; nothing without a key. */
export function keyStatements(
  kmsKeyArn: pulumi.Input<string> | undefined,
  actions: string[] = ["kms:Decrypt", "kms:GenerateDataKey"],
): Statement[] {
  return kmsKeyArn === undefined ? [] : [{ sid: "UseKey", actions, resources: [kmsKeyArn] }];
}
