import { callLeaseSeconds } from "../../core/lifecycle/attempt";
import { countedAttempts, type JobRecord } from "../../core/records/job";
import { inputSeconds } from "../../core/lifecycle/lookAfter";
import { deadlineOf } from "../../core/lifecycle/lookTimes";
import { placingSeconds } from "../../core/lifecycle/submit";
import { explained } from "./explained";
import { explainObject } from "./objects";
import { explainQueued } from "./queued";
import { isoTime } from "../../core/records/isoTime";
import { count, duration, later, quoted } from "./text";
import type { Explanation, Facts } from "./types";

/** Explains a job whose record says that it has not ended. */
export function explainOpen(facts: Facts, record: JobRecord): Explanation {
  const byObject = explainObject(facts, record);
  if (byObject) return byObject;
  if (record.state === "ACCEPTED") return accepted(facts, record);
  if (record.state === "INVOKING") return record.refusal === undefined ? invoking(facts, record) : refused(facts, record, record.refusal);
  const { requestTtlSeconds, submittedAt = record.createdAt } = record;
  const expiresAt = later(submittedAt, requestTtlSeconds);
  return explainQueued(facts, {
    state: record.state,
    submittedAt,
    expiresAt,
    decidedAt: isoTime(deadlineOf(record)),
    record,
  });
}

const submitAgain = "Submit again with the same jobId and input: that goes on where the job stopped, and never runs it twice.";

function accepted(facts: Facts, record: JobRecord): Explanation {
  const { state, createdAt, dueAt, inputLocation } = record;
  const placed = record.input !== undefined || (facts.input !== undefined && facts.input !== "missing");
  const { heldSince } = facts;
  if (placed && heldSince !== undefined) {
    return explained(facts, {
      state,
      situation: "held-for-scale-in",
      summary: "The job is recorded and held while the endpoint gives instances back.",
      why: `More instances run than are needed. Since ${heldSince} new jobs are held, so that the fleet gets empty and no running job is hit when it shrinks (drain).`,
      since: createdAt,
      next: "When the fleet has shrunk, or does not get empty within idleSeconds, the sweeper hands the job to the endpoint.",
      whatYouCanDo: ["Set drain: false where new jobs must not wait for that; instances then stay until nothing is open."],
    });
  }
  if (record.turn !== undefined) return waitsForPriority(facts, record);
  const isLate = !placed && facts.now > Date.parse(createdAt) + placingSeconds * 1000;
  const abandoned = isLate || (dueAt !== undefined && Date.parse(dueAt) <= facts.now);
  return explained(facts, {
    state,
    situation: "accepted",
    summary: "The job is recorded and was not handed to the endpoint yet.",
    why: abandoned
      ? `It was accepted ${duration((facts.now - Date.parse(createdAt)) / 1000)} ago, and ${
          placed ? "its input is in place, but the endpoint was not called" : "its input is not in place"
        }: whoever submitted it has died, or is very slow.`
      : placed
        ? "The input is in place; the endpoint is called next."
        : `The input is on its way to ${inputLocation}.`,
    since: createdAt,
    next: abandoned
      ? placed
        ? "The sweeper, which looks at due jobs every minute, hands the job to the endpoint."
        : `The sweeper looks for the input every five minutes, and hands the job to the endpoint once it is there. At ${later(createdAt, inputSeconds)} it fails the job as NOT_FOUND.`
      : `The endpoint is called. If the submitter has died, the sweeper takes over at ${dueAt ?? "a later time"}.`,
    nextAt: dueAt,
    whatYouCanDo: [submitAgain],
  });
}

/** Counts are as old as the sweep; the line is as it is now. */
function waitsForPriority(facts: Facts, { state, createdAt }: JobRecord): Explanation {
  const { line } = facts;
  const { room } = line ?? {};
  const bound =
    room === undefined
      ? "As many jobs are invoked as low ones wait behind (lowPriorityBacklog)."
      : `When this was counted last, ${count(room.backlog - room.free, "job")} were invoked and had not ended, where low ones wait from ${room.backlog} on (lowPriorityBacklog).`;
  const before =
    line === undefined
      ? "How many low jobs are before it could not be read."
      : `${line.orMore ? "At least " : ""}${count(line.before, "low job")} ${line.before === 1 ? "is" : "are"} before it.`;
  return explained(facts, {
    state,
    situation: "held-for-priority",
    summary: "The job is recorded and waits for its priority, which is low.",
    why: `${bound} ${before}`,
    since: createdAt,
    next: "The end of a low job, or the sweeper once a minute, hands over those whose turn it is, for as long as there is room.",
    whatYouCanDo: [
      "Submit what must not wait without priority, under a new jobId.",
      "Raise lowPriorityBacklog if the fleet is not busy, or maxCapacity if all of it is.",
    ],
  });
}

