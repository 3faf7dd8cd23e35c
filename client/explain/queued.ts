import { estimatePhase } from "./estimate";
import { explained } from "./explained";
import { count, duration, later, quoted } from "./text";
import { expiry, type RecordedJob, type TakenJob } from "./taken";
import { explainWaking, isConfigUpdate } from "./waking";
import type { EndpointFacts, Explanation, Facts } from "./types";

/** Explains a job that is in the service's hands: by the endpoint's state, then by what it probably does. */
export function explainQueued(facts: Facts, job: TakenJob): Explanation {
  const { endpoint } = facts;
  if (endpoint === "missing") return endpointMissing(facts, job);
  if (endpoint?.status === "Failed") return endpointFailed(facts, job, endpoint);
  if (past(facts, job.decidedAt)) return overdue(facts, job);
  if (past(facts, job.expiresAt)) return explainPastTtl(facts, job as RecordedJob, endpoint);
  if (endpoint && isConfigUpdate(endpoint)) return endpointUpdating(facts, job, endpoint);
  const estimate = estimatePhase(job.submittedAt, facts.now, endpoint, facts.metrics);
  if (facts.input === "missing" && estimate?.phase !== "running") return inputMissing(facts, job as RecordedJob);
  switch (estimate?.phase) {
    case "waking":
      return explainWaking(facts, job, endpoint as EndpointFacts);
    case "queued":
      return queuedBehindOthers(facts, job, endpoint, estimate);
    case "running":
      return running(facts, job as RecordedJob, estimate.asOf as string);
    default:
      return inProgress(facts, job);
  }
}

function past({ now }: Facts, time: string | undefined): boolean {
  return time !== undefined && Date.parse(time) <= now;
}

function endpointMissing(facts: Facts, job: TakenJob): Explanation {
  return explained(facts, {
    state: job.state,
    since: job.submittedAt,
    situation: "endpoint-missing",
    summary: "The job was handed to an endpoint that does not exist any more.",
    why: `There is no endpoint ${facts.endpointName} in this region. Requests that waited or ran when it was deleted are lost with it.`,
    next: "Nothing will run it. The record is settled when its time is over: run again by onDoubt: rerun, else FAILED.",
    nextAt: job.decidedAt,
    whatYouCanDo: ["Deploy the endpoint again (pulumi up), then submit the input under a new jobId.", "Cancel this job."],
  });
}

function endpointFailed(facts: Facts, job: TakenJob, endpoint: EndpointFacts): Explanation {
  return explained(facts, {
    state: job.state,
    situation: "endpoint-failed",
    summary: "The endpoint has failed: it has no instance, and gets none until it is deployed again.",
    why: `SageMaker says of ${facts.endpointName}: ${quoted(endpoint.failureReason ?? "no reason")}.`,
    since: endpoint.since,
    next: "Nothing until the endpoint is deployed again. Meanwhile the request's time in the queue passes.",
    nextAt: job.expiresAt,
    whatYouCanDo: [
      `Read the container's log: /aws/sagemaker/Endpoints/${facts.endpointName}.`,
      "Mend the reason and deploy again (pulumi up).",
      "Submit the input under a new jobId afterwards: a replaced endpoint does not have this request.",
    ],
  });
}

function overdue(facts: Facts, job: TakenJob): Explanation {
  return explained(facts, {
    state: job.state,
    since: job.submittedAt,
    situation: "in-doubt",
    summary: "The job should have ended by now, and nothing tells how.",
    why: "Its time in the queue, its invocation timeout and 20 minutes for what comes late are over; there is neither a result nor a failure object. It expired, or a scale-in or a failed instance took it.",
    next: "The sweeper settles it: it runs again by onDoubt: rerun, else it ends as EXPIRED or FAILED.",
    nextAt: job.decidedAt,
    whatYouCanDo: [
      "Look at the sweep function's log: it runs every minute and should have settled this job.",
      "Submit the input under a new jobId if the model may run twice.",
    ],
  });
}

/** After the time to live a request runs or is gone. */
function explainPastTtl(facts: Facts, job: RecordedJob, endpoint: EndpointFacts | undefined): Explanation {
  const { expiresAt, submittedAt, record, decidedAt } = job;
  const noInstance = endpoint?.currentInstanceCount === 0;
  const expiredThen = facts.metrics?.expiredThen;
  if (noInstance || (expiredThen ?? 0) > 0) {
    return explained(facts, {
      state: job.state,
      situation: "expired",
      summary: `The request probably expired: it waited in the endpoint's queue for longer than requestTtlSeconds (${duration(record.requestTtlSeconds)}).`,
      why: noInstance
        ? "Its time in the queue is over, and no instance exists that could run it. SageMaker sends no notification of a request that expires."
        : `Its time in the queue is over, and the metric ExpiredRequests counted ${count(expiredThen ?? 0, "request")} of this endpoint then. SageMaker sends no notification of a request that expires.`,
      since: expiresAt,
      next: `The sweeper settles it at ${decidedAt}, when it could not run any more either: it runs again by onDoubt: rerun, else it ends as EXPIRED or FAILED.`,
      nextAt: decidedAt,
      whatYouCanDo: [
        "Raise requestTtlSeconds (at most 21600), or maxCapacity so that requests wait less.",
        "Submit the input under a new jobId if you can't wait for that.",
      ],
    });
  }
  if (expiredThen === undefined) return inProgress(facts, job);
  const latest = later(expiresAt, record.invocationTimeoutSeconds);
  return explained(facts, {
    state: job.state,
    situation: "running",
    summary: "The job probably runs. (Estimated: SageMaker does not tell when a request starts.)",
    why: `Its time in the queue is over since ${expiresAt}, and the metric ExpiredRequests counted none then: so it has started.`,
    since: submittedAt,
    next: `The model answers, or its invocation timeout ends it: at the latest at ${latest}.`,
    nextAt: latest,
  });
}

