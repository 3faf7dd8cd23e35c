import { jobEndedOf } from "../records/jobEndedEvent";
import { idempotencyKeyOf } from "../records/jobEvent";
import type { JobRecord } from "../records/job";

/**
 * Pauses in seconds before the second, third, … try of a webhook; the last one is repeated until
 * {@link webhookLifeSeconds} are over: after 24 to 29 hours.
 */
export const webhookPausesSeconds: readonly number[] = [5, 60, 300, 1800, 3600, 7200, 14_400];

/** For how long after a job's end a webhook that fails is tried again. */
export const webhookLifeSeconds = 24 * 3600;

/**
 * For how long a receiver that answered 410, which says that nobody wants the webhook any more, is not asked again by the process that it
 * told so. Standard Webhooks has a sender disable it; this way one that is mended needs nobody to enable it.
 */
export const goneSeconds = 3600;

/** How much longer than it says a pause may be, so that what failed at once does not come back at once. */
const jitterShare = 0.2;

/** SQS hides a message for 12 hours at most, which this and the jitter stay below. */
const longestPauseSeconds = 14_400;

/** One POST of a webhook. Standard Webhooks 1.0.0. */
export interface WebhookRequest {
  headers: Record<string, string>;
  body: string;
}

/** What was answered; a text says why nothing was. */
export type WebhookAnswer =
  | {
      status: number;
      retryAfter?: string;
      /** When it was answered to an earlier request, after which this one was not sent. */
      since?: string;
    }
  | { problem: string };

/** What to do with an end after a try. */
export type WebhookVerdict =
  | { verdict: "delivered" }
  | { verdict: "again"; afterSeconds: number; error: string }
  /** Nobody will take it: it goes to the dead letters. */
  | { verdict: "lost"; error: string };

/** What signing takes. */
export interface WebhookSigner {
  /** SHA-256 in hexadecimal. */
  hash(text: string): string;
  /** HMAC-SHA256 in base64. @param keyBase64 the key's bytes in base64 */
  hmac(keyBase64: string, text: string): string;
}

/**
 * The request that tells a job's end, signed with each secret: https://github.com/standard-webhooks/standard-webhooks
 *
 * @param secrets `whsec_…`, the newest first
 * @param now time of this try in milliseconds: receivers refuse what was signed minutes ago
 */
export function webhookRequest(signer: WebhookSigner, secrets: readonly string[], job: JobRecord, now: number): WebhookRequest {
  const body = JSON.stringify({ type: `job.${job.state.toLowerCase()}`, timestamp: job.endedAt, data: jobEndedOf(job) });
  // Without a full stop, which separates what is signed.
  const id = `job_${signer.hash(idempotencyKeyOf(job)).slice(0, 40)}`;
  const timestamp = String(Math.floor(now / 1000));
  const signed = secrets.map((secret) => `v1,${signer.hmac(secret.replace(/^whsec_/, ""), `${id}.${timestamp}.${body}`)}`);
  const headers = {
    "content-type": "application/json",
    "user-agent": "sagemaker-async-inference",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signed.join(" "),
  };
  return { headers, body };
}

/**
 * Judges a try. Any answer but 2xx is a failure that may pass, a redirect among them, which is not followed; 410 says that nobody
 * wants the webhook any more.
 *
 * @param tries how often it was tried, this one included
 * @param ageSeconds time since the end was put into the webhook's queue
 * @param now milliseconds, for a `Retry-After` that is a date
 * @param random from 0 up to 1
 */
export function judgeWebhook(
  answer: WebhookAnswer,
  { tries, ageSeconds, now, random }: { tries: number; ageSeconds: number; now: number; random: number },
): WebhookVerdict {
  if ("status" in answer && answer.status >= 200 && answer.status < 300) return { verdict: "delivered" };
  const error = "problem" in answer ? answer.problem : `the receiver answered ${answer.status}${sinceOf(answer)}`;
  if ("status" in answer && answer.status === 410) return { verdict: "lost", error };
  if (ageSeconds >= webhookLifeSeconds) return { verdict: "lost", error };
  const own = webhookPausesSeconds[Math.min(tries, webhookPausesSeconds.length) - 1] ?? longestPauseSeconds;
  const asked = "status" in answer ? secondsOf(answer.retryAfter, now) : 0;
  const pause = Math.min(Math.max(own, asked), longestPauseSeconds);
  return { verdict: "again", afterSeconds: Math.ceil(pause * (1 + jitterShare * random)), error };
}

function sinceOf({ since }: { since?: string }): string {
  return since === undefined ? "" : ` at ${since}, and is not asked again within an hour`;
}

/** Seconds of a `Retry-After`, which is a number or a date; 0 for none, and for what is neither. */
function secondsOf(retryAfter: string | undefined, now: number): number {
  if (retryAfter === undefined) return 0;
  const seconds = /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - now) / 1000;
  return seconds > 0 ? seconds : 0;
}

/** What is kept of an end that no receiver took: a message of the dead-letter queue. */
export interface WebhookLetter {
  webhook: {
    /** ARN of the webhook's queue, to which it is put back. */
    queueArn: string;
    /** How often it was tried. */
    tries: number;
    /** Why the last try failed. */
    error: string;
  };
  /** The job event as the topic carried it. */
  event: string;
}