function invoking(facts: Facts, record: JobRecord): Explanation {
  const { state, invokingAt = record.createdAt, dueAt, maxAttempts, onDoubt } = record;
  const attempt = Math.max(1, countedAttempts(record));
  const due = dueAt ?? later(invokingAt, callLeaseSeconds);
  const isDue = Date.parse(due) <= facts.now;
  // Longer than the lease is only a job whose call has ended without an answer.
  const unanswered = (Date.parse(due) - Date.parse(invokingAt)) / 1000 > callLeaseSeconds;
  if (!isDue && !unanswered) {
    return explained(facts, {
      state,
      situation: "invoking",
      summary: "The endpoint is being called for this job.",
      why: `Attempt ${attempt} of at most ${maxAttempts} was recorded, and InvokeEndpointAsync has not answered yet.`,
      since: invokingAt,
      next: "The answer is recorded within seconds. If the caller has died, the sweeper takes over when its lease ends.",
      nextAt: due,
    });
  }
  const rerun = onDoubt === "rerun" && attempt < maxAttempts;
  return explained(facts, {
    state,
    situation: "in-doubt",
    summary: "It is not known whether the endpoint took the request.",
    why: `Attempt ${attempt} of at most ${maxAttempts} was called and its answer was lost. SageMaker neither lists requests nor recognizes one that is sent twice.`,
    since: invokingAt,
    next: rerun
      ? "The sweeper starts the next attempt, unless a result or a notification of this one comes first."
      : onDoubt === "wait"
        ? "The job waits for a result or a notification, since onDoubt is wait. If none comes, it ends as FAILED with IN_DOUBT."
        : "It was the last attempt: the job waits for a result or a notification. If none comes, it ends as FAILED with IN_DOUBT.",
    nextAt: due,
    whatYouCanDo: rerun
      ? [submitAgain]
      : [
          `Look whether a result is at ${record.expectedOutputLocation ?? "the output location"}.`,
          "Set onDoubt: rerun for models that may run twice, or raise maxAttempts.",
        ],
  });
}

function refused(facts: Facts, record: JobRecord, refusal: NonNullable<JobRecord["refusal"]>): Explanation {
  const { state, invokingAt = record.createdAt, dueAt, maxAttempts } = record;
  const attempt = Math.max(1, countedAttempts(record));
  const common = { state, since: invokingAt, nextAt: dueAt };
  const next = "The same attempt is sent again by the sweeper, or at once by whoever submits the job again.";
  const { endpoint } = facts;
  if (endpoint === "missing") {
    return explained(facts, {
      ...common,
      situation: "endpoint-missing",
      summary: "The job is kept, but its endpoint does not exist.",
      why: `SageMaker refused the request: ${quoted(refusal.message)}. There is no endpoint ${facts.endpointName} in this region.`,
      next,
      whatYouCanDo: ["Deploy the endpoint (pulumi up): the job is then sent by itself.", "Cancel the job if it is no longer wanted."],
    });
  }
  if (endpoint?.status === "Failed") {
    return explained(facts, {
      ...common,
      situation: "endpoint-failed",
      summary: "The job is kept, but its endpoint has failed.",
      why: `SageMaker refused the request: ${quoted(refusal.message)}. The endpoint says: ${quoted(endpoint.failureReason ?? "no reason")}.`,
      next,
      whatYouCanDo: ["Mend what the endpoint says and deploy it again (pulumi up): the job is then sent by itself."],
    });
  }
  // An attempt that was recorded, and has not been called: it was the one before that came as far as the container.
  if (record.callId === undefined) {
    return explained(facts, {
      ...common,
      situation: "refused-retrying",
      summary: "The container refused the request for now. The job is kept and tried again.",
      why: `The server in the container refused ${count(record.containerRefusals?.count ?? 1, "attempt")} (${refusal.code}): ${quoted(refusal.message)}. Nothing of it runs, and such attempts don't count towards the ${maxAttempts} that the job may have.`,
      next: "The sweeper sends the next attempt, or whoever submits the job again does at once.",
      whatYouCanDo: [refusal.advice],
    });
  }
  return explained(facts, {
    ...common,
    situation: "refused-retrying",
    summary: "The endpoint refused the request for now. The job is kept and tried again.",
    why: `Attempt ${attempt} of at most ${maxAttempts} was refused (${refusal.code}): ${quoted(refusal.message)}. Nothing of it runs.`,
    next,
    whatYouCanDo: [refusal.advice],
  });
}
