import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { contractVersion, type AsyncInferenceOutputs } from "../outputs";
import { variantName } from "./endpoint";
import type { Reach } from "./functionPolicies";
import type { Model } from "./model";
import type { Notifications } from "./notifications";
import type { Observability } from "./observability";
import type { FormerPrefixes } from "./prefixes";
import type { ServiceFunctions } from "./serviceFunctions";
import type { ServiceOutputs } from "./stackOutputs";

/** The parts of a service that its outputs name. */
export interface ServiceParts {
  reach: Reach;
  role: aws.iam.Role;
  model: Model;
  notifications: Notifications;
  functions: ServiceFunctions;
  /** Undefined with neither alarms nor dashboard. */
  observability: Observability | undefined;
}

/** The contract of a service with clients and other programs. */
export function serviceOutputs({ reach, role, model, notifications, functions, observability }: ServiceParts): ServiceOutputs {
  const { place, endpoint, storage, jobs, jobsTopicArn, deadLetters, settings } = reach;
  const { submit, result, sweep, floor, inbox, batch, tracing, bus, tasks, webhooks } = functions;
  const fields: { [Field in keyof AsyncInferenceOutputs]: pulumi.Input<AsyncInferenceOutputs[Field]> } = {
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
    batchFunctionArn: batch?.lambda.functionArn ?? "",
    batchRoleArn: batch?.role.arn ?? "",
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
    tracingFunctionArn: tracing?.functionArn ?? "",
    traceSamplePercent: tracing === undefined ? 0 : settings.traceSamplePercent,
    busFunctionArn: bus?.functionArn ?? "",
    tasksFunctionArn: tasks?.functionArn ?? "",
    webhookFunctionArns: joined(webhooks.map(({ webhookName, functionArn }) => pulumi.interpolate`${webhookName}=${functionArn}`)),
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
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, pulumi.output(value)])) as unknown as ServiceOutputs;
}

function formerPrefixesText(former: FormerPrefixes): string {
  return Object.entries(former)
    .flatMap(([kind, prefixes]) => prefixes.map((prefix) => `${kind}:${prefix}`))
    .join(",");
}

function joined(list: pulumi.Input<pulumi.Input<string>[]>): pulumi.Output<string> {
  return pulumi.output(list).apply((items) => items.join(","));
}
