import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** One statement of a policy, as `aws.iam.getPolicyDocument` takes it. */
export type Statement = aws.types.input.iam.GetPolicyDocumentStatementArgs;

/** Policy document of lists of statements, one after the other, as JSON. */
export function policyDocument(parent: pulumi.Resource, ...lists: pulumi.Input<Statement[]>[]): pulumi.Output<string> {
  const statements = pulumi.all(lists).apply((resolved) => resolved.flat());
  return aws.iam.getPolicyDocumentOutput({ statements }, { parent }).json;
}

/** ARNs of buckets by their names. */
export function bucketArns(partition: pulumi.Output<string>, names: pulumi.Input<pulumi.Input<string>[]>): pulumi.Output<string[]> {
  return pulumi.all([partition, pulumi.output(names)]).apply(([where, buckets]) => buckets.map((name) => `arn:${where}:s3:::${name}`));
}

/**
 * A name as IAM compares SageMaker's: in lower case. What the mocks of a unit test leave undefined is text here too, so that the
 * test's resources are still registered.
 */
export function lowerCase(name: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.interpolate`${name}`.apply((text) => text.toLowerCase());
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

/** Customers' keys that a role works with, by their ARNs. */
export interface Keys {
  /** What is kept is encrypted with it. */
  kmsKeyArn?: pulumi.Input<string> | undefined;
  /** What was kept before is encrypted with these. */
  formerKmsKeyArns?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** What others keep is encrypted with these. */
  decryptKeyArns?: pulumi.Input<pulumi.Input<string>[]> | undefined;
}

/** Actions of whoever reads and writes what a key encrypts. */
export const readAndWrite = ["kms:Decrypt", "kms:GenerateDataKey"];

/**
 * Use of customers' keys; nothing without a key.
 *
 * @param actions what may be done with the key of today; the others are for reading alone
 */
export function keyStatements({ kmsKeyArn, formerKmsKeyArns, decryptKeyArns }: Keys, actions: string[] = readAndWrite): Statement[] {
  const read = (sid: string, resources: Keys["formerKmsKeyArns"]): Statement[] =>
    resources === undefined ? [] : [{ sid, actions: ["kms:Decrypt"], resources }];
  return [
    ...(kmsKeyArn === undefined ? [] : [{ sid: "UseKey", actions, resources: [kmsKeyArn] }]),
    ...read("ReadFormerKeys", formerKmsKeyArns),
    ...read("ReadOthersKeys", decryptKeyArns),
  ];
}

/**
 * A role's use of keys as a policy of its own, so that it waits for nothing but the role: in force before anything is encrypted with
 * a new key. Changed in place it would take the old key away before what uses it has moved on; replaced, the old statements go last.
 *
 * @param name of what the role's other policy is called. No handler has a dot in its name, so nobody else has this one
 */
export function keyUsePolicy(name: string, role: aws.iam.Role, statements: Statement[], parent: pulumi.Resource): aws.iam.RolePolicy[] {
  if (statements.length === 0) return [];
  const policy = policyDocument(parent, statements);
  return [new aws.iam.RolePolicy(`${name}.key`, { role: role.id, policy }, { parent, replaceOnChanges: ["policy"] })];
}
