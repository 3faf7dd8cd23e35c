import { advance, expectedOutput, mayRunAgain, runAgain } from "./attempt";
import { announce, asRead, endJob, type JobEnd } from "./end";
import { isoTime } from "../records/isoTime";
import { codedError, type CodedError } from "../records/errors";
import { inferenceIdOf, isTerminal, type JobRecord } from "../records/job";
import { deadlineOf, marginSeconds, nextLook } from "./lookTimes";
import type { Notification } from "../messages/notification";
import { wait } from "./priority";
import type { JobPorts, JobSettings, LowQueue } from "../ports";
import { settle } from "./settle";
import { readS3Uri, s3Uri } from "../records/s3Uri";

/** What looking after a job needs to know of the service. */
export interface LookSettings extends JobSettings {
  inputPrefix: string;
  /** What it was before: jobs are kept whose inputs came there. */
  formerInputPrefixes?: readonly string[];
}

/** What looking after a job takes. */
export interface LookPorts extends JobPorts {
  /** Only where the service has priorities. */
  low?: LowQueue | undefined;
}

/** How long a job's input may take to come: time for 1 GB over a slow line. */
export const inputSeconds = 3600;

/** When to look again for an input that is not there yet. */
const inputPauseSeconds = 300;

/** An object older than its job by this much belongs to an earlier job of the same id, whose record is kept for a day at least. */
const earlierJobSeconds = 43_200;

/** At how many attempts, the newest first, the sweeper looks. */
const attemptsLookedAt = 10;

/**
 * Does for a job, as it was just read, what is due: announces its end, ends it by what its attempts left behind or by its
 * deadline, starts what a crash left undone. Whoever else moves the job at the same time is not disturbed.
 *
 * No call of the service is tried twice here: the next look does that.
 */
export async function lookAfter(ports: LookPorts, settings: LookSettings, job: JobRecord): Promise<void> {
  if (isTerminal(job.state)) return void (await announce(ports, job));
  const now = ports.clock.now();
  // Somebody moved it since the index was read.
  if (job.dueAt === undefined || Date.parse(job.dueAt) > now) return;
  if (job.state === "ACCEPTED") return lookForInput(ports, settings, job, now);

  const end = await findEnd(ports, settings, job);
  if (end) return settle(ports, settings, end, now);
  if (job.refusal) return callAgain(ports, settings, job, job.refusal, now);
  if (now >= deadlineOf(job)) return giveUp(ports, settings, job, now);
  // Its caller recorded the attempt and was not heard of again.
  if (job.state === "INVOKING" && mayRunAgain(job)) return void (await advance(ports, settings, job, now));
  await lookAgain(ports, job, nextLook(settings, job, now));
}

/** Postpones the next look at a job that is as it was read. */
export async function lookAgain(ports: Pick<JobPorts, "jobs">, job: JobRecord, at: number): Promise<void> {
  await ports.jobs.change(job.jobId, asRead(job), { set: { dueAt: isoTime(at) } });
}

/** An accepted job goes on once its input is there, and fails when it never came. */
async function lookForInput(ports: LookPorts, settings: LookSettings, job: JobRecord, now: number): Promise<void> {
  if (await hasInput(ports, settings, job)) {
    const { low } = ports;
    // Whoever accepted or admitted it has died on it.
    const next = low !== undefined && job.priority === "low" ? wait({ ...ports, low }, settings, job) : advance(ports, settings, job, now);
    return void (await next);
  }
  if (now < Date.parse(job.createdAt) + inputSeconds * 1000) return lookAgain(ports, job, now + inputPauseSeconds * 1000);
  const error = codedError(
    "NOT_FOUND",
    `The input never arrived at ${job.inputLocation}: the process that submitted the job was interrupted.`,
    {
      field: "input",
      advice: "Submit it again as a new job.",
    },
  );
  await endJob(ports, settings, job.jobId, asRead(job), { state: "FAILED", error });
}

