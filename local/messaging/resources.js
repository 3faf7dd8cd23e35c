import * as z from "zod";
import { readPolicy } from "../identity/policyDocument";
import { recorded, regionArgument } from "../recorded";
import { autoName, resourceType } from "../resources";
const policyDocument = z
    .union([z.string(), z.record(z.string(), z.unknown())])
    .transform((policy) => (typeof policy === "string" ? policy : JSON.stringify(policy)));
/** The same for policies: what nobody can read would open or close something that it doesn't say. */
const accessPolicy = policyDocument.superRefine((text, context) => {
    try {
        readPolicy(text);
    }
    catch (error) {
        context.addIssue(error.message);
    }
});
const named = { name: z.string().optional(), namePrefix: z.string().optional() };
function nameOf(logicalName, { name, namePrefix }) {
    return name ?? (namePrefix === undefined ? autoName(logicalName) : autoName(namePrefix.replace(/-$/, "")));
}
/** The resource types of SNS and SQS, by Pulumi token. */
export function messagingResources(context, topics, queues) {
    const { region: here, accountId, endpointUrl } = context;
    const region = regionArgument(here);
    function queueAt(url) {
        const queue = queues.getQueue(url);
        if (!queue)
            throw new Error(`there is no queue at ${url}`);
        return queue;
    }
    return {
        "aws:sns/topic:Topic": resourceType(z.strictObject({
            ...named,
            displayName: recorded.description,
            kmsMasterKeyId: recorded.kmsKey,
            policy: accessPolicy.optional(),
            tags: recorded.tags,
            tagsAll: recorded.tags,
            region,
        }), async ({ name: logicalName, inputs }) => {
            const name = nameOf(logicalName, inputs);
            const { displayName, kmsMasterKeyId, policy, tags = {} } = inputs;
            const attributes = { DisplayName: displayName, KmsMasterKeyId: kmsMasterKeyId, Policy: policy };
            const arn = topics.create(name, withoutUndefined(attributes));
            const state = { ...inputs, name, arn, owner: accountId, region: here, displayName: displayName ?? "", fifoTopic: false };
            return { id: arn, state: { ...state, tagsAll: inputs.tagsAll ?? tags } };
        }),
        "aws:sns/topicPolicy:TopicPolicy": resourceType(z.strictObject({ arn: z.string(), policy: accessPolicy, region }), async ({ inputs }) => {
            topics.setAttribute(inputs.arn, "Policy", inputs.policy);
            return { id: inputs.arn, state: { ...inputs, owner: accountId, region: here } };
        }),
        "aws:sns/topicSubscription:TopicSubscription": resourceType(z.strictObject({
            topic: z.string(),
            protocol: z.string(),
            endpoint: z.string(),
            filterPolicy: z.string().optional(),
            filterPolicyScope: z.string().optional(),
            rawMessageDelivery: z.boolean().optional(),
            redrivePolicy: z.string().optional(),
            region,
        }), async ({ inputs }) => {
            const attributes = withoutUndefined({
                FilterPolicy: inputs.filterPolicy,
                FilterPolicyScope: inputs.filterPolicyScope,
                RawMessageDelivery: inputs.rawMessageDelivery === true ? "true" : undefined,
                RedrivePolicy: inputs.redrivePolicy,
            });
            const { arn, confirmed } = topics.subscribe(inputs.topic, inputs.protocol, inputs.endpoint, attributes);
            const state = {
                ...inputs,
                arn,
                ownerId: accountId,
                pendingConfirmation: !confirmed,
                confirmationWasAuthenticated: confirmed,
                confirmationTimeoutInMinutes: 1,
                endpointAutoConfirms: false,
                rawMessageDelivery: inputs.rawMessageDelivery ?? false,
                filterPolicyScope: inputs.filterPolicyScope ?? (inputs.filterPolicy === undefined ? "" : "MessageAttributes"),
                region: here,
            };
            return { id: arn, state };
        }),
        "aws:sqs/queue:Queue": resourceType(z.strictObject({
            ...named,
            visibilityTimeoutSeconds: z.number().int().min(0).max(43_200).default(30),
            delaySeconds: z.number().int().min(0).max(900).default(0),
            maxMessageSize: z.number().int().min(1024).max(1_048_576).default(1_048_576),
            messageRetentionSeconds: z.number().int().min(60).max(1_209_600).default(345_600),
            receiveWaitTimeSeconds: z.number().int().min(0).max(20).default(0),
            redrivePolicy: z.string().optional(),
            redriveAllowPolicy: z.string().optional(),
            policy: accessPolicy.optional(),
            fifoQueue: z.boolean().default(false),
            contentBasedDeduplication: z.boolean().default(false),
            sqsManagedSseEnabled: z.boolean().default(true),
            kmsMasterKeyId: recorded.kmsKey,
            kmsDataKeyReusePeriodSeconds: z.number().default(300),
            tags: recorded.tags,
            tagsAll: recorded.tags,
            region,
        }), async ({ name: logicalName, inputs }) => {
            const name = nameOf(logicalName, inputs) + (inputs.fifoQueue && inputs.name === undefined ? ".fifo" : "");
            const arn = `arn:aws:sqs:${here}:${accountId}:${name}`;
            const url = `${endpointUrl}/${accountId}/${name}`;
            if (queues.getQueueByArn(arn))
                throw new Error(`the queue ${name} exists already: give it another name, or none`);
            const attributes = {
                VisibilityTimeout: String(inputs.visibilityTimeoutSeconds),
                DelaySeconds: String(inputs.delaySeconds),
                MaximumMessageSize: String(inputs.maxMessageSize),
                MessageRetentionPeriod: String(inputs.messageRetentionSeconds),
                ReceiveMessageWaitTimeSeconds: String(inputs.receiveWaitTimeSeconds),
                RedrivePolicy: inputs.redrivePolicy,
                RedriveAllowPolicy: inputs.redriveAllowPolicy,
                Policy: inputs.policy,
                KmsMasterKeyId: inputs.kmsMasterKeyId,
                ...(inputs.fifoQueue && { FifoQueue: "true", ContentBasedDeduplication: String(inputs.contentBasedDeduplication) }),
            };
            queues.createQueue(name, url, arn, withoutUndefined(attributes), inputs.tags ?? {});
            return { id: url, state: { ...inputs, name, arn, url, region: here, tagsAll: inputs.tagsAll ?? inputs.tags ?? {} } };
        }),
        "aws:sqs/queuePolicy:QueuePolicy": queueSetting("policy", "Policy"),
        "aws:sqs/redrivePolicy:RedrivePolicy": queueSetting("redrivePolicy", "RedrivePolicy"),
        "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": queueSetting("redriveAllowPolicy", "RedriveAllowPolicy"),
    };
    function queueSetting(input, attribute) {
        const shape = {
            queueUrl: z.string(),
            [input]: input === "policy" ? accessPolicy : policyDocument,
            region,
        };
        return resourceType(z.strictObject(shape), async ({ inputs }) => {
            const queueUrl = inputs["queueUrl"];
            queueAt(queueUrl).setAttributes({ [attribute]: inputs[input] });
            return { id: queueUrl, state: { ...inputs, region: here } };
        });
    }
}
function withoutUndefined(attributes) {
    return Object.fromEntries(Object.entries(attributes).filter((entry) => entry[1] !== undefined));
}
