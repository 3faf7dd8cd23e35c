import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
/** Policy document of lists of statements, one after the other, as JSON. */
export function policyDocument(parent, ...lists) {
    const statements = pulumi.all(lists).apply((resolved) => resolved.flat());
    return aws.iam.getPolicyDocumentOutput({ statements }, { parent }).json;
}
/** ARNs of buckets by their names. */
export function bucketArns(partition, names) {
    return pulumi.all([partition, pulumi.output(names)]).apply(([where, buckets]) => buckets.map((name) => `arn:${where}:s3:::${name}`));
}
/**
 * A name as IAM compares SageMaker's: in lower case. What the mocks of a unit test leave undefined is text here too, so that the
 * test's resources are still registered.
 */
export function lowerCase(name) {
    return pulumi.interpolate `${name}`.apply((text) => text.toLowerCase());
}
/** Refuses what does not come over TLS. */
export function tlsOnly(actions, resources) {
    return {
        sid: "TlsOnly",
        effect: "Deny",
        actions,
        principals: [{ type: "*", identifiers: ["*"] }],
        resources,
        conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
    };
}
/** Actions of whoever reads and writes what a key encrypts. */
export const readAndWrite = ["kms:Decrypt", "kms:GenerateDataKey"];
/**
 * Use of customers' keys; nothing without a key.
 *
 * @param actions what may be done with the key of today; the others are for reading alone
 */
export function keyStatements({ kmsKeyArn, formerKmsKeyArns, decryptKeyArns }, actions = readAndWrite) {
    const read = (sid, resources) => resources === undefined ? [] : [{ sid, actions: ["kms:Decrypt"], resources }];
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
export function keyUsePolicy(name, role, statements, parent) {
    if (statements.length === 0)
        return [];
    const policy = policyDocument(parent, statements);
    return [new aws.iam.RolePolicy(`${name}.key`, { role: role.id, policy }, { parent, replaceOnChanges: ["policy"] })];
}
