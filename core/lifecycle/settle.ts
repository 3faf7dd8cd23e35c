import { advance, callLater, mayRunAgain, runAfterFailure } from "./attempt";
import { announce, endAttempt } from "./end";
import { thrown, type CodedError } from "../records/errors";
import { classifyFailure, classifyFailureObject, isToldByAnswer } from "../messages/classify";
import { isTerminal, readInferenceId, type JobRecord } from "../records/job";
import type { Notification } from "../messages/notification";
import type { JobPorts, JobSettings, ObjectHead } from "../ports";
import { isoTime } from "../records/isoTime";

/**
 * Moves the job that a notification speaks of. Duplicates, late messages, and what others invoked on the same
 * endpoint or publish on the same topic change nothing.
 *
 * @param giveUpAt milliseconds since the epoch after which no further try of a new attempt is started
 * @throws a coded error, to be delivered again: the service refuses the next attempt for now
 */
export async function settle(
  ports: JobPorts,
  settings: JobSettings,
  notification: Extract<Notification, { inferenceId: string }>,
  giveUpAt: number,
): Promise<void> {
  const { inferenceId, endpointName, receivedAt, finishedAt } = notification;
  const ours = readInferenceId(inferenceId);
  if (!ours || (endpointName !== undefined && endpointName.toLowerCase() !== settings.endpointName.toLowerCase())) {
    return ignored(ports, inferenceId, "of another invoker or endpoint");
  }
  const job = await ports.jobs.get(ours.jobId);
  if (!job || job.attempt === undefined || ours.attempt > job.attempt) return ignored(ports, inferenceId, "of no job here");
  if (isTerminal(job.state)) {
    await announce(ports, job);
    return ignored(ports, inferenceId, `the job is ${job.state}`);
  }
  const attempt = { ...ours, inferenceId };
  const times = { receivedAt, finishedAt };

  if (notification.kind === "completed") {
    const { outputLocation, outputContentType } = notification;
    const head = await headOf(ports, outputLocation, inferenceId);
    // For its spans alone.
    const storedAt = job.spanId === undefined || head?.modifiedAt === undefined ? undefined : isoTime(head.modifiedAt);
    const output = { outputLocation, outputContentType, outputBytes: head?.bytes, storedAt };
    await endAttempt(ports, settings, attempt, { state: "COMPLETED", ...output, ...times });
    return;
  }

  if (ours.attempt < job.attempt) {
    // Meant for an attempt that was given up: but whoever started the newer one may have died on it.
    return refusedAgain(await advance(ports, settings, job, giveUpAt));
  }
  const { reason, isObject = false } = notification;
  const failureLocation = notification.failureLocation ?? (await failureLocationOf(ports, job));
  const { error, state, inDoubt, notRun } = isObject
    ? classifyFailureObject(reason)
    : classifyFailure(reason, isToldByAnswer(reason) ? await answerOf(ports, failureLocation) : undefined);
  const log = (message: string) => ports.log({ level: "warn", message, jobId: job.jobId, inferenceId, code: error.code });
  if (notRun) {
    log("refused by the container");
    if (await callLater(ports, settings, job, error)) return;
  }
  if (inDoubt && mayRunAgain(job)) {
    log("attempt failed, running again");
    return refusedAgain(await runAfterFailure(ports, settings, job, giveUpAt));
  }
  const end = { state, error: notRun ? refusedForLong(error, job) : error, failureLocation };
  await endAttempt(ports, settings, attempt, { ...end, ...times });
}

/** How long to wait before each further look at a record: they are over before a lost submitter matters. */
const submitterPausesMilliseconds = [100, 200, 400, 800];

/**
 * Where the failure object of a job's newest attempt is. Only whoever called the service was told, and a model that fails at once is faster
 * than the write of that.
 */
async function failureLocationOf(ports: JobPorts, job: JobRecord): Promise<string | undefined> {
  let current: JobRecord | undefined = job;
  for (const pause of submitterPausesMilliseconds) {
    if (current?.state !== "INVOKING" || current.attempt !== job.attempt || current.refusal !== undefined) break;
    await ports.clock.sleep(pause);
    current = await ports.jobs.get(job.jobId);
  }
  return current?.attempt === job.attempt ? current?.failureLocation : undefined;
}

/** At most so much of an answer is looked at: what servers say by themselves is short. */
const answerBytes = 65_536;

/** What the container answered, from the failure location; undefined when there is nothing of a server's size. */
async function answerOf(ports: JobPorts, location: string | undefined): Promise<string | undefined> {
  if (location === undefined) return undefined;
  const head = await ports.objects.head(location);
  if (head === undefined || head.bytes > answerBytes) return undefined;
  const object = await ports.objects.get(location);
  return object === undefined ? undefined : new TextDecoder().decode(object.body);
}

function refusedForLong(error: CodedError, { requestTtlSeconds }: JobRecord): CodedError {
  return { ...error, message: `The container refused the job for ${requestTtlSeconds} seconds: ${error.message}`.slice(0, 1000) };
}

/** A refused attempt stays recorded; throwing has the message delivered again, and the attempt called again. */
function refusedAgain(job: JobRecord): void {
  if (job.state === "INVOKING" && job.refusal) throw thrown(job.refusal);
}

/** The result's size and date, for the record alone: a job must not stay open because it can't be read. */
async function headOf(ports: JobPorts, location: string, inferenceId: string): Promise<ObjectHead | undefined> {
  try {
    return await ports.objects.head(location);
  } catch (error) {
    ports.log({ level: "warn", message: "result's size not known", inferenceId, reason: (error as Error).name });
    return undefined;
  }
}

function ignored(ports: JobPorts, inferenceId: string, reason: string): void {
  ports.log({ level: "info", message: "notification ignored", inferenceId, reason });
}
