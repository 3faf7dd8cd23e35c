import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { present } from "../core/present";
import { floorFunction } from "../functions/floor";
import { inboxFunction } from "../functions/inbox";
import { resultFunction } from "../functions/result";
import { submitFunction } from "../functions/submit";
import { sweepFunction } from "../functions/sweep";
import { CallbackLambda } from "./callbackLambda";
import { variantName } from "./endpoint";
import { functionKeyStatements, functionStatements } from "./functionPolicies";
/** Lambda's longest: a submit may wait for its result. */
const submitTimeoutSeconds = 900;
/** Long enough to copy an upload of 1 GB, the service's bound, several times. */
const inboxTimeoutSeconds = 300;
const resultTimeoutSeconds = 60;
/** Seconds suffice; a submit that waits for it gives up sooner. */
const floorTimeoutSeconds = 60;
/** Long enough to catch up with what waits after a failure; runs do not overlap. */
const sweepTimeoutSeconds = 300;
/**
 * Creates the functions of a service, what calls them, and the roles that they run as.
 *
 * @param topicArns SageMaker's own topics, whose notifications the result function gets
 */
export function serviceFunctions(site, topicArns) {
    const floor = createFloor(site);
    const submit = createSubmit(site, floor);
    const result = createResult(site, topicArns);
    const sweep = createSweep(site);
    return { floor, submit, result, sweep, inbox: site.reach.settings.inboxEnabled ? createInbox(site, floor) : undefined };
}
/** What every function of the service has in common, by its settings. */
export function hostingOf(settings, { place }) {
    const { logRetentionDays, kmsKeyArn, functionsInVpc, vpcSubnetIds, vpcSecurityGroupIds } = settings;
    return {
        logRetentionDays,
        ...present({ kmsKeyArn }),
        ...(functionsInVpc && vpcSubnetIds !== undefined && vpcSecurityGroupIds !== undefined
            ? {
                network: {
                    subnetIds: vpcSubnetIds,
                    securityGroupIds: vpcSecurityGroupIds,
                    ec2ArnPrefix: pulumi.interpolate `arn:${place.partition}:ec2:${place.region}:${place.accountId}:`,
                },
            }
            : {}),
    };
}
/** A function, named after its part of the service, with what that part may do. */
function create({ name: service, reach, hosting, parent }, part, own, floor) {
    const statements = functionStatements(reach, floor?.functionArn)[part];
    const keyStatements = functionKeyStatements(reach.settings)[part];
    return new CallbackLambda(`${service}-${part}`, { ...own, statements, keyStatements, ...hosting }, { parent });
}
function createFloor(site) {
    const lambda = create(site, "floor", {
        factory: floorFunction,
        settings: floorSettings(site.reach),
        timeoutSeconds: floorTimeoutSeconds,
        // A CPU for the start: a sleeping endpoint's first job waits for it.
        memoryMb: 1024,
    });
    lambda.schedule(`${site.name}-floor`, "rate(1 minute)");
    return lambda;
}
function createSubmit(site, floor) {
    const own = {
        factory: submitFunction,
        settings: submitSettings(site.reach, floor),
        deadLetterQueueArn: site.reach.deadLetters.queueArn,
        timeoutSeconds: submitTimeoutSeconds,
        memoryMb: 512,
    };
    return create(site, "submit", own, floor);
}
function createResult(site, topicArns) {
    const name = `${site.name}-result`;
    const lambda = create(site, "result", {
        factory: resultFunction,
        settings: jobSettings(site.reach),
        deadLetterQueueArn: site.reach.deadLetters.queueArn,
        timeoutSeconds: resultTimeoutSeconds,
        memoryMb: 256,
    });
    const names = topicArns.length === 1 ? [name] : [`${name}-success`, `${name}-error`];
    topicArns.forEach((topicArn, index) => lambda.subscribeTo(names[index], topicArn));
    return lambda;
}
function createSweep(site) {
    const { inputPrefix, former } = site.reach;
    const lambda = create(site, "sweep", {
        factory: sweepFunction,
        settings: { ...jobSettings(site.reach), inputPrefix, formerInputPrefixes: former.input },
        timeoutSeconds: sweepTimeoutSeconds,
        memoryMb: 1024,
    });
    lambda.schedule(`${site.name}-sweep`, "rate(1 minute)");
    return lambda;
}
function createInbox(site, floor) {
    const { storage, inboxPrefix, former, place, settings, deadLetters } = site.reach;
    const name = `${site.name}-inbox`;
    const own = {
        factory: inboxFunction,
        settings: { ...submitSettings(site.reach, floor), inboxPrefix, formerInboxPrefixes: former.inbox },
        deadLetterQueueArn: deadLetters.queueArn,
        timeoutSeconds: inboxTimeoutSeconds,
        memoryMb: 256,
    };
    const lambda = create(site, "inbox", own, floor);
    const permission = lambda.allow(name, "s3.amazonaws.com", storage.bucketArn, place.accountId);
    // A notification that is written with this ARN waits for the permission.
    const callableArn = pulumi.all([lambda.functionArn, permission.id]).apply(([arn]) => arn);
    if (settings.bucketName === undefined) {
        new aws.s3.BucketNotification(name, {
            bucket: storage.bucketName,
            lambdaFunctions: [{ lambdaFunctionArn: lambda.functionArn, events: ["s3:ObjectCreated:*"], filterPrefix: inboxPrefix }],
        }, { parent: lambda, dependsOn: [permission] });
    }
    return { lambda, callableArn };
}
function jobSettings({ endpoint, storage, jobs, jobsTopicArn, outputPrefix, settings }) {
    return {
        endpointName: endpoint.endpointName,
        bucketName: storage.bucketName,
        outputPrefix,
        notificationsEnabled: settings.notificationsEnabled,
        retentionDays: settings.jobRetentionDays,
        jobTableName: jobs.tableName,
        jobsTopicArn,
    };
}
function submitSettings(reach, floor) {
    const { invocationTimeoutSeconds, requestTtlSeconds, onDoubt, maxAttempts, maxOpenJobs, inputBuckets } = reach.settings;
    return {
        ...jobSettings(reach),
        inputPrefix: reach.inputPrefix,
        allowedInputBuckets: pulumi.output(inputBuckets),
        invocationTimeoutSeconds,
        requestTtlSeconds,
        onDoubt,
        maxAttempts,
        maxOpenJobs,
        floorFunctionName: floor.functionName,
    };
}
function floorSettings({ endpoint, jobs, settings }) {
    const { minCapacity, maxCapacity, idleSeconds, partialScaleIn, drain } = settings;
    const { maxConcurrentInvocationsPerInstance, targetBacklogPerInstance } = settings;
    return {
        endpointName: endpoint.endpointName,
        variantName,
        minCapacity,
        maxCapacity,
        warm: { windows: settings.warmHours, timeZone: settings.warmTimeZone, minCapacity: settings.warmMinCapacity },
        idleSeconds,
        partialScaleIn,
        drain,
        maxConcurrentInvocationsPerInstance,
        targetBacklogPerInstance,
        jobTableName: jobs.tableName,
    };
}
