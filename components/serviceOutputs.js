import * as pulumi from "@pulumi/pulumi";
import { contractVersion } from "../outputs";
import { variantName } from "./endpoint";
/** The contract of a service with clients and other programs. */
export function serviceOutputs({ reach, role, model, notifications, functions, observability }) {
    const { place, endpoint, storage, jobs, jobsTopicArn, deadLetters, settings } = reach;
    const { submit, result, sweep, floor, inbox } = functions;
    const fields = {
        contractVersion,
        region: place.region,
        accountId: place.accountId,
        partition: place.partition,
        endpointName: endpoint.endpointName,
        endpointConfigName: endpoint.endpointConfigName,
        modelName: model.modelName,
        variantName,
        bucketName: storage.bucketName,
        bucketArn: storage.bucketArn,
        inputPrefix: reach.inputPrefix,
        outputPrefix: reach.outputPrefix,
        failurePrefix: reach.failurePrefix,
        inboxPrefix: reach.inboxPrefix,
        formerPrefixes: formerPrefixesText(reach.former),
        inboxEnabled: settings.inboxEnabled,
        inboxFunctionArn: inbox?.callableArn ?? "",
        executionRoleArn: role.arn,
        successTopicArn: notifications.successTopicArn ?? "",
        errorTopicArn: notifications.errorTopicArn ?? "",
        jobsTopicArn,
        alarmTopicArn: observability?.alarmTopicArn ?? "",
        jobTableName: jobs.tableName,
        jobTableArn: jobs.tableArn,
        kmsKeyArn: settings.kmsKeyArn ?? "",
        formerKmsKeyArns: joined(settings.formerKmsKeyArns ?? []),
        submitFunctionName: submit.functionName,
        submitFunctionArn: submit.functionArn,
        resultFunctionName: result.functionName,
        resultLogGroupName: result.logGroupName,
        sweepFunctionName: sweep.functionName,
        floorFunctionArn: floor.functionArn,
        deadLetterQueueUrl: deadLetters.queueUrl,
        deadLetterQueueArn: deadLetters.queueArn,
        minCapacity: settings.minCapacity,
        maxCapacity: settings.maxCapacity,
        invocationTimeoutSeconds: settings.invocationTimeoutSeconds,
        requestTtlSeconds: settings.requestTtlSeconds,
        maxOpenJobs: settings.maxOpenJobs,
        onDoubt: settings.onDoubt,
        maxAttempts: settings.maxAttempts,
        jobRetentionDays: settings.jobRetentionDays,
        inputBuckets: joined(settings.inputBuckets),
        maxConcurrentInvocationsPerInstance: settings.maxConcurrentInvocationsPerInstance,
    };
    return Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, pulumi.output(value)]));
}
function formerPrefixesText(former) {
    return Object.entries(former)
        .flatMap(([kind, prefixes]) => prefixes.map((prefix) => `${kind}:${prefix}`))
        .join(",");
}
function joined(list) {
    return pulumi.output(list).apply((items) => items.join(","));
}
