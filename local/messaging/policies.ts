import type { SnsStore, SqsStore } from "../fauxqs";
import type { ResourceFacts } from "../identity/actions/table";
import { readPolicy, type PolicyDocument } from "../identity/policyDocument";
import { ServiceError } from "../wire";

const read = new Map<string, PolicyDocument>();

/** A policy as an attribute has it. @throws ServiceError as the service refuses one that it can't read */
export function readPolicyAttribute(service: "sns" | "sqs", text: string): PolicyDocument {
  let document = read.get(text);
  if (document) return document;
  try {
    document = readPolicy(text);
  } catch (error) {
    const reason = (error as Error).message;
    throw service === "sns"
      ? new ServiceError("InvalidParameter", `Invalid parameter: Policy Error: ${reason}`)
      : new ServiceError("InvalidParameterValue", `Invalid value for the parameter Policy. Reason: ${reason}`);
  }
  read.set(text, document);
  return document;
}

/**
 * What a topic says that was given no policy: its account may do everything, and so may services of AWS in its name.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
 */
export function defaultTopicPolicy(topicArn: string): PolicyDocument {
  const Action = [
    "SNS:GetTopicAttributes",
    "SNS:SetTopicAttributes",
    "SNS:AddPermission",
    "SNS:RemovePermission",
    "SNS:DeleteTopic",
    "SNS:Subscribe",
    "SNS:ListSubscriptionsByTopic",
    "SNS:Publish",
  ];
  const Condition = { StringEquals: { "AWS:SourceOwner": topicArn.split(":")[4] ?? "" } };
  const Principal = { AWS: "*" };
  return {
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [{ Sid: "__default_statement_ID", Effect: "Allow", Principal, Action, Resource: topicArn, Condition }],
  };
}

/** What topics and queues say of who may use them. */
export function messagingFacts(topics: SnsStore, queues: SqsStore): (arn: string) => ResourceFacts | undefined {
  return (arn) => {
    const topic = topics.getTopic(arn);
    const attributes = topic?.attributes ?? queues.getQueueByArn(arn)?.attributes;
    if (attributes === undefined) return undefined;
    const { Policy: policy, KmsMasterKeyId: kmsKeyArn } = attributes;
    const document = policy ? readPolicyAttribute(topic ? "sns" : "sqs", policy) : topic && defaultTopicPolicy(arn);
    return { policy: document, kmsKeyArn };
  };
}