/** Whether the job's own input is there: not one that an earlier job of the same id has left. */
async function hasInput(ports: JobPorts, settings: LookSettings, job: JobRecord): Promise<boolean> {
  const { input, inputLocation, inputHash } = job;
  if (input !== undefined) return true;
  // What a caller put elsewhere was there before the job was.
  const prefixes = [settings.inputPrefix, ...(settings.formerInputPrefixes ?? [])];
  if (!prefixes.some((key) => inputLocation.startsWith(s3Uri({ bucket: settings.bucketName, key })))) return true;
  const head = await ports.objects.head(inputLocation);
  if (!head) return false;
  return isOfThisJob(head, job) || ports.hash(`${inputLocation}\n${head.eTag}`) === inputHash;
}

function isOfThisJob({ modifiedAt }: { modifiedAt?: number }, job: JobRecord): boolean {
  return modifiedAt === undefined || modifiedAt >= Date.parse(job.createdAt) - earlierJobSeconds * 1000;
}

/** What the job's attempts left behind, as the notification that did not arrive would have reported it. */
async function findEnd(
  ports: JobPorts,
  settings: JobSettings,
  job: JobRecord,
): Promise<Extract<Notification, { inferenceId: string }> | undefined> {
  const newest = job.attempt ?? 0;
  for (let attempt = newest; attempt > Math.max(0, newest - attemptsLookedAt); attempt--) {
    const inferenceId = inferenceIdOf({ attempt, jobId: job.jobId });
    // As it was asked for: the prefix may be another one since.
    const asked = attempt === newest ? job.expectedOutputLocation : undefined;
    const expected = asked ?? expectedOutput(settings, inferenceId);
    const told = attempt === newest ? job.outputLocation : undefined;
    for (const outputLocation of new Set([told ?? expected, expected])) {
      const head = await ports.objects.head(outputLocation);
      if (!head || !isOfThisJob(head, job)) continue;
      const { contentType: outputContentType, modifiedAt } = head;
      return {
        kind: "completed",
        inferenceId,
        outputLocation,
        outputContentType,
        finishedAt: modifiedAt === undefined ? undefined : isoTime(modifiedAt),
      };
    }
  }
  const { failureLocation, inferenceId } = job;
  if (failureLocation === undefined || inferenceId === undefined || readS3Uri(failureLocation) === undefined) return undefined;
  const failure = await ports.objects.get(failureLocation);
  if (!failure) return undefined;
  const reason = new TextDecoder().decode(failure.body.subarray(0, 4096));
  return { kind: "failed", inferenceId, failureLocation, reason, isObject: true };
}

/** Calls the service again that refused an attempt, until the request would have expired in its queue. */
async function callAgain(ports: JobPorts, settings: JobSettings, job: JobRecord, refusal: CodedError, now: number): Promise<void> {
  const { requestTtlSeconds, invokingAt } = job;
  if (now < Date.parse(invokingAt ?? job.createdAt) + (requestTtlSeconds + marginSeconds) * 1000) {
    return void (await advance(ports, settings, job, now));
  }
  const message = `The endpoint took no request for ${requestTtlSeconds} seconds: ${refusal.message}`;
  const error = codedError("EXPIRED", message, { advice: refusal.advice });
  await endJob(ports, settings, job.jobId, asRead(job), { state: "EXPIRED", error });
}

/** Nothing came of the newest attempt while the service could do anything for it: another one, or the end. */
async function giveUp(ports: JobPorts, settings: JobSettings, job: JobRecord, now: number): Promise<void> {
  if (mayRunAgain(job)) return void (await runAgain(ports, settings, job, now));
  const waited = `within ${job.requestTtlSeconds} seconds in the queue and ${job.invocationTimeoutSeconds} in the model`;
  const inDoubt = `Neither a result nor a failure came ${waited}: whether the model ran can't be known.`;
  const end: JobEnd =
    job.onDoubt === "wait"
      ? { state: "FAILED", error: codedError("IN_DOUBT", inDoubt) }
      : { state: "EXPIRED", error: codedError("EXPIRED", `Nothing came of the last of ${job.attempt} attempts ${waited}.`) };
  await endJob(ports, settings, job.jobId, asRead(job), end);
}
