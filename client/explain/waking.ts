import { explained } from "./explained";
import { duration, later, quoted } from "./text";
import { expiry, type TakenJob } from "./taken";
import type { EndpointFacts, Explanation, Facts } from "./types";

/**
 * How long the wake-up alarm may take: CloudWatch's datapoints come up to two minutes late, and the alarm wants two of them.
 * When an instance is asked for directly, it is sooner.
 */
export const wakeUpSeconds = 300;

/**
 * Whether the endpoint changes its configuration, and not only its instance count, for which SageMaker uses the same status.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
 */
export function isConfigUpdate({ status, pendingConfig, currentInstanceCount, desiredInstanceCount }: EndpointFacts): boolean {
  if (["Creating", "SystemUpdating", "RollingBack"].includes(status)) return true;
  return status === "Updating" && (pendingConfig !== undefined || currentInstanceCount === desiredInstanceCount);
}

/** Explains a job that waits while no instance exists. */
export function explainWaking(facts: Facts, job: TakenJob, endpoint: EndpointFacts): Explanation {
  const failure = startFailure(facts, job, endpoint);
  if (failure !== undefined) return /capacity/i.test(failure.reason) ? noCapacity(facts, job, failure) : notStarted(facts, job, failure);
  return endpoint.desiredInstanceCount > 0 ? starting(facts, job, endpoint) : asleep(facts, job, endpoint);
}

interface StartFailure {
  reason: string;
  at: string;
}

/** Why the last attempt to start an instance, since this job came, has failed. */
function startFailure({ scaling }: Facts, job: TakenJob, endpoint: EndpointFacts): StartFailure | undefined {
  if (endpoint.desiredInstanceCount > 0 && endpoint.failureReason === undefined) return undefined;
  const after = (time: string) => job.submittedAt === undefined || Date.parse(time) >= Date.parse(job.submittedAt);
  const activity = scaling?.lastActivity;
  if (endpoint.failureReason !== undefined && after(endpoint.since)) return { reason: endpoint.failureReason, at: endpoint.since };
  if (activity?.status === "Failed" && after(activity.startedAt)) return { reason: activity.message, at: activity.startedAt };
  return undefined;
}

function shared(facts: Facts, job: TakenJob): { state: TakenJob["state"]; instanceType: string | undefined; orExpires: string } {
  const config = facts.endpointConfig === "missing" ? undefined : facts.endpointConfig;
  return {
    state: job.state,
    instanceType: config?.instanceType,
    orExpires: expiry(job),
  };
}

function noCapacity(facts: Facts, job: TakenJob, { reason, at }: StartFailure): Explanation {
  const { state, instanceType, orExpires } = shared(facts, job);
  return explained(facts, {
    state,
    situation: "capacity-error",
    summary: `The endpoint sleeps, and AWS had no ${instanceType ?? "instance"} to wake it with.`,
    why: `SageMaker says: ${quoted(reason)}.`,
    since: at,
    next: `Autoscaling asks again while the request waits.${orExpires}`,
    nextAt: job.expiresAt,
    whatYouCanDo: [
      "Wait: capacity often comes back within minutes or hours.",
      "Set another instanceType and deploy (pulumi up), or deploy to another region.",
      "Set minCapacity to 1 so that an instance, once had, is kept.",
      `Raise requestTtlSeconds (at most 21600) for jobs that may wait longer, and ask for a higher endpoint quota${instanceType === undefined ? "" : ` of ${instanceType}`} if the reason names one.`,
    ],
  });
}

function notStarted(facts: Facts, job: TakenJob, { reason, at }: StartFailure): Explanation {
  const { state, orExpires } = shared(facts, job);
  return explained(facts, {
    state,
    situation: "wake-up-failed",
    summary: "The endpoint sleeps, and the instance that should wake it did not start.",
    why: `SageMaker says: ${quoted(reason)}.`,
    since: at,
    next: `Autoscaling asks again while the request waits.${orExpires}`,
    nextAt: job.expiresAt,
    whatYouCanDo: [
      `Read the container's log: /aws/sagemaker/Endpoints/${facts.endpointName}.`,
      "Raise containerStartupTimeoutSeconds or modelDownloadTimeoutSeconds if the model needs longer to load.",
    ],
  });
}

