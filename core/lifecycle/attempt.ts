import { endAttempt } from "./end";
import { attributesWith } from "../tracing/traceContext";
import { isoTime } from "../records/isoTime";
import { codedError, codedOf, thrown, type CodedError } from "../records/errors";
import { countedAttempts, inferenceIdOf, invokedStates, mostAttempts, type JobRecord, type JobState } from "../records/job";
import { nextLook } from "./lookTimes";
import type { Invocation, InvocationInput, InvokeOutcome, JobPorts, JobSettings } from "../ports";
import { s3Uri } from "../records/s3Uri";

/** For how long a recorded attempt counts as being called by somebody who is alive; longer than all tries of one call take. */
export const callLeaseSeconds = 120;

/** When to look again at a job that the service, or the container, refused: as long after as it has been refusing it, within these bounds. */
const refusalPauseSeconds = { least: 30, most: 600 };

/** How often a refused call is sent, and the longest pause before the second; each further one may be twice as long. */
const callTries = 6;
const firstPauseMilliseconds = 250;

/** How long a call whose outcome is unknown is given to show up as a notification before the next attempt. */
export const doubtPauseMilliseconds = 2000;

/**
 * Brings an open job, whose input is in place, as far towards SUBMITTED as can be done now. Whoever meets an open
 * job may call it, at any time and any number of times: what another caller has under way is left alone.
 *
 * @param giveUpAt milliseconds since the epoch after which no further try is started
 * @returns the record as it is afterwards; INVOKING with a `refusal` when the service did not take it
 */
export async function advance(ports: JobPorts, settings: JobSettings, job: JobRecord, giveUpAt: number): Promise<JobRecord> {
  if (job.state === "ACCEPTED") return attempt(ports, settings, job, 1, giveUpAt);
  if (job.state !== "INVOKING" || job.attempt === undefined) return job;
  if (job.refusal) return attempt(ports, settings, job, job.attempt, giveUpAt);
  const abandoned = job.dueAt !== undefined && Date.parse(job.dueAt) <= ports.clock.now();
  return abandoned && mayRunAgain(job) ? attempt(ports, settings, job, job.attempt + 1, giveUpAt) : job;
}

/** Whether a job may have another attempt although it isn't known what came of its newest. */
export function mayRunAgain(job: JobRecord): boolean {
  return job.onDoubt === "rerun" && countedAttempts(job) < job.maxAttempts;
}

/**
 * Keeps a job whose newest attempt the container refused without running the model: its next attempt is recorded, and called by the
 * sweeper after a pause, whatever `onDoubt` says. Pauses grow with the time for which the container has refused the job.
 *
 * @returns false when that is longer than a request may wait for the endpoint (`requestTtlSeconds`): then nothing is recorded
 */
export async function callLater(ports: JobPorts, settings: JobSettings, job: JobRecord, refusal: CodedError): Promise<boolean> {
  const now = ports.clock.now();
  const { attempt: newest = 0, containerRefusals: { count, since } = { count: 0, since: isoTime(now) }, requestTtlSeconds } = job;
  const refusedMilliseconds = now - Date.parse(since);
  if (refusedMilliseconds >= requestTtlSeconds * 1000 || newest >= mostAttempts) return false;
  const inferenceId = inferenceIdOf({ attempt: newest + 1, jobId: job.jobId });
  // Whoever was faster has seen to it.
  await ports.jobs.change(
    job.jobId,
    { states: invokedStates, attempt: newest },
    {
      set: {
        state: "INVOKING",
        attempt: newest + 1,
        inferenceId,
        expectedOutputLocation: expectedOutput(settings, inferenceId),
        refusal,
        containerRefusals: { count: count + 1, since },
        invokingAt: isoTime(now),
        dueAt: isoTime(now + refusalPause(refusedMilliseconds)),
      },
      remove: ["callId", "submittedAt", "outputLocation", "failureLocation"],
    },
  );
  return true;
}

/** When to call again, in milliseconds, what has been refused for so many. */
function refusalPause(refusedMilliseconds: number): number {
  const { least, most } = refusalPauseSeconds;
  return Math.min(Math.max(refusedMilliseconds, least * 1000), most * 1000);
}