function endpointUpdating(facts: Facts, job: TakenJob, endpoint: EndpointFacts): Explanation {
  const { currentInstanceCount: instances, pendingConfig } = endpoint;
  const creating = endpoint.status === "Creating";
  return explained(facts, {
    state: job.state,
    situation: "endpoint-updating",
    summary: creating
      ? "The endpoint is being created: the job waits for its first instance."
      : `The endpoint is being updated. Until that is done, ${count(instances, "instance")} of the old configuration work${instances === 1 ? "s" : ""} on.`,
    why: `${facts.endpointName} is ${endpoint.status}${pendingConfig === undefined ? "" : `, to the configuration ${pendingConfig}`}. Autoscaling is blocked meanwhile; requests are taken and kept.`,
    since: endpoint.since,
    next: `New instances start and take over the queue. SageMaker does not say when.${expiry(job)}`,
    nextAt: job.expiresAt,
    whatYouCanDo: [
      "Wait: an update takes minutes, most of them for the container and the model to load.",
      "A job that runs on an old instance at the change-over may be killed; onDoubt: rerun runs it again.",
    ],
  });
}

function inputMissing(facts: Facts, job: RecordedJob): Explanation {
  const location = job.record.inputLocation;
  return explained(facts, {
    state: job.state,
    since: job.submittedAt,
    situation: "input-missing",
    summary: "The job's input does not exist: it will fail when it starts.",
    why: `There is no object ${location}. SageMaker reads the input only when the request starts.`,
    next: `The request starts, finds no input and fails.${expiry(job)}`,
    nextAt: job.expiresAt,
    whatYouCanDo: [
      `Put the input to ${location} again before the job starts.`,
      "If the bucket's lifecycle deleted it, raise inputExpirationDays.",
    ],
  });
}

function queuedBehindOthers(
  facts: Facts,
  job: TakenJob,
  endpoint: EndpointFacts | undefined,
  { position = 1, startsAt, asOf = "" }: NonNullable<ReturnType<typeof estimatePhase>>,
): Explanation {
  const scaling = facts.scaling?.target;
  const most = scaling === undefined || scaling === "missing" ? undefined : scaling.maxCapacity;
  const pace = facts.metrics?.processedPerMinute;
  const full = most !== undefined && endpoint !== undefined && endpoint.currentInstanceCount >= most;
  const instances =
    endpoint === undefined
      ? ""
      : ` ${count(endpoint.currentInstanceCount, "instance")} ${endpoint.currentInstanceCount === 1 ? "takes" : "take"} ${
          endpoint.maxConcurrentInvocationsPerInstance === undefined
            ? "requests"
            : `${count(endpoint.maxConcurrentInvocationsPerInstance, "request")} at a time${endpoint.currentInstanceCount === 1 ? "" : " each"}`
        }.`;
  return explained(facts, {
    state: job.state,
    since: job.submittedAt,
    situation: "queued-behind-others",
    summary: `The job probably waits in the endpoint's queue, as number ${position} at the most. (Estimated: SageMaker does not tell a request's place.)`,
    why: `At ${asOf} the backlog was ${count(facts.metrics?.backlog?.size ?? 0, "request")}.${instances}`,
    next:
      startsAt === undefined
        ? `It starts when those before it have. No request came to an end in the last 15 minutes, so that no time can be estimated.${expiry(job)}`
        : `It starts when those before it have: at the recent pace of ${pace} a minute, about at ${startsAt}. (Estimated.)`,
    nextAt: startsAt ?? job.expiresAt,
    whatYouCanDo: [
      full
        ? `Raise maxCapacity (now ${most}, all in use) so that more instances work on the queue.`
        : "Wait: autoscaling adds instances while the backlog per instance is above targetBacklogPerInstance.",
      "Raise maxConcurrentInvocationsPerInstance if the model has room for more requests at a time.",
    ],
  });
}

function running(facts: Facts, job: RecordedJob, asOf: string): Explanation {
  const backlog = facts.metrics?.backlog;
  const latest = later(asOf, job.record.invocationTimeoutSeconds);
  return explained(facts, {
    state: job.state,
    since: job.submittedAt,
    situation: "running",
    summary: "The job probably runs. (Estimated: SageMaker does not tell when a request starts.)",
    why:
      backlog?.size === 0
        ? `At ${asOf} nothing waited in the endpoint's queue.`
        : `At ${asOf} the oldest request in the queue had waited ${duration(backlog?.oldestRequestSeconds ?? 0)}: less than this job's age, so it has left the queue.`,
    next: `The model answers, or its invocation timeout ends it: at the latest at ${latest}.`,
    nextAt: latest,
  });
}

function inProgress(facts: Facts, job: TakenJob): Explanation {
  const { decidedAt } = job;
  const waits = !past(facts, job.expiresAt);
  return explained(facts, {
    state: job.state,
    since: job.submittedAt,
    situation: "in-progress",
    summary: `The endpoint has the request: it ${waits ? "waits in the queue or runs" : "runs, or has expired in the queue"}.`,
    why: `SageMaker does not tell which, and no datapoint ${
      waits ? "of the backlog since its submission" : "of expired requests"
    } is known. CloudWatch has them one to three minutes late.`,
    next:
      decidedAt === undefined
        ? "The result or a failure object appears at its location."
        : `The result is recorded as soon as the model answers. It is settled one way or another by ${decidedAt}.`,
    nextAt: decidedAt,
    whatYouCanDo: ["Ask again in three minutes for an estimate."],
  });
}
