import { randomUUID } from "node:crypto";
import type { Clock } from "../clock";
import { isoNow } from "../clock";
import type { CloudContext, EventTargets } from "../ports";
import type { ObjectChange } from "./objects";

/** Where a bucket's events go. */
export type NotificationSettings = {
  id: string;
  kind: "function" | "topic" | "queue";
  targetArn: string;
  /** Such as `s3:ObjectCreated:*`. */
  events: string[];
  prefix: string;
  suffix: string;
}[];

/** Notifies whoever asked for it of one change, in S3's document (version 2.1). Never throws: an upload doesn't fail for its listeners. */
export async function notify(
  context: CloudContext,
  targets: EventTargets,
  rules: NotificationSettings,
  change: ObjectChange,
): Promise<void> {
  for (const rule of rules) {
    if (!rule.events.some((name) => matches(name, change.eventName))) continue;
    if (!change.key.startsWith(rule.prefix) || !change.key.endsWith(rule.suffix)) continue;
    try {
      await deliver(targets, rule, bucketArn(change.bucket), eventOf(context, change, rule.id));
    } catch (error) {
      const message = `An event of S3 was not delivered to ${rule.targetArn}: ${(error as Error).message}`;
      context.emit({ kind: "warning", message });
    }
  }
}

/** What S3 sends to topics and queues when they are configured: a consumer must bear it. @throws Error when one does not take it */
export async function notifyOfTest(
  context: CloudContext,
  targets: EventTargets,
  rules: NotificationSettings,
  bucket: string,
): Promise<void> {
  for (const rule of rules.filter(({ kind }) => kind !== "function")) {
    await deliver(targets, rule, bucketArn(bucket), {
      Service: "Amazon S3",
      Event: "s3:TestEvent",
      Time: isoNow(context.clock),
      Bucket: bucket,
      RequestId: requestId(),
      HostId: "embedded",
    });
  }
}

async function deliver(
  targets: EventTargets,
  { kind, targetArn }: NotificationSettings[number],
  sourceArn: string,
  event: unknown,
): Promise<void> {
  const source = { principal: "s3.amazonaws.com", sourceArn };
  if (kind === "function") await targets.invokeFunction(targetArn, event, source);
  else if (kind === "topic") await targets.publish(targetArn, JSON.stringify(event), "Amazon S3 Notification", source);
  else await targets.sendMessage(targetArn, JSON.stringify(event), source);
}

function matches(pattern: string, eventName: string): boolean {
  const wanted = pattern.replace(/^s3:/, "");
  return wanted.endsWith("*") ? eventName.startsWith(wanted.slice(0, -1)) : eventName === wanted;
}

function eventOf(context: CloudContext, { eventName, bucket, key, object }: ObjectChange, configurationId: string) {
  const principalId = `AWS:${context.accountId}`;
  return {
    Records: [
      {
        eventVersion: "2.1",
        eventSource: "aws:s3",
        awsRegion: context.region,
        eventTime: isoNow(context.clock),
        eventName,
        userIdentity: { principalId },
        requestParameters: { sourceIPAddress: "127.0.0.1" },
        responseElements: { "x-amz-request-id": requestId(), "x-amz-id-2": "embedded" },
        s3: {
          s3SchemaVersion: "1.0",
          configurationId,
          bucket: { name: bucket, ownerIdentity: { principalId }, arn: bucketArn(bucket) },
          object: {
            key: formEncoded(key),
            ...(object && { size: object.contentLength, eTag: object.etag.replaceAll('"', "") }),
            sequencer: sequencer(context.clock),
          },
        },
      },
    ],
  };
}

/** Keys in events and lists are encoded as in a form: blanks become `+`, slashes stay. */
export function formEncoded(key: string): string {
  return encodeURIComponent(key)
    .replaceAll("%2F", "/")
    .replaceAll("%20", "+")
    .replace(/[!~'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** An id of a request, as S3 writes them: 16 hexadecimal digits. */
export function requestId(): string {
  return randomUUID().replaceAll("-", "").slice(0, 16).toUpperCase();
}

let changes = 0;

/** Orders the events of one key: a later one is greater as text. */
function sequencer(clock: Clock): string {
  return `${Math.floor(clock.now()).toString(16)}${(changes++).toString(16).padStart(8, "0")}`.padStart(20, "0").toUpperCase();
}

function bucketArn(bucket: string): string {
  return `arn:aws:s3:::${bucket}`;
}