/**
 * Starts the next attempt of a job whose newest attempt has given no sign in its time. Does nothing when that attempt was meanwhile
 * recorded as taken: it then has more time.
 *
 * @returns the record as it is afterwards; see {@link advance}
 */
export function runAgain(ports: JobPorts, settings: JobSettings, job: JobRecord, giveUpAt: number): Promise<JobRecord> {
  return attempt(ports, settings, job, (job.attempt ?? 0) + 1, giveUpAt);
}

/**
 * Starts the next attempt of a job whose newest attempt is known to have failed and may be repeated, even when its caller recorded it as
 * taken after `job` was read.
 *
 * @returns the record as it is afterwards; see {@link advance}
 */
export function runAfterFailure(ports: JobPorts, settings: JobSettings, job: JobRecord, giveUpAt: number): Promise<JobRecord> {
  return attempt(ports, settings, job, (job.attempt ?? 0) + 1, giveUpAt, invokedStates);
}

/** What a record says of its first attempt, for a job that is recorded as being invoked at once; then {@link callFirst} must follow. */
export function firstAttempt(ports: JobPorts, settings: JobSettings, jobId: string): Partial<JobRecord> & { callId: string } {
  return { state: "INVOKING", ...attemptOf(ports, settings, jobId, 1) };
}

/** Calls the service for a job that was just recorded with {@link firstAttempt}. */
export function callFirst(ports: JobPorts, settings: JobSettings, job: JobRecord, giveUpAt: number): Promise<JobRecord> {
  return call(ports, settings, job, 1, giveUpAt);
}

function attemptOf(ports: JobPorts, settings: JobSettings, jobId: string, attempt: number, invokingAt?: string) {
  const now = ports.clock.now();
  const inferenceId = inferenceIdOf({ attempt, jobId });
  return {
    attempt,
    inferenceId,
    callId: Buffer.from(ports.randomBytes(12)).toString("base64url"),
    expectedOutputLocation: expectedOutput(settings, inferenceId),
    invokingAt: invokingAt ?? isoTime(now),
    dueAt: isoTime(now + callLeaseSeconds * 1000),
  };
}

/** Records attempt `number`, then makes its call: a crash in between leaves a record that says so. */
async function attempt(
  ports: JobPorts,
  settings: JobSettings,
  job: JobRecord,
  number: number,
  giveUpAt: number,
  states: readonly JobState[] = [job.state],
): Promise<JobRecord> {
  // Of the first call of an attempt that was refused: what is given up is given up by its age.
  const made = attemptOf(ports, settings, job.jobId, number, job.refusal && job.invokingAt);
  const { callId } = made;
  const expected = job.attempt === undefined ? { absent: "attempt" as const } : { attempt: job.attempt };
  const invoking = await ports.jobs.change(
    job.jobId,
    { states, ...expected, ...(job.refusal ? { present: "refusal" as const } : {}) },
    {
      set: { state: "INVOKING", ...made },
      remove: ["refusal", "submittedAt", "outputLocation", "failureLocation", "turn"],
    },
  );
  const current = invoking ?? (await reread(ports, job.jobId));
  // Not ours: another caller was faster. Ours although the write "failed": the SDK sent it twice.
  if (current.callId !== callId || current.state !== "INVOKING") return current;
  return call(ports, settings, current, number, giveUpAt);
}

/** Where an attempt asks for its result. */
export function expectedOutput({ bucketName, outputPrefix }: JobSettings, inferenceId: string): string {
  return s3Uri({ bucket: bucketName, key: `${outputPrefix}${inferenceId}/result` });
}

