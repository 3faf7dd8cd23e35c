import { judgedBy, keyNeeds, readForm, text } from "./table";
const topic = (input) => text(input, "TopicArn") || text(input, "TargetArn");
const named = (input, place) => `arn:aws:sns:${place.region}:${place.accountId}:${text(input, "Name")}`;
/** A subscription's ARN is its topic's and an id. */
const ofSubscription = (input) => text(input, "SubscriptionArn").split(":").slice(0, 6).join(":");
const every = (_, place) => `arn:aws:sns:${place.region}:${place.accountId}:*`;
const one = { on: topic };
const encrypts = (input, place) => keyNeeds(topic(input), place, "sns", "GenerateDataKey", "Decrypt");
const subscriber = (input) => ({ "sns:protocol": text(input, "Protocol"), "sns:endpoint": text(input, "Endpoint") });
/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html */
export const sns = judgedBy("sns", {
    ConfirmSubscription: one,
    CreateTopic: { on: named },
    DeleteTopic: one,
    GetSubscriptionAttributes: { on: ofSubscription },
    GetTopicAttributes: one,
    ListSubscriptions: { on: every },
    ListSubscriptionsByTopic: one,
    ListTagsForResource: { on: (input) => text(input, "ResourceArn") },
    ListTopics: { on: every },
    Publish: { on: topic, also: encrypts },
    PublishBatch: { on: topic, action: "Publish", also: encrypts },
    SetSubscriptionAttributes: { on: ofSubscription },
    SetTopicAttributes: one,
    Subscribe: { on: topic, keys: subscriber },
    TagResource: { on: (input) => text(input, "ResourceArn") },
    Unsubscribe: { on: ofSubscription },
    UntagResource: { on: (input) => text(input, "ResourceArn") },
}, readForm);
