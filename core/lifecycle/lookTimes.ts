import type { JobRecord } from "../records/job";
import { taskLookSeconds } from "./tasks";

/**
 * How long past the last moment at which the service can end an attempt it still counts as under way: a quarter of an
 * hour by which the clocks of the process that recorded it and of the one that looks may differ, and some minutes
 * for late objects and messages.
 */
export const marginSeconds = 1200;

/**
 * When to look for an attempt's objects although no notification came: as many seconds after the last look as the attempt
 * is old, within these bounds. So a lost notification makes a job at most twice as late, or half an hour, and 100,000 open
 * jobs take some 60 looks per second.
 */
const lookSeconds = { share: 1, least: 300, most: 1800 };

/** The same where nothing but looking ends a job. The sweeper comes once a minute. */
const lookSecondsWithoutNotifications = { share: 0.25, least: 60, most: 300 };

/** Milliseconds since the epoch after which the service can't do anything for the newest attempt any more. */
export function deadlineOf(job: JobRecord): number {
  return startOf(job) + openSeconds(job) * 1000;
}

/** How long an attempt of which nothing is heard counts as under way. */
export function openSeconds(job: Pick<JobRecord, "requestTtlSeconds" | "invocationTimeoutSeconds">): number {
  return job.requestTtlSeconds + job.invocationTimeoutSeconds + marginSeconds;
}

/** When, in milliseconds since the epoch, to look for the newest attempt's objects next; the last time at its deadline. */
export function nextLook({ notificationsEnabled }: { notificationsEnabled: boolean }, job: JobRecord, now: number): number {
  const { share, least, most } = notificationsEnabled ? lookSeconds : lookSecondsWithoutNotifications;
  const longest = job.taskTokens === undefined ? most : Math.min(most, taskLookSeconds);
  const gap = Math.min(Math.max((now - startOf(job)) * share, least * 1000), longest * 1000);
  const deadline = deadlineOf(job);
  return now < deadline ? Math.min(now + gap, deadline) : now + least * 1000;
}

function startOf({ submittedAt, invokingAt, createdAt }: JobRecord): number {
  return Date.parse(submittedAt ?? invokingAt ?? createdAt);
}