async function call(ports: JobPorts, settings: JobSettings, job: JobRecord, number: number, giveUpAt: number): Promise<JobRecord> {
  const outcome = await invoke(ports, invocationOf(ports, job), giveUpAt).catch((error: unknown): InvokeOutcome => {
    const coded = codedOf(error);
    if (coded === undefined) throw error;
    return { kind: "refused", error: coded };
  });
  const now = ports.clock.now();
  const look = isoTime(nextLook(settings, job, now));
  const ours = { states: ["INVOKING"] as const, attempt: number };
  switch (outcome.kind) {
    case "taken": {
      const { outputLocation, failureLocation } = outcome;
      const set = { state: "SUBMITTED" as const, outputLocation, failureLocation, submittedAt: isoTime(now), dueAt: look };
      return (await ports.jobs.change(job.jobId, ours, { set, from: job })) ?? reread(ports, job.jobId);
    }
    case "refused": {
      const { error } = outcome;
      ports.log({ level: "warn", message: "invocation refused", jobId: job.jobId, inferenceId: job.inferenceId, code: error.code });
      if (!error.retryable) {
        const identity = { attempt: number, jobId: job.jobId, inferenceId: job.inferenceId as string };
        return (await endAttempt(ports, settings, identity, { state: "FAILED", error })) ?? reread(ports, job.jobId);
      }
      const pause = refusalPause(now - Date.parse(job.invokingAt as string));
      const set = { refusal: error, dueAt: isoTime(now + pause) };
      return (await ports.jobs.change(job.jobId, ours, { set })) ?? reread(ports, job.jobId);
    }
    case "unknown": {
      ports.log({
        level: "warn",
        message: "invocation in doubt",
        jobId: job.jobId,
        inferenceId: job.inferenceId,
        code: outcome.error.code,
      });
      if (mayRunAgain(job) && now + doubtPauseMilliseconds < giveUpAt) {
        await ports.clock.sleep(doubtPauseMilliseconds);
        const current = await reread(ports, job.jobId);
        const unchanged = current.state === "INVOKING" && current.attempt === number;
        return unchanged ? attempt(ports, settings, current, number + 1, giveUpAt) : current;
      }
      // Without another attempt to make, the service has until its own deadline to say what became of this one.
      const dueAt = mayRunAgain(job) ? isoTime(now) : look;
      return (await ports.jobs.change(job.jobId, ours, { set: { dueAt } })) ?? reread(ports, job.jobId);
    }
  }
}

/**
 * Calls the service until it takes the request, refuses it for good, or its answer is lost.
 *
 * @param giveUpAt milliseconds since the epoch after which no further try is started
 */
export async function invoke(
  ports: Pick<JobPorts, "clock" | "randomBytes"> & { endpoint: Pick<JobPorts["endpoint"], "invoke"> },
  invocation: Invocation,
  giveUpAt: number,
): Promise<InvokeOutcome> {
  for (let tries = 1; ; tries++) {
    const outcome = await ports.endpoint.invoke(invocation);
    if (outcome.kind !== "refused" || !outcome.error.retryable || tries === callTries) return outcome;
    // Half of each pause is random, so that callers who were refused together don't come back together.
    const chance = ports.randomBytes(4).reduce((sum, byte) => sum * 256 + byte, 0) / 2 ** 32;
    const pause = firstPauseMilliseconds * 2 ** (tries - 1) * (0.5 + chance / 2);
    if (ports.clock.now() + pause >= giveUpAt) return outcome;
    await ports.clock.sleep(pause);
  }
}

function invocationOf(ports: JobPorts, job: JobRecord): Invocation {
  return {
    endpointName: job.endpointName,
    inferenceId: job.inferenceId as string,
    input: inputOf(ports, job),
    contentType: job.contentType,
    accept: job.accept,
    customAttributes: attributesWith(job.customAttributes, job.traceContext),
    invocationTimeoutSeconds: job.invocationTimeoutSeconds,
    requestTtlSeconds: job.requestTtlSeconds,
  };
}

function inputOf(ports: JobPorts, { input, inputLocation, contentType }: JobRecord): InvocationInput {
  if (input === undefined) return { location: inputLocation };
  const place = async () => {
    try {
      await ports.objects.put(inputLocation, input, contentType);
      return inputLocation;
    } catch (error) {
      const { name, message } = error as Error;
      throw thrown(codedError("UNAVAILABLE", `The service takes no input in the call, and it can't be put to S3: ${name}: ${message}`));
    }
  };
  return { body: input, place };
}

async function reread(ports: JobPorts, jobId: string): Promise<JobRecord> {
  const job = await ports.jobs.get(jobId);
  if (!job) throw thrown(codedError("NOT_FOUND", `The record of job ${jobId} was deleted while it was being moved.`));
  return job;
}
