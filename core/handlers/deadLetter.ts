import { isoTime } from "../records/isoTime";
import { readS3Event } from "../lifecycle/inbox";
import { readInferenceId, type JobRecord, type JobState } from "../records/job";
import { readJobEvent } from "../records/jobEvent";
import { readNotification } from "../messages/notification";
import { effectInDoubt, type OnceMarks } from "./once";
import type { WebhookLetter } from "./webhook";
import type { Clock } from "../ports";

/** What a dead letter was about. */
export type Cargo =
  | { what: "notification"; inferenceId: string; jobId?: string }
  | { what: "jobEvent"; jobId: string; state: string }
  | { what: "upload"; keys: string[] }
  | { what: "request"; jobId?: string }
  | { what: "unknown" };

/** A message of the dead-letter queue. */
export type DeadLetter =
  /** What a topic could not hand to a function. */
  | { kind: "delivery"; topicArn: string; subscriptionArn: string; event: unknown; cargo: Cargo }
  /** A job event that the topic could not hand to a consumer queue. It comes raw and does not say to which. */
  | { kind: "queueDelivery"; body: string; job: JobRecord; cargo: Cargo }
  /** A job event that a webhook's receiver did not take. */
  | { kind: "webhook"; queueArn: string; body: string; job: JobRecord; cargo: Cargo; tries: number; error: string }
  /** What a function failed at each time that Lambda tried. */
  | { kind: "execution"; functionArn: string; event: unknown; cargo: Cargo; tries: number; error: string }
  /** The same of a handler that left an effect in doubt. */
  | {
      kind: "inDoubt";
      functionArn: string;
      event: unknown;
      cargo: Cargo;
      tries: number;
      error: string;
      effect: { key: string; owner: string };
    }
  | { kind: "malformed"; problem: string };

/**
 * Reads the body of a message of the dead-letter queue. Never throws.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html,
 * https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
 */
export function readDeadLetter(body: string): DeadLetter {
  const letter = parsed(body);
  if (letter === undefined) return { kind: "malformed", problem: "not a JSON object" };
  if ("requestContext" in letter) return readExecution(letter);
  if (letter["Type"] === "Notification") return readDelivery(letter);
  if ("webhook" in letter) return readWebhook(letter);
  const ended = readJobEvent(body);
  if (ended.kind === "ended") return { kind: "queueDelivery", body, job: ended.job, cargo: cargoOfEnd(ended.job) };
  return { kind: "malformed", problem: "neither SNS's envelope, nor Lambda's record, nor a job event" };
}

function readExecution(letter: Record<string, unknown>): DeadLetter {
  const context = (letter["requestContext"] ?? {}) as { functionArn?: unknown; condition?: unknown; approximateInvokeCount?: unknown };
  if (typeof context.functionArn !== "string") return { kind: "malformed", problem: "no functionArn" };
  const event = letter["requestPayload"];
  const { errorType, errorMessage } = (letter["responsePayload"] ?? {}) as { errorType?: unknown; errorMessage?: unknown };
  const words = [errorType, errorMessage].filter((word): word is string => typeof word === "string" && word !== "");
  const error = words.length > 0 ? words.join(": ") : String(context.condition);
  const tries = typeof context.approximateInvokeCount === "number" ? context.approximateInvokeCount : 0;
  // An invocation's own qualifier is no part of the function that it is sent to again.
  const functionArn = context.functionArn.replace(/:\$LATEST$/, "");
  const execution = { functionArn, event, cargo: cargoOf(event), tries, error };
  const effect = effectInDoubt(error);
  return effect === undefined ? { kind: "execution", ...execution } : { kind: "inDoubt", ...execution, effect };
}

function readWebhook({ webhook, event: body }: Partial<WebhookLetter>): DeadLetter {
  const { queueArn, tries, error }: Partial<WebhookLetter["webhook"]> = webhook ?? {};
  const ended = readJobEvent(String(body));
  if (ended.kind === "malformed" || typeof queueArn !== "string") return { kind: "malformed", problem: "no queueArn or no job event" };
  const { job } = ended;
  return { kind: "webhook", queueArn, body: String(body), job, cargo: cargoOfEnd(job), tries: Number(tries), error: String(error) };
}

