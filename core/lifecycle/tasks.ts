import { isTerminal, type JobRecord, openStates } from "../records/job";
import { codedError, thrown, type CodedError } from "../records/errors";
import { timingsOf } from "../records/job";
import { present } from "../present";
import type { JobPorts, Tasks } from "../ports";

/** Most tasks that wait for one job; a job that more wait for has an id that is given too often. */
export const mostTaskTokens = 10;

/** Largest cause of a task's failure, in characters. https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskFailure.html */
const causeCharacters = 32_768;

/** How long the sweeper lets a job be, at most, that a task waits for: several heartbeats in the task's time. */
export const taskLookSeconds = 300;

/** What a task gets for a job that completed. */
export function taskOutput(job: JobRecord): object {
  const { jobId, state, outputLocation, outputContentType, outputBytes, metadata } = job;
  return present({ jobId, state, outputLocation, outputContentType, outputBytes, metadata, timings: timingsOf(job) });
}

/** Error and cause of a task whose job ended without a result, or never became one: the error's code, and JSON that says more. */
export function taskFailure(error: CodedError, job?: JobRecord): { error: string; cause: string } {
  const { jobId, state, failureLocation } = job ?? {};
  const cause = JSON.stringify(present({ jobId, state, error, failureLocation }));
  if (cause.length <= causeCharacters) return { error: error.code, cause };
  const message = error.message.slice(0, Math.max(0, error.message.length - 2 * (cause.length - causeCharacters)));
  return {
    error: error.code,
    cause: JSON.stringify(present({ jobId, state, error: { ...error, message }, failureLocation })).slice(0, causeCharacters),
  };
}

/** Answers every task that waits for a job which has ended. A task that was answered, or does not wait any more, is none to mind. */
export async function answerTasks(tasks: Tasks, job: JobRecord): Promise<void> {
  for (const token of job.taskTokens ?? []) await answerTask(tasks, token, job);
}

async function answerTask(tasks: Tasks, token: string, job: JobRecord): Promise<void> {
  if (job.state === "COMPLETED") return tasks.succeed(token, taskOutput(job));
  return tasks.fail(token, taskFailure(job.error ?? codedError("INTERNAL", `Job ${job.jobId} is ${job.state} and has no error.`), job));
}

/**
 * Has a task wait for a job that another request made, or an earlier try of the same; answers it when the job has ended.
 *
 * @returns the job as it is then
 * @throws a coded error: `CONFLICT` when too many tasks wait for it
 */
export async function joinTask(ports: Pick<JobPorts, "jobs"> & { tasks: Tasks }, given: JobRecord, token: string): Promise<JobRecord> {
  for (let job: JobRecord | undefined = given; job !== undefined; job = await ports.jobs.get(job.jobId)) {
    if (isTerminal(job.state)) {
      await answerTask(ports.tasks, token, job);
      return job;
    }
    const { taskTokens = [], jobId } = job;
    if (taskTokens.includes(token)) return job;
    if (taskTokens.length >= mostTaskTokens) {
      throw thrown(codedError("CONFLICT", `jobId: ${mostTaskTokens} tasks wait for job ${jobId} already`, { field: "jobId" }));
    }
    // Two tasks at once: who comes second sees the first.
    const changed = await ports.jobs.change(
      jobId,
      { states: openStates, taskTokens: taskTokens.length },
      { set: { taskTokens: [...taskTokens, token] } },
    );
    if (changed) return changed;
  }
  throw thrown(codedError("UNAVAILABLE", `The record of job ${given.jobId} was deleted while it was being read.`));
}

/** Tells the tasks that wait for an open job that it lives. */
export async function beat(tasks: Tasks | undefined, job: JobRecord): Promise<void> {
  if (tasks === undefined || isTerminal(job.state)) return;
  for (const token of job.taskTokens ?? []) await tasks.beat(token);
}