function starting(facts: Facts, job: TakenJob, endpoint: EndpointFacts): Explanation {
  const { state, instanceType, orExpires } = shared(facts, job);
  const config = facts.endpointConfig === "missing" ? undefined : facts.endpointConfig;
  const limits = (config?.modelDownloadTimeoutSeconds ?? 0) + (config?.containerStartupTimeoutSeconds ?? 0);
  const activity = facts.scaling?.lastActivity;
  const since = activity?.status === "InProgress" ? activity.startedAt : endpoint.since;
  return explained(facts, {
    state,
    situation: "waiting-for-wake-up",
    summary: "The endpoint wakes up: an instance is starting, and the job waits for it.",
    why: `${facts.endpointName} had 0 instances, and ${endpoint.desiredInstanceCount}${instanceType === undefined ? "" : ` of ${instanceType}`} ${endpoint.desiredInstanceCount === 1 ? "was" : "were"} asked for at ${since}.`,
    since,
    next: `The job starts when the container answers. SageMaker does not say when${
      limits === 0 ? "" : `: usually within minutes, and after the machine is there model and container have at most ${duration(limits)}`
    }.${orExpires}`,
    nextAt: job.expiresAt,
    whatYouCanDo: ["Wait.", "Set minCapacity to 1, or a schedule, if jobs must not wait for a start."],
  });
}

function asleep(facts: Facts, job: TakenJob, endpoint: EndpointFacts): Explanation {
  const { state, orExpires } = shared(facts, job);
  const target = facts.scaling?.target;
  const nobody =
    target === "missing"
      ? "No scalable target is registered for it, so that nothing will start one."
      : target?.scaleOutSuspended
        ? "Its scalable target has scaling out suspended, so that nothing will start one."
        : target?.maxCapacity === 0
          ? "Its scalable target allows 0 instances at the most, so that nothing will start one."
          : undefined;
  const since = job.submittedAt ?? endpoint.since;
  if (nobody !== undefined) {
    return explained(facts, {
      state,
      situation: "waiting-for-wake-up",
      summary: "The endpoint sleeps, and nothing is there to wake it.",
      why: `${facts.endpointName} has 0 instances. ${nobody}`,
      since,
      next: `Nothing, until somebody starts an instance.${orExpires}`,
      nextAt: job.expiresAt,
      whatYouCanDo: [
        target === "missing"
          ? "Register the scalable target again: pulumi up does."
          : target?.scaleOutSuspended
            ? "Resume it: RegisterScalableTarget with SuspendedState.DynamicScalingOutSuspended=false."
            : "Raise maxCapacity and deploy (pulumi up).",
      ],
    });
  }
  const due = job.submittedAt === undefined ? undefined : later(job.submittedAt, wakeUpSeconds);
  const late = due !== undefined && Date.parse(due) <= facts.now;
  const alarm = facts.alarms?.find(({ name }) => /wake/i.test(name));
  return explained(facts, {
    state,
    situation: "waiting-for-wake-up",
    summary: "The endpoint sleeps; the job waits until it wakes up.",
    why:
      `${facts.endpointName} has 0 instances, which is how it sleeps while nothing waits.` +
      (alarm === undefined ? "" : ` The alarm ${alarm.name} asks for an instance since ${alarm.since}.`),
    since,
    next: late
      ? `An instance should have been asked for by ${due}, and was not: autoscaling is broken, or it asks in these minutes.${orExpires}`
      : `Autoscaling asks for an instance when it sees the waiting request in CloudWatch: within ${duration(wakeUpSeconds)} of the submission. Then the instance starts, which takes minutes.${orExpires}`,
    nextAt: late ? job.expiresAt : due,
    whatYouCanDo: late
      ? [
          "Look at the wake-up alarm and its scaling policy in CloudWatch; pulumi up restores both.",
          "Set the desired instance count to 1 by hand.",
        ]
      : ["Wait.", "Set minCapacity to 1, or a schedule, if jobs must not wait for a start."],
  });
}