function readDelivery(letter: Record<string, unknown>): DeadLetter {
  const { TopicArn: topicArn, UnsubscribeURL: url, Message: message } = letter;
  const subscriptionArn = /[?&]SubscriptionArn=([^&]+)/.exec(String(url))?.[1];
  if (typeof topicArn !== "string" || subscriptionArn === undefined || typeof message !== "string") {
    return { kind: "malformed", problem: "no TopicArn, Message or SubscriptionArn" };
  }
  const { SigningCertURL: SigningCertUrl, UnsubscribeURL: UnsubscribeUrl, Subject = null, MessageAttributes = {}, ...common } = letter;
  const arn = decodeURIComponent(subscriptionArn);
  // As SNS would have handed it to the function.
  const Sns = { ...common, SigningCertUrl, UnsubscribeUrl, Subject, MessageAttributes };
  const event = { Records: [{ EventSource: "aws:sns", EventVersion: "1.0", EventSubscriptionArn: arn, Sns }] };
  return { kind: "delivery", topicArn, subscriptionArn: arn, event, cargo: cargoOf(event) };
}

/** What an event of one of our functions is about. */
function cargoOf(event: unknown): Cargo {
  const records = (event as { Records?: unknown } | null)?.Records;
  if (!Array.isArray(records)) {
    const { jobId } = (event ?? {}) as { jobId?: unknown };
    return typeof event === "object" && event !== null
      ? { what: "request", ...(typeof jobId === "string" ? { jobId } : {}) }
      : { what: "unknown" };
  }
  const message = (records[0] as { Sns?: { Message?: unknown } } | undefined)?.Sns?.Message;
  if (typeof message !== "string") {
    const uploads = readS3Event(event);
    return uploads.kind === "uploads" && uploads.uploads.length > 0
      ? { what: "upload", keys: uploads.uploads.map(({ key }) => key) }
      : { what: "unknown" };
  }
  const ended = readJobEvent(message);
  if (ended.kind === "ended") return cargoOfEnd(ended.job);
  const notification = readNotification(message);
  if (!("inferenceId" in notification)) return { what: "unknown" };
  const { inferenceId } = notification;
  const jobId = readInferenceId(inferenceId)?.jobId;
  return { what: "notification", inferenceId, ...(jobId === undefined ? {} : { jobId }) };
}

function cargoOfEnd({ jobId, state }: JobRecord): Cargo {
  return { what: "jobEvent", jobId, state };
}

