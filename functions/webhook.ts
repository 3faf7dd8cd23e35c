import { consoleLog, systemClock } from "../aws/lambda";
import { webhookPost, type WebhookLibraries } from "../aws/webhookPost";
import {
  goneSeconds,
  judgeWebhook,
  webhookRequest,
  type WebhookAnswer,
  type WebhookLetter,
  type WebhookSigner,
} from "../core/handlers/webhook";
import { isoTime } from "../core/records/isoTime";
import type { JobRecord } from "../core/records/job";
import { readJobEvent } from "../core/records/jobEvent";
import { remembered } from "../core/remembered";
import { readSettings } from "./settings";

/** Settings of {@link webhookFunction}. */
export interface WebhookFunctionSettings {
  endpointName: string;
  /** Where ends are POSTed to. */
  url: string;
  /** Whether the receiver may be in a private network. @default false */
  privateAllowed?: boolean;
  /** Name of the parameter with the secrets, separated by blanks, the newest first. */
  secretsParameterName: string;
  queueArn: string;
  queueUrl: string;
  deadLetterQueueUrl: string;
}

/** A message of a queue, as Lambda hands it over. */
export interface SqsRecord {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: { ApproximateReceiveCount: string; SentTimestamp: string };
  /** `redriven` is what somebody has put back. */
  messageAttributes?: Record<string, { stringValue?: string }>;
}

/** What Lambda hands over of a queue. */
export interface SqsEvent {
  Records: SqsRecord[];
}

/** Says which messages are to stay in the queue. */
export interface SqsAnswer {
  batchItemFailures: { itemIdentifier: string }[];
}

/** For how long secrets are remembered: after a rotation both are valid for longer than this. */
const secretsSeconds = 300;

/**
 * The function of one webhook: ends of jobs in, from its queue; signed POSTs out. An end that the receiver did not take stays in the
 * queue, hidden until its next try; one that it never took goes to the dead letters.
 *
 * IAM, exactly:
 * - `sqs:ReceiveMessage`, `sqs:DeleteMessage`, `sqs:GetQueueAttributes` (Lambda's, which polls as the function's role) and
 *   `sqs:ChangeMessageVisibility` on the webhook's queue
 * - `ssm:GetParameter` on the parameter with its secrets
 * - `sqs:SendMessage` on the dead-letter queue
 * - its log group; with customer keys `kms:Decrypt` and `kms:GenerateDataKey`
 */
export function webhookFunction(): (event: SqsEvent) => Promise<SqsAnswer> {
  const settings = readSettings<WebhookFunctionSettings>();
  const {
    endpointName,
    url,
    privateAllowed = false,
    secretsParameterName: Name,
    queueArn,
    queueUrl: QueueUrl,
    deadLetterQueueUrl,
  } = settings;
  const crypto = require("node:crypto") as typeof import("node:crypto");
  const queues = require("@aws-sdk/client-sqs") as typeof import("@aws-sdk/client-sqs");
  const parameters = require("@aws-sdk/client-ssm") as typeof import("@aws-sdk/client-ssm");
  const sqs = new queues.SQSClient({});
  const ssm = new parameters.SSMClient({});
  const clock = systemClock();
  const secrets = remembered(clock, secretsSeconds, async () => {
    const { Parameter } = await ssm.send(new parameters.GetParameterCommand({ Name, WithDecryption: true }));
    return (Parameter?.Value ?? "").split(" ");
  });
  const post = webhookPost(networkLibraries(), url, privateAllowed);
  const ask = unlessGone(async (job, now) => post(webhookRequest(signerOf(crypto), await secrets(), job, now)));

  /** Whether the message is done with. */
  async function deliver({ messageId, receiptHandle: ReceiptHandle, body, attributes, messageAttributes }: SqsRecord): Promise<boolean> {
    const message = readJobEvent(body);
    if (message.kind === "malformed") {
      consoleLog({ level: "error", message: "job event dropped", code: "BAD_MESSAGE", problem: message.problem, messageId });
      return true;
    }
    const { job } = message;
    if (job.endpointName !== endpointName) return true;
    const tries = Number(attributes.ApproximateReceiveCount);
    const now = clock.now();
    const answer = await ask(job, now, messageAttributes?.["redriven"] !== undefined);
    const ageSeconds = (now - Number(attributes.SentTimestamp)) / 1000;
    const judged = judgeWebhook(answer, { tries, ageSeconds, now, random: Math.random() });
    if (judged.verdict === "delivered") return true;
    const { error } = judged;
    const line = { message: "webhook failed", jobId: job.jobId, state: job.state, tries, error };
    if (judged.verdict === "again") {
      consoleLog({ level: "warn", ...line, nextInSeconds: judged.afterSeconds });
      const VisibilityTimeout = judged.afterSeconds;
      await sqs.send(new queues.ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
      return false;
    }
    consoleLog({ level: "error", ...line, message: "webhook given up" });
    const letter: WebhookLetter = { webhook: { queueArn, tries, error }, event: body };
    await sqs.send(new queues.SendMessageCommand({ QueueUrl: deadLetterQueueUrl, MessageBody: JSON.stringify(letter) }));
    return true;
  }

  return async ({ Records }) => {
    const outcomes = await Promise.all(Records.map((record) => isDone(record, deliver)));
    return { batchItemFailures: Records.filter((_, index) => !outcomes[index]).map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}

function networkLibraries(): WebhookLibraries {
  const dns = require("node:dns") as typeof import("node:dns");
  const net = require("node:net") as typeof import("node:net");
  const http = require("node:http") as typeof import("node:http");
  const https = require("node:https") as typeof import("node:https");
  return { dns, net, http, https };
}

/** Asks a receiver, but for {@link goneSeconds} none that answered 410. What somebody has put back is tried: they may have mended it. */
function unlessGone(ask: (job: JobRecord, now: number) => Promise<WebhookAnswer>) {
  let goneAt = -Infinity;
  return async (job: JobRecord, now: number, isRedriven: boolean): Promise<WebhookAnswer> => {
    const goneForSeconds = (now - goneAt) / 1000;
    // A clock that was put back says nothing of an age.
    if (!isRedriven && goneForSeconds >= 0 && goneForSeconds < goneSeconds) return { status: 410, since: isoTime(goneAt) };
    const answer = await ask(job, now);
    if ("status" in answer) goneAt = answer.status === 410 ? now : -Infinity;
    return answer;
  };
}

/** What throws comes again when the queue's own visibility timeout is over. */
async function isDone(record: SqsRecord, deliver: (record: SqsRecord) => Promise<boolean>): Promise<boolean> {
  try {
    return await deliver(record);
  } catch (error) {
    consoleLog({ level: "error", message: "webhook not tried", messageId: record.messageId, error: String(error) });
    return false;
  }
}

function signerOf(crypto: typeof import("node:crypto")): WebhookSigner {
  return {
    hash: (text) => crypto.createHash("sha256").update(text).digest("hex"),
    hmac: (keyBase64, text) => crypto.createHmac("sha256", Buffer.from(keyBase64, "base64")).update(text).digest("base64"),
  };
}
