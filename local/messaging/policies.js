import { readPolicy } from "../identity/policyDocument";
import { ServiceError } from "../wire";
const read = new Map();
/** A policy as an attribute has it. @throws ServiceError as the service refuses one that it can't read */
export function requirePolicy(text) {
    let document = read.get(text);
    if (document)
        return document;
    try {
        document = readPolicy(text);
    }
    catch (error) {
        throw new ServiceError("InvalidParameterValue", `Invalid value for the parameter Policy. Reason: ${error.message}`);
    }
    read.set(text, document);
    return document;
}
/**
 * What a topic says that was given no policy: services of its account may publish.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
 */
function defaultTopicPolicy(accountId) {
    const Condition = { StringEquals: { "AWS:SourceOwner": accountId } };
    return {
        Version: "2008-10-17",
        Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "SNS:Publish", Resource: "*", Condition }],
    };
}
/** What topics and queues say of who may use them. */
export function messagingFacts(topics, queues, accountId) {
    const byDefault = defaultTopicPolicy(accountId);
    return (arn) => {
        const topic = topics.getTopic(arn);
        const attributes = topic?.attributes ?? queues.getQueueByArn(arn)?.attributes;
        if (attributes === undefined)
            return undefined;
        const { Policy: policy, KmsMasterKeyId: kmsKeyArn } = attributes;
        return { policy: policy ? requirePolicy(policy) : topic && byDefault, kmsKeyArn };
    };
}
