import { notSupported, ServiceError } from "../wire";
import { readPolicyAttribute } from "./policies";

const feedback = /^(Application|Firehose|HTTP|Lambda|SQS)(SuccessFeedbackRoleArn|SuccessFeedbackSampleRate|FailureFeedbackRoleArn)$/;
/** Of topics that keep the order of their messages, which are refused. */
const ofFifo = /^(FifoTopic|ContentBasedDeduplication|FifoThroughputScope|ArchivePolicy)$/;

/** @throws ServiceError as SNS refuses a value of a topic's attribute, and for one that would do nothing here */
export function requireTopicAttribute(name: string, value: string): void {
  if (feedback.test(name)) return requireFeedback(name, value);
  if (ofFifo.test(name)) {
    if (value === "" || value === "false") return;
    throw notSupported(name === "FifoTopic" ? "FIFO topics" : `the topic attribute "${name}"`);
  }
  switch (name) {
    case "DisplayName":
      if (value.length > 100) throw invalid("Display name must be at most 100 characters long");
      return;
    case "Policy":
      if (value !== "") readPolicyAttribute("sns", value);
      return;
    case "DeliveryPolicy":
      // Of subscriptions by HTTP, which are refused.
      if (value !== "" && !isObject(value)) throw invalid("DeliveryPolicy: Unable to parse as JSON");
      return;
    case "SignatureVersion":
      if (!["", "1", "2"].includes(value)) throw invalid("SignatureVersion");
      return;
    case "TracingConfig":
      if (value === "Active") throw notSupported("tracing of topics");
      if (!["", "PassThrough"].includes(value)) throw invalid("TracingConfig");
      return;
    case "KmsMasterKeyId":
      return;
    default:
      throw invalid("AttributeName");
  }
}

/** Nobody writes logs of deliveries here; a rate without a role writes none on AWS either. */
function requireFeedback(name: string, value: string): void {
  if (name.endsWith("RoleArn")) {
    if (value !== "") throw notSupported(`logs of deliveries: the topic attribute "${name}"`);
  } else if (value !== "" && !(/^\d{1,3}$/.test(value) && Number(value) <= 100)) {
    throw invalid(`Attributes Reason: ${name}: must be between 0 and 100`);
  }
}

/** What of the tags that SNS refuses. https://docs.aws.amazon.com/sns/latest/dg/sns-tags.html */
export function requireTopicTags(tags: Readonly<Record<string, string>>): void {
  const pairs = Object.entries(tags);
  if (pairs.length > 50) throw new ServiceError("TagLimitExceeded", "Could not complete request: tag quota of per resource exceeded");
  for (const [key, value] of pairs) {
    if (key === "" || key.length > 128 || key.startsWith("aws:") || value.length > 256) {
      throw invalid(`Tags Reason: the tag ${JSON.stringify(key)} is not valid`);
    }
  }
}

/** What SNS says of how it delivers by HTTP when nobody has said anything. */
const effectiveDeliveryPolicy = {
  http: {
    defaultHealthyRetryPolicy: {
      minDelayTarget: 20,
      maxDelayTarget: 20,
      numRetries: 3,
      numMaxDelayRetries: 0,
      numNoDelayRetries: 0,
      numMinDelayRetries: 0,
      backoffFunction: "linear",
    },
    disableSubscriptionOverrides: false,
    defaultRequestPolicy: { headerContentType: "text/plain; charset=UTF-8" },
  },
};

/** What GetTopicAttributes answers. @param defaultPolicy of a topic that was given none */
export function describedTopic(
  { arn, attributes }: { arn: string; attributes: Readonly<Record<string, string>> },
  subscriptions: readonly { confirmed: boolean }[],
  defaultPolicy: unknown,
): Record<string, string> {
  const confirmed = subscriptions.filter((each) => each.confirmed).length;
  return {
    Policy: JSON.stringify(defaultPolicy),
    Owner: arn.split(":")[4] ?? "",
    SubscriptionsPending: String(subscriptions.length - confirmed),
    TopicArn: arn,
    EffectiveDeliveryPolicy: attributes["DeliveryPolicy"] ?? JSON.stringify(effectiveDeliveryPolicy),
    SubscriptionsConfirmed: String(confirmed),
    DisplayName: "",
    SubscriptionsDeleted: "0",
    ...attributes,
  };
}

function isObject(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

function invalid(reason: string): ServiceError {
  return new ServiceError("InvalidParameter", `Invalid parameter: ${reason}`);
}
