import * as pulumi from "@pulumi/pulumi";
import { keyPolicyStatements } from "./keyPolicy";
import { endpointPublishes } from "./notifications";
import { policyDocument, tlsOnly } from "./policies";
/**
 * Says what the user's own bucket needs, since nothing that exists once a bucket is touched: a policy statement for the
 * endpoint's role, and with an inbox the notification.
 */
export function tellAboutBucket(service, reach, roleArn, inboxFunctionArn) {
    if (reach.settings.bucketName === undefined)
        return;
    const { bucketName, bucketArn } = reach.storage;
    const objects = (prefix) => pulumi.interpolate `${bucketArn}/${prefix}*`;
    const role = [{ type: "AWS", identifiers: [roleArn] }];
    const statements = [
        {
            sid: "EndpointReads",
            actions: ["s3:GetObject"],
            principals: role,
            resources: [reach.inputPrefix, ...reach.former.input].map(objects),
        },
        {
            sid: "EndpointWrites",
            actions: ["s3:PutObject", "s3:AbortMultipartUpload"],
            principals: role,
            resources: [reach.outputPrefix, reach.failurePrefix, ...reach.former.output, ...reach.former.failure].map(objects),
        },
        { sid: "EndpointLists", actions: ["s3:ListBucket"], principals: role, resources: [bucketArn] },
        tlsOnly(["s3:*"], [bucketArn, pulumi.interpolate `${bucketArn}/*`]),
    ];
    tell(service, pulumi.interpolate `Bucket ${bucketName} is yours and stays as it is. Its policy needs (the role is the output executionRoleArn):\n${policyDocument(service, statements)}`);
    if (inboxFunctionArn === undefined)
        return;
    const notification = pulumi.jsonStringify({
        LambdaFunctionConfigurations: [
            {
                LambdaFunctionArn: inboxFunctionArn,
                Events: ["s3:ObjectCreated:*"],
                Filter: { Key: { FilterRules: [{ Name: "prefix", Value: reach.inboxPrefix }] } },
            },
        ],
    }, undefined, 2);
    tell(service, pulumi.interpolate `For the inbox, its notification configuration needs (the function is the output inboxFunctionArn):\n${notification}`);
}
/** Says what the user's own topics need, since a topic has one policy. */
export function tellAboutTopics(service, settings, roleArn) {
    const own = [settings.successTopicArn, settings.errorTopicArn].filter((topicArn) => topicArn !== undefined);
    for (const topicArn of new Set(own)) {
        const statements = [endpointPublishes(roleArn)(topicArn), tlsOnly(["sns:Publish"], [topicArn])];
        tell(service, pulumi.interpolate `Topic ${topicArn} is yours and stays as it is. Its policy needs (the role is the output executionRoleArn):\n${policyDocument(service, statements)}`);
    }
}
/** Says what the policy of the user's own key needs: this project never changes a key that it did not make. */
export function tellAboutKey(service, settings, place) {
    const { kmsKeyArn, alarmsEnabled, alarmTopicArn } = settings;
    if (kmsKeyArn === undefined)
        return;
    const statements = keyPolicyStatements(place, alarmsEnabled && alarmTopicArn === undefined);
    tell(service, pulumi.interpolate `Key ${kmsKeyArn} is yours and stays as it is. Its policy needs:\n${policyDocument(service, statements)}`);
}
function tell(service, message) {
    message.apply((text) => void pulumi.log.info(text, service));
}