function parsed(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** What putting a dead letter back takes. */
export interface RedrivePorts {
  /** Lambda's asynchronous invocation: with its two tries more, and the dead-letter queue after them. */
  invoke(functionArn: string, event: unknown): Promise<void>;
  /** ARN of the function that a subscription hands its messages to; undefined when it is gone, or is no function's. */
  subscriber(subscriptionArn: string): Promise<string | undefined>;
  /** ARNs of the queues that the jobs topic hands ends of this state to. */
  followers(state: JobState): Promise<string[]>;
  /** Puts a job event into a queue as the jobs topic does. @returns whether there is such a queue */
  send(queueArn: string, body: string, job: JobRecord): Promise<boolean>;
  marks: Pick<OnceMarks, "finish" | "forget">;
  clock: Clock;
}

/** How to {@link redrive}. */
export interface RedriveOptions {
  /** Whether to say what would be done, and do nothing. @default false */
  dryRun?: boolean;
  /**
   * What somebody found out about an effect in doubt: that it is `done`, or has to be run `again`. @default neither, and the
   * letter stays where it is
   */
  inDoubt?: "done" | "again";
}

/** What became of a dead letter. */
export interface Redriven {
  /** `redriven`: its message can be deleted. `wouldRedrive`: the same without `dryRun`. `kept`: it has to stay. */
  action: "redriven" | "wouldRedrive" | "kept";
  /** What it was and what was done, or would be, in one sentence. */
  text: string;
}

/**
 * Puts a dead letter back: hands its event to the function again that it was meant for, and so through the same core as the
 * first time. Done twice it does no harm, as nothing does that is delivered twice here.
 *
 * @throws what Lambda, SNS or the table answer; the letter then has to stay
 */
export async function redrive(
  ports: RedrivePorts,
  letter: DeadLetter,
  { dryRun = false, inDoubt }: RedriveOptions = {},
): Promise<Redriven> {
  if (letter.kind === "malformed") return { action: "kept", text: `Not one of ours (${letter.problem}): kept.` };
  if (letter.kind === "queueDelivery") return redriveToQueues(ports, letter, dryRun);
  const about = `${described(letter.cargo)}${"error" in letter ? `, failed ${timesOf(letter.tries)} with "${letter.error.slice(0, 300)}"` : ""}`;
  if (letter.kind === "webhook") return redriveToWebhook(ports, letter, about, dryRun);
  const functionArn = letter.kind === "delivery" ? await ports.subscriber(letter.subscriptionArn) : letter.functionArn;
  if (functionArn === undefined) return { action: "kept", text: `${about}: its subscription is gone; kept.` };
  const name = functionArn.split(":")[6] ?? functionArn;
  if (letter.kind === "inDoubt") {
    if (inDoubt === undefined) return { action: "kept", text: `${about}: kept until somebody says whether the effect is done.` };
    if (!dryRun) {
      // Only of the run that the letter tells of: another letter of the same effect may have been put back before.
      const { key, owner } = letter.effect;
      if (inDoubt === "done") await ports.marks.finish(key, isoTime(ports.clock.now()), owner);
      else await ports.marks.forget(key, owner);
    }
  }
  if (!dryRun) await ports.invoke(functionArn, letter.event);
  return sentTo(name, about, dryRun);
}

/** Only the webhook that failed gets it, with all its tries again. */
async function redriveToWebhook(
  ports: RedrivePorts,
  { queueArn, body, job }: Extract<DeadLetter, { kind: "webhook" }>,
  about: string,
  dryRun: boolean,
): Promise<Redriven> {
  const name = queueArn.split(":").at(-1) ?? queueArn;
  if (!dryRun && !(await ports.send(queueArn, body, job))) return { action: "kept", text: `${about}: its webhook ${name} is gone; kept.` };
  return sentTo(name, about, dryRun);
}

/** Each queue that follows such ends gets it: one that has had it gets it twice, which every consumer has to stand anyway. */
async function redriveToQueues(
  ports: RedrivePorts,
  { body, job, cargo }: Extract<DeadLetter, { kind: "queueDelivery" }>,
  dryRun: boolean,
): Promise<Redriven> {
  const queueArns: string[] = [];
  for (const queueArn of await ports.followers(job.state)) if (dryRun || (await ports.send(queueArn, body, job))) queueArns.push(queueArn);
  if (queueArns.length === 0) return { action: "kept", text: `${described(cargo)}: no queue follows such ends; kept.` };
  const names = queueArns.map((queueArn) => queueArn.split(":").at(-1)).join(", ");
  return sentTo(names, described(cargo), dryRun);
}

function sentTo(names: string, about: string, dryRun: boolean): Redriven {
  return dryRun
    ? { action: "wouldRedrive", text: `${about}: would be sent to ${names} again.` }
    : { action: "redriven", text: `${about}: sent to ${names} again.` };
}

function timesOf(tries: number): string {
  return tries === 1 ? "once" : `${tries} times`;
}

function described(cargo: Cargo): string {
  switch (cargo.what) {
    case "notification":
      return `SageMaker's notification of ${cargo.inferenceId}`;
    case "jobEvent":
      return `The end of job ${cargo.jobId} (${cargo.state})`;
    case "upload":
      return `Upload of ${cargo.keys.join(", ")}`;
    case "request":
      return cargo.jobId === undefined ? "A request" : `Request of job ${cargo.jobId}`;
    case "unknown":
      return "An event of unknown content";
  }
}
