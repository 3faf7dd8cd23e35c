import type { JobRecord } from "../../core/records/job";
import { classifyFailureObject } from "../../core/messages/classify";
import { explained } from "./explained";
import { count, duration, quoted } from "./text";
import type { Explanation, FailureFacts, Facts, ObjectFacts } from "./types";

/** How long a notification usually takes at the most; one that takes longer counts as lost. */
export const notificationSeconds = 60;

/** What the objects say of a job that the record calls open: that its invocation has ended. Undefined when there are none. */
export function explainObject(facts: Facts, record: JobRecord): Explanation | undefined {
  const output = facts.output === "missing" ? undefined : facts.output;
  const failure = facts.failure === "missing" ? undefined : facts.failure;
  const object = output ?? failure;
  if (object === undefined) return undefined;
  const location = output
    ? (record.outputLocation ?? record.expectedOutputLocation ?? "the output location")
    : (record.failureLocation ?? "the failure location");
  return endedWithoutWord(facts, record, { object, location, what: output ? "result" : "failure object" });
}

function endedWithoutWord(
  facts: Facts,
  record: JobRecord,
  { object, location, what }: { object: ObjectFacts; location: string; what: string },
): Explanation {
  const { state, dueAt } = record;
  const age = (facts.now - Date.parse(object.at)) / 1000;
  const written = `A ${what} of ${count(object.bytes, "byte")} is at ${location}, written at ${object.at}`;
  const common = { state, since: object.at, nextAt: dueAt };
  if (age < notificationSeconds) {
    return explained(facts, {
      ...common,
      situation: "recording-end",
      summary: "The invocation has ended; its end is being recorded.",
      why: `${written}, ${duration(age)} ago. SageMaker's notification of it is on its way.`,
      next: "The job's end is recorded within seconds. If the notification is lost, the sweeper records it when the job is due.",
    });
  }
  const isDue = dueAt !== undefined && Date.parse(dueAt) <= facts.now;
  return explained(facts, {
    ...common,
    situation: "notification-lost",
    summary: "The invocation has ended, but its notification did not arrive: the job is still recorded as open.",
    why: `${written}, ${duration(age)} ago. Notifications take seconds; SageMaker does not promise that each arrives.${reason(facts)}`,
    next: isDue
      ? "The job is due: the sweeper, which looks at due jobs every minute, finds the object and records the end."
      : "The sweeper finds the object and records the end when the job is due.",
    whatYouCanDo: [
      `Read the ${what} now: it is at ${location}.`,
      ...(facts.deadLetters
        ? [`Look at the ${count(facts.deadLetters, "message")} in the dead-letter queue: this notification may be among them.`]
        : []),
      "Look whether the result function is subscribed to the success and error topics, and whether the execution role may publish there (sns:Publish): pulumi up restores both.",
    ],
  });
}

/** What the failure object says, in the words of the codes. */
function reason({ output, failure }: Facts): string {
  const found = output === undefined || output === "missing" ? failure : undefined;
  return found === undefined || found === "missing" ? "" : ` It says: "${quoted(found.text)}".`;
}

/** Explains a job of which only the locations of its objects are known; undefined when there is no object at either. */
export function explainLocations(facts: Facts): Explanation | undefined {
  const { outputLocation, failureLocation } = facts.locations ?? {};
  const { output, failure } = facts;
  if (output !== undefined && output !== "missing") {
    return explained(facts, {
      state: "COMPLETED",
      situation: "completed",
      summary: "The job completed.",
      why: `The model's answer of ${count(output.bytes, "byte")} is at ${outputLocation ?? "the output location"}.`,
      since: output.at,
      next: "Nothing: the job has ended.",
      whatYouCanDo: [`Read the result at ${outputLocation ?? "the output location"}.`],
    });
  }
  if (failure === undefined || failure === "missing") return undefined;
  const { situation, summary, advice } = failedBy(failure);
  return explained(facts, {
    state: "FAILED",
    situation,
    summary,
    why: `A failure object is at ${failureLocation ?? "the failure location"}. It says: "${quoted(failure.text)}".`,
    since: failure.at,
    next: "Nothing: the job has ended.",
    whatYouCanDo: [advice],
  });
}

/** By the core's rule for who wrote a failure object. */
function failedBy({ text }: FailureFacts): Pick<Explanation, "situation" | "summary"> & { advice: string } {
  const { error } = classifyFailureObject(text);
  const { advice } = error;
  switch (error.code) {
    case "TIMEOUT":
      return {
        situation: "invocation-timeout",
        summary: "The job failed: the model did not answer within its invocation timeout.",
        advice,
      };
    case "NOT_FOUND":
      return {
        situation: "input-missing",
        summary: "The job failed: the model's input does not exist.",
        advice: "Put the input to its location again and submit it again.",
      };
    case "ACCESS_DENIED":
      return {
        situation: "access-denied",
        summary: "The job failed: a role lacks a permission.",
        advice: "Give the endpoint's execution role the permission that the failure object names, then submit the input again.",
      };
    default:
      return {
        situation: "model-error",
        summary: "The job failed: the model answered with an error.",
        advice,
      };
  }
}
