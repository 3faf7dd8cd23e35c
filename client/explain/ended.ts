import { codedError, type CodedError, type ErrorCode } from "../../core/records/errors";
import { countedAttempts, type JobRecord } from "../../core/records/job";
import { explained, type Told } from "./explained";
import { count, duration, quoted } from "./text";
import type { Explanation, Facts, Situation } from "./types";

const nothingNext = "Nothing: the job has ended, and its state never changes.";

/** Explains a job whose record says that it has ended. */
export function explainEnded(facts: Facts, record: JobRecord): Explanation {
  const { state } = record;
  const common = { state, since: record.endedAt, next: nothingNext };
  switch (state) {
    case "COMPLETED":
      return explained(facts, { ...common, ...completed(facts, record) });
    case "CANCELLED":
      return explained(facts, { ...common, ...cancelled(record) });
    default:
      return explained(facts, { ...common, ...failed(facts, record) });
  }
}

type Words = Pick<Told, "situation" | "summary" | "why"> & Partial<Pick<Told, "next" | "nextAt" | "whatYouCanDo">>;

function completed(facts: Facts, record: JobRecord): Words {
  const location = record.outputLocation ?? "its output location";
  if (facts.output === "missing") {
    return {
      situation: "result-deleted",
      summary: "The job completed, but its result is no longer there.",
      why: `${location} does not exist. The bucket's lifecycle deletes results after outputExpirationDays, unless somebody deleted it before.`,
      whatYouCanDo: [
        "Submit the same input under a new jobId to get the result again.",
        "Fetch results sooner, or raise outputExpirationDays (0 keeps results for ever).",
      ],
    };
  }
  const bytes = facts.output?.bytes ?? record.outputBytes;
  return {
    situation: "completed",
    summary: "The job completed.",
    why: `The model's answer${bytes === undefined ? "" : ` of ${count(bytes, "byte")}`} is at ${location}.`,
    whatYouCanDo: [`Read the result at ${location}.`],
  };
}

function cancelled(record: JobRecord): Words {
  const invoked = record.attempt !== undefined;
  return {
    situation: "cancelled",
    summary: "The job was cancelled.",
    why: invoked
      ? "Somebody cancelled it after it was handed to the endpoint. SageMaker can't cancel a request: it may still run and cost time, and its result is dropped."
      : "Somebody cancelled it before it was handed to the endpoint: it never ran.",
    whatYouCanDo: ["Submit the input under a new jobId if you want it run after all."],
  };
}

function failed(facts: Facts, record: JobRecord): Words {
  const { error } = record;
  const message = error === undefined ? "The record has no error" : quoted(error.message);
  const advice = error === undefined ? [] : [error.advice];
  const word = (situation: Situation, summary: string, why: string, whatYouCanDo: string[] = advice): Words => ({
    situation,
    summary,
    why,
    whatYouCanDo,
  });
  const again = "Submit the input under a new jobId.";
  switch (error?.code satisfies ErrorCode | undefined) {
    case "MODEL_ERROR":
      return word("model-error", "The job failed: the model answered with an error.", `${message}.${modelSaid(facts)}`, [
        ...ownAdvice(error, "MODEL_ERROR"),
        `Read the container's log: /aws/sagemaker/Endpoints/${record.endpointName}, filtered by "${record.inferenceId ?? record.jobId}".`,
        "Correct the input or the model, then submit under a new jobId: a model error is never run again by itself.",
      ]);
    case "TIMEOUT":
      return word(
        "invocation-timeout",
        ownAdvice(error, "TIMEOUT").length > 0
          ? "The job failed: it took longer than the server in the container allows."
          : `The job failed: the model did not answer within invocationTimeoutSeconds (${duration(record.invocationTimeoutSeconds)}).`,
        `${message}.`,
        [...advice, again],
      );
    case "NOT_FOUND":
      return word("input-missing", "The job failed: the model's input does not exist.", `${message}.`, [
        `Put the input to ${record.inputLocation} again and submit it under a new jobId.`,
        "If the bucket's lifecycle deleted it, raise inputExpirationDays.",
      ]);
    case "ACCESS_DENIED":
      return word("access-denied", "The job failed: a role lacks a permission.", `${message}.`, deniedAdvice(error?.message ?? "", record));
    case "CAPACITY":
      return word("capacity-error", "The job failed: AWS had no instance available for it.", `${message}.`);
    case "IN_DOUBT":
      return word("in-doubt", "The job failed: whether the model ran can't be known.", `${message}.${attempts(record)}`, [
        `Look whether a result is at ${record.outputLocation ?? record.expectedOutputLocation ?? "the output location"}.`,
        "Submit the input under a new jobId if the model may run twice; onDoubt: rerun does that by itself.",
      ]);
    case "EXPIRED":
      return word(
        "expired",
        `The job expired: it waited in the endpoint's queue for longer than requestTtlSeconds (${duration(record.requestTtlSeconds)}).`,
        `${message}.${attempts(record)}`,
        ["Raise requestTtlSeconds (at most 21600), or maxCapacity so that requests wait less.", again],
      );
    default:
      return record.state === "EXPIRED"
        ? word("expired", "The job expired: it waited too long in the endpoint's queue.", `${message}.`)
        : word("failed", `The job failed${error === undefined ? "" : ` (${error.code})`}.`, `${message}.`);
  }
}

/** The advice of an error that knows better than its code: of the server in the container, whose own words these are. */
function ownAdvice(error: CodedError | undefined, code: ErrorCode): string[] {
  return error === undefined || error.advice === codedError(code, "").advice ? [] : [error.advice];
}

/** What the container answered, from the failure object. */
function modelSaid({ failure }: Facts): string {
  if (failure === undefined || failure === "missing" || failure.text === "") return "";
  return ` The model said: "${quoted(failure.text)}".`;
}

function attempts(record: JobRecord): string {
  const { maxAttempts } = record;
  const attempt = countedAttempts(record);
  return attempt <= 1 ? "" : ` This was attempt ${attempt} of at most ${maxAttempts}.`;
}

/** Which permission, as far as the service's sentence tells. */
function deniedAdvice(message: string, record: JobRecord): string[] {
  const action = /perform:? ([a-z0-9-]+:[A-Za-z]+)/.exec(message)?.[1];
  const resource = /on (?:the )?resource:? "?(arn:[^\s"]+)/.exec(message)?.[1];
  const role = /(arn:[a-z-]+:(?:iam|sts)::\S+?)(?=[\s,;)]|\.?$)/.exec(message)?.[1];
  const submit = "Then submit the input under a new jobId.";
  if (action !== undefined) {
    const statement = JSON.stringify({ Effect: "Allow", Action: action, Resource: resource ?? "the resource that is named above" });
    return [`Add this statement to the policy of ${role ?? "the role that is named above"}: ${statement}`, submit];
  }
  if (/download/i.test(message)) {
    return [
      `Let the endpoint's execution role${role === undefined ? "" : ` ${role}`} read the input: s3:GetObject on ${record.inputLocation}, and kms:Decrypt when it is encrypted with a key of yours.`,
      submit,
    ];
  }
  if (/upload/i.test(message)) {
    return [
      `Let the endpoint's execution role${role === undefined ? "" : ` ${role}`} write the result: s3:PutObject on the output prefix, and kms:GenerateDataKey when a key of yours encrypts it.`,
      submit,
    ];
  }
  return ["Grant the role named above the missing permission.", submit];
}
