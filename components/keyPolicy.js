import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { currentPlace } from "./images";
/**
 * Policy of a key that your program makes for `kmsKeyArn`: the account administers the key, the service's roles use it as
 * their own policies say, and logs and topics of this account encrypt with it. JSON, for `policy` of `aws.kms.Key`.
 *
 * @example
 * ```ts
 * const key = new aws.kms.Key("records", { policy: keyPolicy(), enableKeyRotation: true });
 * const service = new AsyncInference("records", { image: "records:1", kmsKeyArn: key.arn });
 * ```
 */
export function keyPolicy({ alarmsEnabled = false } = {}, opts = {}) {
    const place = currentPlace(opts);
    const administer = {
        // https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
        sid: "AccountAdministers",
        actions: ["kms:*"],
        principals: [{ type: "AWS", identifiers: [accountOf(place)] }],
        resources: ["*"],
    };
    const statements = [administer, ...keyPolicyStatements(place, alarmsEnabled)];
    return aws.iam.getPolicyDocumentOutput({ statements }, opts).json;
}
/** What the policy of a customer's key must allow. @param alarms whether alarms publish to a topic under the key */
export function keyPolicyStatements(place, alarms) {
    const { partition, region, accountId, dnsSuffix } = place;
    // In a key's policy the resource is the key.
    const resources = ["*"];
    const deliver = (sid, service) => ({
        sid,
        actions: ["kms:Decrypt", "kms:GenerateDataKey*"],
        principals: [{ type: "Service", identifiers: [service] }],
        resources,
        conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] }],
    });
    return [
        {
            // Hands the decision to the roles' own policies. The deploying role needs all of it: DynamoDB and Lambda look when they encrypt.
            // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
            // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
            sid: "RolesOfThisAccount",
            actions: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"],
            principals: [{ type: "AWS", identifiers: [accountOf(place)] }],
            resources,
        },
        {
            // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
            sid: "LogsOfThisAccount",
            actions: ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
            principals: [{ type: "Service", identifiers: [pulumi.interpolate `logs.${region}.${dnsSuffix}`] }],
            resources,
            conditions: [
                {
                    test: "ArnLike",
                    variable: "kms:EncryptionContext:aws:logs:arn",
                    values: [pulumi.interpolate `arn:${partition}:logs:${region}:${accountId}:log-group:*`],
                },
            ],
        },
        // Topics hand messages to queues that the key encrypts.
        deliver("TopicsDeliver", "sns.amazonaws.com"),
        ...(alarms ? [deliver("AlarmsPublish", "cloudwatch.amazonaws.com")] : []),
    ];
}
function accountOf({ partition, accountId }) {
    return pulumi.interpolate `arn:${partition}:iam::${accountId}:root`;
}
