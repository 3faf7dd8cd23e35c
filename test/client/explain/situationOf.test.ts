import { expect } from "chai";
import { situationOf } from "../../../client/explain/situationOf";
import { situations, type EndpointFacts, type Explanation, type Facts, type ScalingFacts } from "../../../client/explain/types";
import { codedError, type ErrorCode } from "../../../functions/core/errors";
import type { JobRecord } from "../../../functions/core/job";
import { backlog, endedJob, endpoint, facts, failedJob, job, minute, object } from "./facts";

const accepted = (changes: Partial<JobRecord>): JobRecord => {
  const { attempt: _, inferenceId: __, invokingAt: ___, submittedAt: ____, ...record } = job({ state: "ACCEPTED", dueAt: minute(15) });
  return { ...record, ...changes };
};
const invoking = (changes: Partial<JobRecord>): JobRecord => {
  const { submittedAt: _, outputLocation: __, failureLocation: ___, ...record } = job({ state: "INVOKING" });
  return { ...record, ...changes };
};
const refused = (message: string, code: ErrorCode = "UNAVAILABLE"): JobRecord =>
  invoking({ dueAt: minute(6), refusal: codedError(code, message) });
const asleep = (changes: Partial<EndpointFacts> = {}): EndpointFacts =>
  endpoint({ currentInstanceCount: 0, desiredInstanceCount: 0, ...changes });
const scalable = (changes: Partial<ScalingFacts> = {}): ScalingFacts => ({
  target: { minCapacity: 0, maxCapacity: 5, scaleOutSuspended: false },
  ...changes,
});
const config = { instanceType: "ml.g5.2xlarge", containerStartupTimeoutSeconds: 1800, modelDownloadTimeoutSeconds: 1800 };
const located = (changes: Partial<Facts>): Facts =>
  facts({
    record: undefined,
    hasTable: false,
    locations: { outputLocation: "s3://other/out/a.out", failureLocation: "s3://other/failed/a.out" },
    ...changes,
  });

/** One situation: what was read, and all that is said of it. */
type Case = [title: string, facts: Facts, expected: Omit<Explanation, "jobId" | "facts">];

const cases: Record<string, Case[]> = {
  "of a job that has ended": [
    [
      "names the result of a completed job",
      facts({ record: endedJob({ state: "COMPLETED" }), output: object() }),
      {
        state: "COMPLETED",
        situation: "completed",
        summary: "The job completed.",
        why: "The model's answer of 1204 bytes is at s3://service/output/1.order-17/result.",
        since: "2026-01-25T12:10:00.000Z",
        next: "Nothing: the job has ended, and its state never changes.",
        whatYouCanDo: ["Read the result at s3://service/output/1.order-17/result."],
      },
    ],
    [
      "says that a completed job's result was deleted, and how it would be kept",
      facts({ record: endedJob({ state: "COMPLETED" }), output: "missing" }),
      {
        state: "COMPLETED",
        situation: "result-deleted",
        summary: "The job completed, but its result is no longer there.",
        why: "s3://service/output/1.order-17/result does not exist. The bucket's lifecycle deletes results after outputExpirationDays, unless somebody deleted it before.",
        since: "2026-01-25T12:10:00.000Z",
        next: "Nothing: the job has ended, and its state never changes.",
        whatYouCanDo: [
          "Submit the same input under a new jobId to get the result again.",
          "Fetch results sooner, or raise outputExpirationDays (0 keeps results for ever).",
        ],
      },
    ],
    [
      "tells what the model said when it failed, and that it is not run again",
      facts({
        record: failedJob("MODEL_ERROR", "ClientError: Received server error (500) from model. See the log."),
        failure: { ...object(), text: "CUDA out of\nmemory" },
      }),
      {
        state: "FAILED",
        situation: "model-error",
        summary: "The job failed: the model answered with an error.",
        why: 'ClientError: Received server error (500) from model. See the log. The model said: "CUDA out of memory".',
        since: "2026-01-25T12:10:00.000Z",
        next: "Nothing: the job has ended, and its state never changes.",
        whatYouCanDo: [
          'Read the container\'s log: /aws/sagemaker/Endpoints/ocr, filtered by "1.order-17".',
          "Correct the input or the model, then submit under a new jobId: a model error is never run again by itself.",
        ],
      },
    ],
    [
      "tells a model's error without a failure object too",
      facts({ record: failedJob("MODEL_ERROR", "ClientError: Received client error (400) from model."), failure: "missing" }),
      {
        state: "FAILED",
        situation: "model-error",
        summary: "The job failed: the model answered with an error.",
        why: "ClientError: Received client error (400) from model.",
        since: "2026-01-25T12:10:00.000Z",
        next: "Nothing: the job has ended, and its state never changes.",
        whatYouCanDo: [
          'Read the container\'s log: /aws/sagemaker/Endpoints/ocr, filtered by "1.order-17".',
          "Correct the input or the model, then submit under a new jobId: a model error is never run again by itself.",
        ],
      },
    ],
    [
      "names the timeout that a slow model passed",
      facts({
        record: failedJob("TIMEOUT", "ClientError: Received server error (0) from model: timed out.", { invocationTimeoutSeconds: 900 }),
      }),
      {
        state: "FAILED",
        situation: "invocation-timeout",
        summary: "The job failed: the model did not answer within invocationTimeoutSeconds (15 minutes).",
        why: "ClientError: Received server error (0) from model: timed out.",
        since: "2026-01-25T12:10:00.000Z",
        next: "Nothing: the job has ended, and its state never changes.",
        whatYouCanDo: [
          "Raise invocationTimeoutSeconds (at most 3600), send smaller inputs or use a faster instance type.",
          "Submit the input under a new jobId.",
        ],
      },
    ],
    [
      "names the input that was not there",
      facts({ record: failedJob("NOT_FOUND", "ClientError: Failed to download the input: NoSuchKey.") }),
      {
        state: "FAILED",
        situation: "input-missing",
        summary: "The job failed: the model's input does not exist.",
        why: "ClientError: Failed to download the input: NoSuchKey.",
        since: "2026-01-25T12:10:00.000Z",
        next: "Nothing: the job has ended, and its state never changes.",
        whatYouCanDo: [
          "Put the input to s3://service/input/order-17/request.json again and submit it under a new jobId.",
          "If the bucket's lifecycle deleted it, raise inputExpirationDays.",
        ],
      },
    ],
    [
      "writes the statement that a refused caller lacks",
      facts({
        record: failedJob(
          "ACCESS_DENIED",
          "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/web/i-1 is not authorized to perform: sagemaker:InvokeEndpointAsync on resource: arn:aws:sagemaker:eu-west-1:123456789012:endpoint/ocr because no identity-based policy allows it",
        ),
      }),
      {
        state: "FAILED",
        situation: "access-denied",
        summary: "The job failed: a role lacks a permission.",
        why: "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/web/i-1 is not authorized to perform: sagemaker:InvokeEndpointAsync on resource: arn:aws:sagemaker:eu-west-1:123456789012:endpoint/ocr because no identity-based policy allows it.",
        since: "2026-01-25T12:10:00.000Z",
        next: "Nothing: the job has ended, and its state never changes.",
        whatYouCanDo: [
          'Add this statement to the policy of arn:aws:sts::123456789012:assumed-role/web/i-1: {"Effect":"Allow","Action":"sagemaker:InvokeEndpointAsync","Resource":"arn:aws:sagemaker:eu-west-1:123456789012:endpoint/ocr"}',
          "Then submit the input under a new jobId.",
        ],
      },
    ],
    [
      "tells the execution role's missing right to read the input",
      facts({
        record: failedJob(
          "ACCESS_DENIED",
          "ClientError: Failed to download the input: AccessDenied (403). Make sure that arn:aws:iam::123456789012:role/ocr-execution may read it.",
        ),
      }),
      {
        state: "FAILED",
        situation: "access-denied",
        summary: "The job failed: a role lacks a permission.",
        why: "ClientError: Failed to download the input: AccessDenied (403). Make sure that arn:aws:iam::123456789012:role/ocr-execution may read it.",
        since: "2026-01-25T12:10:00.000Z",
        next: "Nothing: the job has ended, and its state never changes.",
        whatYouCanDo: [
          "Let the endpoint's execution role arn:aws:iam::123456789012:role/ocr-execution read the input: s3:GetObject on s3://service/input/order-17/request.json, and kms:Decrypt when it is encrypted with a key of yours.",
          "Then submit the input under a new jobId.",
        ],
      },
    ],
    [
      "tells the execution role's missing right to write the result",
      facts({ record: failedJob("ACCESS_DENIED", "ClientError: Failed to upload the response: AccessDenied (403).") }),
      {
        state: "FAILED",
        situation: "access-denied",
        summary: "The job failed: a role lacks a permission.",
        why: "ClientError: Failed to upload the response: AccessDenied (403).",
        since: "2026-01-25T12:10:00.000Z",
        next: "Nothing: the job has ended, and its state never changes.",
        whatYouCanDo: [
          "Let the endpoint's execution role write the result: s3:PutObject on the output prefix, and kms:GenerateDataKey when a key of yours encrypts it.",
          "Then submit the input under a new jobId.",
        ],
      },
    ],
    [
      "tells of a refusal whose sentence names nothing",
      facts({ record: failedJob("ACCESS_DENIED", "Forbidden") }),
      {
        state: "FAILED",
        situation: "access-denied",
        summary: "The job failed: a role lacks a permission.",
        why: "Forbidden.",
        since: "2026-01-25T12:10:00.000Z",
        next: "Nothing: the job has ended, and its state never changes.",
        whatYouCanDo: ["Give the role that is named above the permission that it lacks.", "Then submit the input under a new jobId."],
      },
    ],
    [
      "tells that no instance could be had",
      facts({ record: failedJob("CAPACITY", "InsufficientInstanceCapacity") }),
      {
        state: "FAILED",
        situation: "capacity-error",
        summary: "The job failed: no instance could be had for it.",
        why: "InsufficientInstanceCapacity.",
        since: "2026-01-25T12:10:00.000Z",
        next: "Nothing: the job has ended, and its state never changes.",
        whatYouCanDo: ["Try another instance type or Availability Zone, or ask for a higher quota."],
      },
    ],
    [
      "says of a job that ended in doubt where a result might be",
      facts({ record: failedJob("IN_DOUBT", "The answer was lost.", { attempt: 3 }) }),
      {
        state: "FAILED",
        situation: "in-doubt",
        summary: "The job failed: whether the model ran can't be known.",
        why: "The answer was lost. This was attempt 3 of at most 3.",
        since: "2026-01-25T12:10:00.000Z",
        next: "Nothing: the job has ended, and its state never changes.",
        whatYouCanDo: [
          "Look whether a result is at s3://service/output/1.order-17/result.",
          "Submit the input under a new jobId if the model may run twice; onDoubt: rerun does that by itself.",
        ],
      },
    ],
    [
      "says how long an expired job waited",
      facts({
        record: endedJob({
          state: "EXPIRED",
          error: codedError("EXPIRED", "The request expired in the queue."),
          requestTtlSeconds: 600,
          attempt: 2,
        }),
      }),
      {
        state: "EXPIRED",
        situation: "expired",
        summary: "The job expired: it waited in the endpoint's queue for longer than requestTtlSeconds (10 minutes).",
        why: "The request expired in the queue. This was attempt 2 of at most 3.",
        since: "2026-01-25T12:10:00.000Z",
        next: "Nothing: the job has ended, and its state never changes.",
        whatYouCanDo: [
          "Raise requestTtlSeconds (at most 21600), or maxCapacity so that requests wait less.",
          "Submit the input under a new jobId.",
        ],
      },
    ],
    [
      "gives the error's own advice where a failure has no situation of its own",
      facts({ record: failedJob("BAD_OUTPUT", "The answer has no Content-Length.") }),
      {
        state: "FAILED",
        situation: "failed",
        summary: "The job failed (BAD_OUTPUT).",
        why: "The answer has no Content-Length.",
        since: "2026-01-25T12:10:00.000Z",
        next: "Nothing: the job has ended, and its state never changes.",
        whatYouCanDo: ["Make the model answer with a Content-Length and at most 1 GB."],
      },
    ],
    [
      "says of a cancelled job that its compute goes on",
      facts({ record: endedJob({ state: "CANCELLED", error: codedError("CANCELLED", "Cancelled.") }) }),
      {
        state: "CANCELLED",
        situation: "cancelled",
        summary: "The job was cancelled.",
        why: "Somebody cancelled it after it was handed to the endpoint. SageMaker can't cancel a request: it may still run and cost time, and its result is dropped.",
        since: "2026-01-25T12:10:00.000Z",
        next: "Nothing: the job has ended, and its state never changes.",
        whatYouCanDo: ["Submit the input under a new jobId if you want it run after all."],
      },
    ],
    [
      "says of a job that was cancelled in time that it never ran",
      (({ attempt: _, ...record }) => facts({ record }))(endedJob({ state: "CANCELLED", error: codedError("CANCELLED", "Cancelled.") })),
      {
        state: "CANCELLED",
        situation: "cancelled",
        summary: "The job was cancelled.",
        why: "Somebody cancelled it before it was handed to the endpoint: it never ran.",
        since: "2026-01-25T12:10:00.000Z",
        next: "Nothing: the job has ended, and its state never changes.",
        whatYouCanDo: ["Submit the input under a new jobId if you want it run after all."],
      },
    ],
  ],
  "before the service has the job": [
    [
      "says that the input is on its way",
      facts({ record: accepted({}), input: "missing", now: Date.parse(minute(1)) }),
      {
        state: "ACCEPTED",
        situation: "accepted",
        summary: "The job is recorded and was not handed to the endpoint yet.",
        why: "The input is on its way to s3://service/input/order-17/request.json.",
        since: "2026-01-25T11:59:59.400Z",
        next: "The endpoint is called. If the submitter has died, the sweeper takes over at 2026-01-25T12:15:00.000Z.",
        nextAt: "2026-01-25T12:15:00.000Z",
        whatYouCanDo: ["Submit again with the same jobId and input: that goes on where the job stopped, and never runs it twice."],
      },
    ],
    [
      "says that the endpoint is called next",
      facts({ record: accepted({}), input: object(), now: Date.parse(minute(1)) }),
      {
        state: "ACCEPTED",
        situation: "accepted",
        summary: "The job is recorded and was not handed to the endpoint yet.",
        why: "The input is in place; the endpoint is called next.",
        since: "2026-01-25T11:59:59.400Z",
        next: "The endpoint is called. If the submitter has died, the sweeper takes over at 2026-01-25T12:15:00.000Z.",
        nextAt: "2026-01-25T12:15:00.000Z",
        whatYouCanDo: ["Submit again with the same jobId and input: that goes on where the job stopped, and never runs it twice."],
      },
    ],
    [
      "says who goes on when the submitter died",
      facts({ record: accepted({ dueAt: minute(15) }), input: "missing", now: Date.parse(minute(20)) }),
      {
        state: "ACCEPTED",
        situation: "accepted",
        summary: "The job is recorded and was not handed to the endpoint yet.",
        why: "It was accepted 20 minutes ago, and its input is not in place: whoever submitted it has died, or is very slow.",
        since: "2026-01-25T11:59:59.400Z",
        next: "The sweeper, which looks at due jobs every minute, finishes the submission or fails the job.",
        nextAt: "2026-01-25T12:15:00.000Z",
        whatYouCanDo: ["Submit again with the same jobId and input: that goes on where the job stopped, and never runs it twice."],
      },
    ],
    [
      "says that the submitter died with the input in place",
      facts({ record: accepted({ dueAt: minute(15) }), input: object(), now: Date.parse(minute(20)) }),
      {
        state: "ACCEPTED",
        situation: "accepted",
        summary: "The job is recorded and was not handed to the endpoint yet.",
        why: "It was accepted 20 minutes ago, and its input is in place, but the endpoint was not called: whoever submitted it has died, or is very slow.",
        since: "2026-01-25T11:59:59.400Z",
        next: "The sweeper, which looks at due jobs every minute, finishes the submission or fails the job.",
        nextAt: "2026-01-25T12:15:00.000Z",
        whatYouCanDo: ["Submit again with the same jobId and input: that goes on where the job stopped, and never runs it twice."],
      },
    ],
    [
      "says that the call is under way",
      facts({ record: invoking({ dueAt: minute(1.995) }), now: Date.parse(minute(1)) }),
      {
        state: "INVOKING",
        situation: "invoking",
        summary: "The endpoint is being called for this job.",
        why: "Attempt 1 of at most 3 was recorded, and InvokeEndpointAsync has not answered yet.",
        since: "2026-01-25T11:59:59.700Z",
        next: "The answer is recorded within seconds. If the caller has died, the sweeper takes over when its lease ends.",
        nextAt: "2026-01-25T12:01:59.700Z",
        whatYouCanDo: [],
      },
    ],
    [
      "says of a lost answer that the next attempt follows",
      facts({ record: invoking({ dueAt: minute(1.995) }) }),
      {
        state: "INVOKING",
        situation: "in-doubt",
        summary: "It is not known whether the endpoint took the request.",
        why: "Attempt 1 of at most 3 was called and its answer was lost. SageMaker neither lists requests nor recognizes one that is sent twice.",
        since: "2026-01-25T11:59:59.700Z",
        next: "The sweeper starts the next attempt, unless a result or a notification of this one comes first.",
        nextAt: "2026-01-25T12:01:59.700Z",
        whatYouCanDo: ["Submit again with the same jobId and input: that goes on where the job stopped, and never runs it twice."],
      },
    ],
    [
      "says of a lost answer that a job which must not run twice waits",
      facts({ record: invoking({ dueAt: minute(425), onDoubt: "wait" }) }),
      {
        state: "INVOKING",
        situation: "in-doubt",
        summary: "It is not known whether the endpoint took the request.",
        why: "Attempt 1 of at most 3 was called and its answer was lost. SageMaker neither lists requests nor recognizes one that is sent twice.",
        since: "2026-01-25T11:59:59.700Z",
        next: "The job waits for a result or a notification, since onDoubt is wait. If none comes, it ends as FAILED with IN_DOUBT.",
        nextAt: "2026-01-25T19:05:00.000Z",
        whatYouCanDo: [
          "Look whether a result is at s3://service/output/1.order-17/result.",
          "Set onDoubt: rerun for models that may run twice, or raise maxAttempts.",
        ],
      },
    ],
    [
      "says of a lost answer that it was the last attempt",
      facts({ record: invoking({ dueAt: minute(425), attempt: 3 }) }),
      {
        state: "INVOKING",
        situation: "in-doubt",
        summary: "It is not known whether the endpoint took the request.",
        why: "Attempt 3 of at most 3 was called and its answer was lost. SageMaker neither lists requests nor recognizes one that is sent twice.",
        since: "2026-01-25T11:59:59.700Z",
        next: "It was the last attempt: the job waits for a result or a notification. If none comes, it ends as FAILED with IN_DOUBT.",
        nextAt: "2026-01-25T19:05:00.000Z",
        whatYouCanDo: [
          "Look whether a result is at s3://service/output/1.order-17/result.",
          "Set onDoubt: rerun for models that may run twice, or raise maxAttempts.",
        ],
      },
    ],
    [
      "says that a refused job is tried again",
      facts({ record: refused("ThrottlingException: Rate exceeded", "THROTTLED"), endpoint: endpoint() }),
      {
        state: "INVOKING",
        situation: "refused-retrying",
        summary: "The endpoint refused the request for now. The job is kept and tried again.",
        why: "Attempt 1 of at most 3 was refused (THROTTLED): ThrottlingException: Rate exceeded. Nothing of it runs.",
        since: "2026-01-25T11:59:59.700Z",
        next: "The same attempt is sent again by the sweeper, or at once by whoever submits the job again.",
        nextAt: "2026-01-25T12:06:00.000Z",
        whatYouCanDo: ["Send the same request with the same jobId again, after a pause."],
      },
    ],
    [
      "says of a refused job that its endpoint does not exist",
      facts({ record: refused("ValidationError: Endpoint ocr of account 123456789012 not found."), endpoint: "missing" }),
      {
        state: "INVOKING",
        situation: "endpoint-missing",
        summary: "The job is kept, but its endpoint does not exist.",
        why: "SageMaker refused the request: ValidationError: Endpoint ocr of account 123456789012 not found. There is no endpoint ocr in this region.",
        since: "2026-01-25T11:59:59.700Z",
        next: "The same attempt is sent again by the sweeper, or at once by whoever submits the job again.",
        nextAt: "2026-01-25T12:06:00.000Z",
        whatYouCanDo: ["Deploy the endpoint (pulumi up): the job is then sent by itself.", "Cancel the job if it is no longer wanted."],
      },
    ],
    [
      "says of a refused job that its endpoint has failed",
      facts({
        record: refused("ValidationError: Endpoint ocr is not in service."),
        endpoint: endpoint({ status: "Failed", failureReason: "The image does not exist." }),
      }),
      {
        state: "INVOKING",
        situation: "endpoint-failed",
        summary: "The job is kept, but its endpoint has failed.",
        why: "SageMaker refused the request: ValidationError: Endpoint ocr is not in service. The endpoint says: The image does not exist.",
        since: "2026-01-25T11:59:59.700Z",
        next: "The same attempt is sent again by the sweeper, or at once by whoever submits the job again.",
        nextAt: "2026-01-25T12:06:00.000Z",
        whatYouCanDo: ["Mend what the endpoint says and deploy it again (pulumi up): the job is then sent by itself."],
      },
    ],
  ],
  "when objects tell more than the record": [
    [
      "says that the result is there and its notification is not",
      facts({ output: object(), now: Date.parse(minute(10)), deadLetters: 2 }),
      {
        state: "SUBMITTED",
        situation: "notification-lost",
        summary: "The invocation has ended, but its notification did not arrive: the job is still recorded as open.",
        why: "A result of 1204 bytes is at s3://service/output/1.order-17/result, written at 2026-01-25T12:04:00.000Z, 6 minutes ago. Notifications take seconds; SageMaker does not promise that each arrives.",
        since: "2026-01-25T12:04:00.000Z",
        next: "The sweeper finds the object and records the end when the job is due.",
        nextAt: "2026-01-25T12:30:00.000Z",
        whatYouCanDo: [
          "Read the result now: it is at s3://service/output/1.order-17/result.",
          "Look at the 2 messages in the dead-letter queue: this notification may be among them.",
          "Look whether the result function is subscribed to the success and error topics, and whether the execution role may publish there (sns:Publish): pulumi up restores both.",
        ],
      },
    ],
    [
      "says that a failure is there and its notification is not",
      facts({ output: "missing", failure: { ...object(), text: "CUDA out of memory" }, now: Date.parse(minute(31)), deadLetters: 0 }),
      {
        state: "SUBMITTED",
        situation: "notification-lost",
        summary: "The invocation has ended, but its notification did not arrive: the job is still recorded as open.",
        why: 'A failure object of 1204 bytes is at s3://service/failure/1.order-17-error.out, written at 2026-01-25T12:04:00.000Z, 27 minutes ago. Notifications take seconds; SageMaker does not promise that each arrives. It says: "CUDA out of memory".',
        since: "2026-01-25T12:04:00.000Z",
        next: "The job is due: the sweeper, which looks at due jobs every minute, finds the object and records the end.",
        nextAt: "2026-01-25T12:30:00.000Z",
        whatYouCanDo: [
          "Read the failure object now: it is at s3://service/failure/1.order-17-error.out.",
          "Look whether the result function is subscribed to the success and error topics, and whether the execution role may publish there (sns:Publish): pulumi up restores both.",
        ],
      },
    ],
    [
      "gives a notification its time",
      facts({ output: object(), now: Date.parse(minute(4.5)) }),
      {
        state: "SUBMITTED",
        situation: "recording-end",
        summary: "The invocation has ended; its end is being recorded.",
        why: "A result of 1204 bytes is at s3://service/output/1.order-17/result, written at 2026-01-25T12:04:00.000Z, 30 seconds ago. SageMaker's notification of it is on its way.",
        since: "2026-01-25T12:04:00.000Z",
        next: "The job's end is recorded within seconds. If the notification is lost, the sweeper records it when the job is due.",
        nextAt: "2026-01-25T12:30:00.000Z",
        whatYouCanDo: [],
      },
    ],
    [
      "finds the result of a call whose answer was lost",
      facts({ record: invoking({ dueAt: minute(1.995) }), output: object(), now: Date.parse(minute(10)) }),
      {
        state: "INVOKING",
        situation: "notification-lost",
        summary: "The invocation has ended, but its notification did not arrive: the job is still recorded as open.",
        why: "A result of 1204 bytes is at s3://service/output/1.order-17/result, written at 2026-01-25T12:04:00.000Z, 6 minutes ago. Notifications take seconds; SageMaker does not promise that each arrives.",
        since: "2026-01-25T12:04:00.000Z",
        next: "The job is due: the sweeper, which looks at due jobs every minute, finds the object and records the end.",
        nextAt: "2026-01-25T12:01:59.700Z",
        whatYouCanDo: [
          "Read the result now: it is at s3://service/output/1.order-17/result.",
          "Look whether the result function is subscribed to the success and error topics, and whether the execution role may publish there (sns:Publish): pulumi up restores both.",
        ],
      },
    ],
  ],
  "while the service has the job": [
    [
      "says that an endpoint was deleted with the job in it",
      facts({ endpoint: "missing" }),
      {
        state: "SUBMITTED",
        situation: "endpoint-missing",
        summary: "The job was handed to an endpoint that does not exist any more.",
        why: "There is no endpoint ocr in this region. Requests that waited or ran when it was deleted are lost with it.",
        since: "2026-01-25T12:00:00.000Z",
        next: "Nothing will run it. The record is settled when its time is over: run again by onDoubt: rerun, else FAILED.",
        nextAt: "2026-01-25T19:20:00.000Z",
        whatYouCanDo: ["Deploy the endpoint again (pulumi up), then submit the input under a new jobId.", "Cancel this job."],
      },
    ],
    [
      "says why the endpoint has failed",
      facts({
        endpoint: endpoint({
          status: "Failed",
          failureReason: "The container did not pass its health check.",
          since: minute(2),
          currentInstanceCount: 0,
        }),
      }),
      {
        state: "SUBMITTED",
        situation: "endpoint-failed",
        summary: "The endpoint has failed: it has no instance, and gets none until it is deployed again.",
        why: "SageMaker says of ocr: The container did not pass its health check.",
        since: "2026-01-25T12:02:00.000Z",
        next: "Nothing until the endpoint is deployed again. Meanwhile the request's time in the queue passes.",
        nextAt: "2026-01-25T18:00:00.000Z",
        whatYouCanDo: [
          "Read the container's log: /aws/sagemaker/Endpoints/ocr.",
          "Mend the reason and deploy again (pulumi up).",
          "Submit the input under a new jobId afterwards: a replaced endpoint does not have this request.",
        ],
      },
    ],
    [
      "says that a job nobody heard of should have ended",
      facts({ now: Date.parse(minute(500)), endpoint: endpoint() }),
      {
        state: "SUBMITTED",
        situation: "in-doubt",
        summary: "The job should have ended by now, and nothing tells how.",
        why: "Its time in the queue, its invocation timeout and 20 minutes for what comes late are over; there is neither a result nor a failure object. It expired, or a scale-in or a failed instance took it.",
        since: "2026-01-25T12:00:00.000Z",
        next: "The sweeper settles it: it runs again by onDoubt: rerun, else it ends as EXPIRED or FAILED.",
        nextAt: "2026-01-25T19:20:00.000Z",
        whatYouCanDo: [
          "Look at the sweep function's log: it runs every minute and should have settled this job.",
          "Submit the input under a new jobId if the model may run twice.",
        ],
      },
    ],
    [
      "takes a request for expired when the metric counted one",
      facts({ now: Date.parse(minute(365)), endpoint: endpoint(), metrics: { ...backlog(0, undefined, minute(362)), expiredThen: 1 } }),
      {
        state: "SUBMITTED",
        situation: "expired",
        summary: "The request probably expired: it waited in the endpoint's queue for longer than requestTtlSeconds (6 hours).",
        why: "Its time in the queue is over, and the metric ExpiredRequests counted 1 request of this endpoint then. SageMaker sends no notification of a request that expires.",
        since: "2026-01-25T18:00:00.000Z",
        next: "The sweeper settles it when the job is due: it runs again by onDoubt: rerun, else it ends as EXPIRED.",
        nextAt: "2026-01-25T12:30:00.000Z",
        whatYouCanDo: [
          "Raise requestTtlSeconds (at most 21600), or maxCapacity so that requests wait less.",
          "Submit the input under a new jobId if you can't wait for that.",
        ],
      },
    ],
    [
      "takes a request for expired when no instance could have taken it",
      facts({ now: Date.parse(minute(365)), endpoint: endpoint({ currentInstanceCount: 0, desiredInstanceCount: 0 }) }),
      {
        state: "SUBMITTED",
        situation: "expired",
        summary: "The request probably expired: it waited in the endpoint's queue for longer than requestTtlSeconds (6 hours).",
        why: "Its time in the queue is over, and no instance exists that could run it. SageMaker sends no notification of a request that expires.",
        since: "2026-01-25T18:00:00.000Z",
        next: "The sweeper settles it when the job is due: it runs again by onDoubt: rerun, else it ends as EXPIRED.",
        nextAt: "2026-01-25T12:30:00.000Z",
        whatYouCanDo: [
          "Raise requestTtlSeconds (at most 21600), or maxCapacity so that requests wait less.",
          "Submit the input under a new jobId if you can't wait for that.",
        ],
      },
    ],
    [
      "takes a request for started when its time is over and none expired",
      facts({ now: Date.parse(minute(365)), endpoint: endpoint(), metrics: { ...backlog(3, 30, minute(362)), expiredThen: 0 } }),
      {
        state: "SUBMITTED",
        situation: "running",
        summary: "The job probably runs. (Estimated: SageMaker does not tell when a request starts.)",
        why: "Its time in the queue is over since 2026-01-25T18:00:00.000Z, and the metric ExpiredRequests counted none then: so it has started.",
        since: "2026-01-25T12:00:00.000Z",
        next: "The model answers, or its invocation timeout ends it: at the latest at 2026-01-25T19:00:00.000Z.",
        nextAt: "2026-01-25T19:00:00.000Z",
        whatYouCanDo: [],
      },
    ],
    [
      "does not guess about expiry without the metric",
      facts({ now: Date.parse(minute(365)), endpoint: endpoint() }),
      {
        state: "SUBMITTED",
        situation: "in-progress",
        summary: "The endpoint has the request: it runs, or has expired in the queue.",
        why: "SageMaker does not tell which, and no datapoint of expired requests is known. CloudWatch has them one to three minutes late.",
        since: "2026-01-25T12:00:00.000Z",
        next: "The result is recorded as soon as the model answers. It is settled one way or another by 2026-01-25T19:20:00.000Z.",
        nextAt: "2026-01-25T19:20:00.000Z",
        whatYouCanDo: ["Ask again in three minutes for an estimate."],
      },
    ],
    [
      "says that the endpoint is being updated, and to what",
      facts({ endpoint: endpoint({ status: "Updating", pendingConfig: "ocr-config-2", since: minute(1) }) }),
      {
        state: "SUBMITTED",
        situation: "endpoint-updating",
        summary: "The endpoint is being updated. Until that is done, 1 instance of the old configuration works on.",
        why: "ocr is Updating, to the configuration ocr-config-2. Autoscaling is blocked meanwhile; requests are taken and kept.",
        since: "2026-01-25T12:01:00.000Z",
        next: "New instances start and take over the queue. SageMaker does not say when. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
        nextAt: "2026-01-25T18:00:00.000Z",
        whatYouCanDo: [
          "Wait: an update takes minutes, most of them for the container and the model to load.",
          "A job that runs on an old instance at the change-over may be killed; onDoubt: rerun runs it again.",
        ],
      },
    ],
    [
      "says that the endpoint is being created",
      facts({ endpoint: endpoint({ status: "Creating", currentInstanceCount: 0, desiredInstanceCount: 1, since: minute(1) }) }),
      {
        state: "SUBMITTED",
        situation: "endpoint-updating",
        summary: "The endpoint is being created: the job waits for its first instance.",
        why: "ocr is Creating. Autoscaling is blocked meanwhile; requests are taken and kept.",
        since: "2026-01-25T12:01:00.000Z",
        next: "New instances start and take over the queue. SageMaker does not say when. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
        nextAt: "2026-01-25T18:00:00.000Z",
        whatYouCanDo: [
          "Wait: an update takes minutes, most of them for the container and the model to load.",
          "A job that runs on an old instance at the change-over may be killed; onDoubt: rerun runs it again.",
        ],
      },
    ],
    [
      "warns of an input that is gone before the job starts",
      facts({ input: "missing", endpoint: endpoint(), metrics: backlog(4, 200) }),
      {
        state: "SUBMITTED",
        situation: "input-missing",
        summary: "The job's input does not exist: it will fail when it starts.",
        why: "There is no object s3://service/input/order-17/request.json. SageMaker reads the input only when the request starts.",
        since: "2026-01-25T12:00:00.000Z",
        next: "The request starts, finds no input and fails. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
        nextAt: "2026-01-25T18:00:00.000Z",
        whatYouCanDo: [
          "Put the input to s3://service/input/order-17/request.json again before the job starts.",
          "If the bucket's lifecycle deleted it, raise inputExpirationDays.",
        ],
      },
    ],
    [
      "does not warn of an input that the job has read",
      facts({ input: "missing", endpoint: endpoint(), metrics: backlog(0) }),
      {
        state: "SUBMITTED",
        situation: "running",
        summary: "The job probably runs. (Estimated: SageMaker does not tell when a request starts.)",
        why: "At 2026-01-25T12:03:00.000Z nothing waited in the endpoint's queue.",
        since: "2026-01-25T12:00:00.000Z",
        next: "The model answers, or its invocation timeout ends it: at the latest at 2026-01-25T13:03:00.000Z.",
        nextAt: "2026-01-25T13:03:00.000Z",
        whatYouCanDo: [],
      },
    ],
    [
      "says how many may be before it, and when it starts at the recent pace",
      facts({
        input: object(),
        endpoint: endpoint(),
        scaling: { target: { minCapacity: 0, maxCapacity: 5, scaleOutSuspended: false } },
        metrics: { ...backlog(6, 900), processedPerMinute: 2 },
      }),
      {
        state: "SUBMITTED",
        situation: "queued-behind-others",
        summary:
          "The job probably waits in the endpoint's queue, as number 6 at the most. (Estimated: SageMaker does not tell a request's place.)",
        why: "At 2026-01-25T12:03:00.000Z the backlog was 6 requests. 1 instance takes 4 requests at a time.",
        since: "2026-01-25T12:00:00.000Z",
        next: "It starts when those before it have: at the recent pace of 2 a minute, about at 2026-01-25T12:08:00.000Z. (Estimated.)",
        nextAt: "2026-01-25T12:08:00.000Z",
        whatYouCanDo: [
          "Wait: autoscaling adds instances while the backlog per instance is above targetBacklogPerInstance.",
          "Raise maxConcurrentInvocationsPerInstance if the model has room for more requests at a time.",
        ],
      },
    ],
    [
      "gives no time when nothing comes to an end, and says that the fleet is full",
      facts({
        endpoint: endpoint({ currentInstanceCount: 2, desiredInstanceCount: 2 }),
        scaling: { target: { minCapacity: 0, maxCapacity: 2, scaleOutSuspended: false } },
        metrics: backlog(6, 900),
      }),
      {
        state: "SUBMITTED",
        situation: "queued-behind-others",
        summary:
          "The job probably waits in the endpoint's queue, as number 6 at the most. (Estimated: SageMaker does not tell a request's place.)",
        why: "At 2026-01-25T12:03:00.000Z the backlog was 6 requests. 2 instances take 4 requests at a time each.",
        since: "2026-01-25T12:00:00.000Z",
        next: "It starts when those before it have. No request came to an end in the last 15 minutes, so that no time can be estimated. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
        nextAt: "2026-01-25T18:00:00.000Z",
        whatYouCanDo: [
          "Raise maxCapacity (now 2, all in use) so that more instances work on the queue.",
          "Raise maxConcurrentInvocationsPerInstance if the model has room for more requests at a time.",
        ],
      },
    ],
    [
      "counts the job into a backlog from before it",
      facts({ endpoint: endpoint(), metrics: backlog(6, 900, minute(-1)) }),
      {
        state: "SUBMITTED",
        situation: "queued-behind-others",
        summary:
          "The job probably waits in the endpoint's queue, as number 7 at the most. (Estimated: SageMaker does not tell a request's place.)",
        why: "At 2026-01-25T11:59:00.000Z the backlog was 6 requests. 1 instance takes 4 requests at a time.",
        since: "2026-01-25T12:00:00.000Z",
        next: "It starts when those before it have. No request came to an end in the last 15 minutes, so that no time can be estimated. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
        nextAt: "2026-01-25T18:00:00.000Z",
        whatYouCanDo: [
          "Wait: autoscaling adds instances while the backlog per instance is above targetBacklogPerInstance.",
          "Raise maxConcurrentInvocationsPerInstance if the model has room for more requests at a time.",
        ],
      },
    ],
    [
      "estimates from the backlog alone when the endpoint can't be read",
      facts({ metrics: backlog(1, 170) }),
      {
        state: "SUBMITTED",
        situation: "queued-behind-others",
        summary:
          "The job probably waits in the endpoint's queue, as number 1 at the most. (Estimated: SageMaker does not tell a request's place.)",
        why: "At 2026-01-25T12:03:00.000Z the backlog was 1 request.",
        since: "2026-01-25T12:00:00.000Z",
        next: "It starts when those before it have. No request came to an end in the last 15 minutes, so that no time can be estimated. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
        nextAt: "2026-01-25T18:00:00.000Z",
        whatYouCanDo: [
          "Wait: autoscaling adds instances while the backlog per instance is above targetBacklogPerInstance.",
          "Raise maxConcurrentInvocationsPerInstance if the model has room for more requests at a time.",
        ],
      },
    ],
    [
      "takes the job for running when nothing waits",
      facts({ endpoint: endpoint(), metrics: backlog(0) }),
      {
        state: "SUBMITTED",
        situation: "running",
        summary: "The job probably runs. (Estimated: SageMaker does not tell when a request starts.)",
        why: "At 2026-01-25T12:03:00.000Z nothing waited in the endpoint's queue.",
        since: "2026-01-25T12:00:00.000Z",
        next: "The model answers, or its invocation timeout ends it: at the latest at 2026-01-25T13:03:00.000Z.",
        nextAt: "2026-01-25T13:03:00.000Z",
        whatYouCanDo: [],
      },
    ],
    [
      "takes the job for running when all that waits came after it",
      facts({ endpoint: endpoint(), metrics: backlog(9, 30) }),
      {
        state: "SUBMITTED",
        situation: "running",
        summary: "The job probably runs. (Estimated: SageMaker does not tell when a request starts.)",
        why: "At 2026-01-25T12:03:00.000Z the oldest request in the queue had waited 30 seconds: less than this job's age, so it has left the queue.",
        since: "2026-01-25T12:00:00.000Z",
        next: "The model answers, or its invocation timeout ends it: at the latest at 2026-01-25T13:03:00.000Z.",
        nextAt: "2026-01-25T13:03:00.000Z",
        whatYouCanDo: [],
      },
    ],
    [
      "does not guess from an empty queue of before the job",
      facts({ endpoint: endpoint(), metrics: backlog(0, undefined, minute(-1)) }),
      {
        state: "SUBMITTED",
        situation: "in-progress",
        summary: "The endpoint has the request: it waits in the queue or runs.",
        why: "SageMaker does not tell which, and no datapoint of the backlog since its submission is known. CloudWatch has them one to three minutes late.",
        since: "2026-01-25T12:00:00.000Z",
        next: "The result is recorded as soon as the model answers. It is settled one way or another by 2026-01-25T19:20:00.000Z.",
        nextAt: "2026-01-25T19:20:00.000Z",
        whatYouCanDo: ["Ask again in three minutes for an estimate."],
      },
    ],
    [
      "says what it knows without any metric",
      facts({ endpoint: endpoint() }),
      {
        state: "SUBMITTED",
        situation: "in-progress",
        summary: "The endpoint has the request: it waits in the queue or runs.",
        why: "SageMaker does not tell which, and no datapoint of the backlog since its submission is known. CloudWatch has them one to three minutes late.",
        since: "2026-01-25T12:00:00.000Z",
        next: "The result is recorded as soon as the model answers. It is settled one way or another by 2026-01-25T19:20:00.000Z.",
        nextAt: "2026-01-25T19:20:00.000Z",
        whatYouCanDo: ["Ask again in three minutes for an estimate."],
      },
    ],
  ],
  "while no instance exists": [
    [
      "says when the endpoint is woken",
      facts({ now: Date.parse(minute(1)), endpoint: asleep(), scaling: scalable() }),
      {
        state: "SUBMITTED",
        situation: "waiting-for-wake-up",
        summary: "The endpoint sleeps; the job waits until it wakes up.",
        why: "ocr has 0 instances, which is how it sleeps while nothing waits.",
        since: "2026-01-25T12:00:00.000Z",
        next: "Autoscaling asks for an instance when it sees the waiting request in CloudWatch: within 5 minutes of the submission. Then the instance starts, which takes minutes. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
        nextAt: "2026-01-25T12:05:00.000Z",
        whatYouCanDo: ["Wait.", "Set minCapacity to 1, or a schedule, if jobs must not wait for a start."],
      },
    ],
    [
      "names the alarm that asks for an instance",
      facts({
        now: Date.parse(minute(4)),
        endpoint: asleep(),
        scaling: scalable(),
        alarms: [{ name: "ocr-wake", since: minute(3.5), reason: "Threshold Crossed" }],
      }),
      {
        state: "SUBMITTED",
        situation: "waiting-for-wake-up",
        summary: "The endpoint sleeps; the job waits until it wakes up.",
        why: "ocr has 0 instances, which is how it sleeps while nothing waits. The alarm ocr-wake asks for an instance since 2026-01-25T12:03:30.000Z.",
        since: "2026-01-25T12:00:00.000Z",
        next: "Autoscaling asks for an instance when it sees the waiting request in CloudWatch: within 5 minutes of the submission. Then the instance starts, which takes minutes. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
        nextAt: "2026-01-25T12:05:00.000Z",
        whatYouCanDo: ["Wait.", "Set minCapacity to 1, or a schedule, if jobs must not wait for a start."],
      },
    ],
    [
      "says that the wake-up is late",
      facts({ now: Date.parse(minute(12)), endpoint: asleep(), scaling: scalable() }),
      {
        state: "SUBMITTED",
        situation: "waiting-for-wake-up",
        summary: "The endpoint sleeps; the job waits until it wakes up.",
        why: "ocr has 0 instances, which is how it sleeps while nothing waits.",
        since: "2026-01-25T12:00:00.000Z",
        next: "An instance should have been asked for by 2026-01-25T12:05:00.000Z, and was not: autoscaling is broken, or it asks in these minutes. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
        nextAt: "2026-01-25T18:00:00.000Z",
        whatYouCanDo: [
          "Look at the wake-up alarm and its scaling policy in CloudWatch; pulumi up restores both.",
          "Set the desired instance count to 1 by hand.",
        ],
      },
    ],
    [
      "says that an instance is starting, and how long it may take",
      facts({
        endpoint: asleep({ status: "Updating", desiredInstanceCount: 1, since: minute(4) }),
        scaling: scalable({
          lastActivity: { startedAt: minute(4), status: "InProgress", description: "Setting desired instance count to 1.", message: "" },
        }),
        endpointConfig: config,
      }),
      {
        state: "SUBMITTED",
        situation: "waiting-for-wake-up",
        summary: "The endpoint wakes up: an instance is starting, and the job waits for it.",
        why: "ocr had 0 instances, and 1 of ml.g5.2xlarge was asked for at 2026-01-25T12:04:00.000Z.",
        since: "2026-01-25T12:04:00.000Z",
        next: "The job starts when the container answers. SageMaker does not say when: usually within minutes, and after the machine is there model and container have at most 60 minutes. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
        nextAt: "2026-01-25T18:00:00.000Z",
        whatYouCanDo: ["Wait.", "Set minCapacity to 1, or a schedule, if jobs must not wait for a start."],
      },
    ],
    [
      "says so without the sources that can't be read",
      facts({
        endpoint: asleep({ status: "Updating", desiredInstanceCount: 1, since: minute(4) }),
        unreadable: [
          {
            source: "endpointConfig",
            reason: "AccessDeniedException: not authorized",
            statement: {
              Effect: "Allow",
              Action: "sagemaker:DescribeEndpointConfig",
              Resource: "arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/ocr-config-1",
            },
          },
          { source: "scaling", reason: "ServiceUnavailable: down" },
        ],
      }),
      {
        state: "SUBMITTED",
        situation: "waiting-for-wake-up",
        summary: "The endpoint wakes up: an instance is starting, and the job waits for it.",
        why: "ocr had 0 instances, and 1 was asked for at 2026-01-25T12:04:00.000Z.",
        since: "2026-01-25T12:04:00.000Z",
        next: "The job starts when the container answers. SageMaker does not say when. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
        nextAt: "2026-01-25T18:00:00.000Z",
        whatYouCanDo: [
          "Wait.",
          "Set minCapacity to 1, or a schedule, if jobs must not wait for a start.",
          'To let explain read the endpoint\'s configuration, add this statement to your policy: {"Effect":"Allow","Action":"sagemaker:DescribeEndpointConfig","Resource":"arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/ocr-config-1"}',
        ],
      },
    ],
    [
      "says that AWS had no instance to give",
      facts({
        endpoint: asleep({
          since: minute(4),
          failureReason: "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error.",
        }),
        scaling: scalable(),
        endpointConfig: config,
      }),
      {
        state: "SUBMITTED",
        situation: "capacity-error",
        summary: "The endpoint sleeps, and AWS had no ml.g5.2xlarge to wake it with.",
        why: "SageMaker says: Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error.",
        since: "2026-01-25T12:04:00.000Z",
        next: "Autoscaling asks again while the request waits. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
        nextAt: "2026-01-25T18:00:00.000Z",
        whatYouCanDo: [
          "Wait: capacity often comes back within minutes or hours.",
          "Set another instanceType and deploy (pulumi up), or deploy to another region.",
          "Set minCapacity to 1 so that an instance, once had, is kept.",
          "Raise requestTtlSeconds (at most 21600) for jobs that may wait longer, and ask for a higher endpoint quota of ml.g5.2xlarge if the reason names one.",
        ],
      },
    ],
    [
      "finds the lack of capacity in the scaling activity too",
      facts({
        endpoint: asleep(),
        scaling: scalable({
          lastActivity: {
            startedAt: minute(4),
            status: "Failed",
            description: "Setting desired instance count to 1.",
            message: "Failed to set desired instance count to 1. Reason: InsufficientInstanceCapacity",
          },
        }),
      }),
      {
        state: "SUBMITTED",
        situation: "capacity-error",
        summary: "The endpoint sleeps, and AWS had no instance to wake it with.",
        why: "SageMaker says: Failed to set desired instance count to 1. Reason: InsufficientInstanceCapacity.",
        since: "2026-01-25T12:04:00.000Z",
        next: "Autoscaling asks again while the request waits. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
        nextAt: "2026-01-25T18:00:00.000Z",
        whatYouCanDo: [
          "Wait: capacity often comes back within minutes or hours.",
          "Set another instanceType and deploy (pulumi up), or deploy to another region.",
          "Set minCapacity to 1 so that an instance, once had, is kept.",
          "Raise requestTtlSeconds (at most 21600) for jobs that may wait longer, and ask for a higher endpoint quota if the reason names one.",
        ],
      },
    ],
    [
      "says that the instance's container did not start",
      facts({
        endpoint: asleep({ since: minute(4), failureReason: "The container exited with code 3: no weights here" }),
        scaling: scalable(),
        endpointConfig: config,
      }),
      {
        state: "SUBMITTED",
        situation: "wake-up-failed",
        summary: "The endpoint sleeps, and the instance that should wake it did not start.",
        why: "SageMaker says: The container exited with code 3: no weights here.",
        since: "2026-01-25T12:04:00.000Z",
        next: "Autoscaling asks again while the request waits. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
        nextAt: "2026-01-25T18:00:00.000Z",
        whatYouCanDo: [
          "Read the container's log: /aws/sagemaker/Endpoints/ocr.",
          "Raise containerStartupTimeoutSeconds or modelDownloadTimeoutSeconds if the model needs longer to load.",
        ],
      },
    ],
    [
      "holds no failure from before the job against it",
      facts({
        now: Date.parse(minute(1)),
        endpoint: asleep({ since: minute(-60), failureReason: "The container exited with code 3" }),
        scaling: scalable(),
      }),
      {
        state: "SUBMITTED",
        situation: "waiting-for-wake-up",
        summary: "The endpoint sleeps; the job waits until it wakes up.",
        why: "ocr has 0 instances, which is how it sleeps while nothing waits.",
        since: "2026-01-25T12:00:00.000Z",
        next: "Autoscaling asks for an instance when it sees the waiting request in CloudWatch: within 5 minutes of the submission. Then the instance starts, which takes minutes. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
        nextAt: "2026-01-25T12:05:00.000Z",
        whatYouCanDo: ["Wait.", "Set minCapacity to 1, or a schedule, if jobs must not wait for a start."],
      },
    ],
    [
      "says that nothing will wake it without a scalable target",
      facts({ endpoint: asleep(), scaling: { target: "missing" } }),
      {
        state: "SUBMITTED",
        situation: "waiting-for-wake-up",
        summary: "The endpoint sleeps, and nothing is there to wake it.",
        why: "ocr has 0 instances. No scalable target is registered for it, so that nothing will start one.",
        since: "2026-01-25T12:00:00.000Z",
        next: "Nothing, until somebody starts an instance. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
        nextAt: "2026-01-25T18:00:00.000Z",
        whatYouCanDo: ["Register the scalable target again: pulumi up does."],
      },
    ],
    [
      "says that nothing will wake it while scaling out is suspended",
      facts({ endpoint: asleep(), scaling: { target: { minCapacity: 0, maxCapacity: 5, scaleOutSuspended: true } } }),
      {
        state: "SUBMITTED",
        situation: "waiting-for-wake-up",
        summary: "The endpoint sleeps, and nothing is there to wake it.",
        why: "ocr has 0 instances. Its scalable target has scaling out suspended, so that nothing will start one.",
        since: "2026-01-25T12:00:00.000Z",
        next: "Nothing, until somebody starts an instance. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
        nextAt: "2026-01-25T18:00:00.000Z",
        whatYouCanDo: ["Resume it: RegisterScalableTarget with SuspendedState.DynamicScalingOutSuspended=false."],
      },
    ],
    [
      "says that nothing will wake it with a maximum of 0",
      facts({ endpoint: asleep(), scaling: { target: { minCapacity: 0, maxCapacity: 0, scaleOutSuspended: false } } }),
      {
        state: "SUBMITTED",
        situation: "waiting-for-wake-up",
        summary: "The endpoint sleeps, and nothing is there to wake it.",
        why: "ocr has 0 instances. Its scalable target allows 0 instances at the most, so that nothing will start one.",
        since: "2026-01-25T12:00:00.000Z",
        next: "Nothing, until somebody starts an instance. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
        nextAt: "2026-01-25T18:00:00.000Z",
        whatYouCanDo: ["Raise maxCapacity and deploy (pulumi up)."],
      },
    ],
  ],
  "without a record": [
    [
      "says that there is no such job",
      facts({ record: "missing" }),
      {
        state: "UNKNOWN",
        situation: "unknown-job",
        summary: "There is no job order-17.",
        why: "The job table has no record of it: it was never submitted to this service, or it ended longer than jobRetentionDays ago.",
        next: "Nothing.",
        whatYouCanDo: ["Look whether the jobId is spelled right and the outputs are those of the right stack."],
      },
    ],
    [
      "writes the statement that lets the record be read",
      facts({
        record: undefined,
        unreadable: [
          {
            source: "record",
            reason: "AccessDeniedException: User is not authorized to perform: dynamodb:GetItem",
            statement: { Effect: "Allow", Action: "dynamodb:GetItem", Resource: "arn:aws:dynamodb:eu-west-1:123456789012:table/ocr-jobs" },
          },
        ],
      }),
      {
        state: "UNKNOWN",
        situation: "access-denied",
        summary: "Your credentials may not read the job's record.",
        why: "AccessDeniedException: User is not authorized to perform: dynamodb:GetItem.",
        next: "The job goes on, whoever may look at it.",
        whatYouCanDo: [
          'To let explain read the job\'s record, add this statement to your policy: {"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"arn:aws:dynamodb:eu-west-1:123456789012:table/ocr-jobs"}',
        ],
      },
    ],
    [
      "says that the table does not answer",
      facts({ record: undefined, unreadable: [{ source: "record", reason: "ProvisionedThroughputExceededException: slow down" }] }),
      {
        state: "UNKNOWN",
        situation: "record-unreadable",
        summary: "The job's record could not be read.",
        why: "ProvisionedThroughputExceededException: slow down.",
        next: "The job goes on, whoever may look at it.",
        whatYouCanDo: ["Ask again in a moment."],
      },
    ],
    [
      "says what a client without a table needs",
      facts({ record: undefined, hasTable: false }),
      {
        state: "UNKNOWN",
        situation: "unknown-job",
        summary: "Nothing is known of this job.",
        why: "This client has no job table, and no locations of the job were given.",
        next: "Nothing that is known.",
        whatYouCanDo: [
          "Make the client with SageMakerAsyncClient.fromStackOutputs(outputs), which has the job table.",
          "Or give the locations that the submission returned: client.job({ outputLocation, failureLocation }).",
        ],
      },
    ],
    [
      "reads the end from the result's location",
      located({ output: object() }),
      {
        state: "COMPLETED",
        situation: "completed",
        summary: "The job completed.",
        why: "The model's answer of 1204 bytes is at s3://other/out/a.out.",
        since: "2026-01-25T12:04:00.000Z",
        next: "Nothing: the job has ended.",
        whatYouCanDo: ["Read the result at s3://other/out/a.out."],
      },
    ],
    [
      "reads a model's error from the failure's location",
      located({ output: "missing", failure: { ...object(), text: "CUDA out of memory" } }),
      {
        state: "FAILED",
        situation: "model-error",
        summary: "The job failed: the model answered with an error.",
        why: 'A failure object is at s3://other/failed/a.out. It says: "CUDA out of memory".',
        since: "2026-01-25T12:04:00.000Z",
        next: "Nothing: the job has ended.",
        whatYouCanDo: ["Read the container's log and correct the input or the model."],
      },
    ],
    [
      "reads a timeout from the failure's location",
      located({
        failure: {
          ...object(),
          text: 'Received server error (0) from model with message "Your invocation timed out while waiting for a response".',
        },
      }),
      {
        state: "FAILED",
        situation: "invocation-timeout",
        summary: "The job failed: the model did not answer within its invocation timeout.",
        why: 'A failure object is at s3://other/failed/a.out. It says: "Received server error (0) from model with message "Your invocation timed out while waiting for a response"".',
        since: "2026-01-25T12:04:00.000Z",
        next: "Nothing: the job has ended.",
        whatYouCanDo: ["Raise invocationTimeoutSeconds (at most 3600), send smaller inputs or use a faster instance."],
      },
    ],
    [
      "reads a missing input from the failure's location",
      located({ failure: { ...object(), text: "Failed to download the input: NoSuchKey (404)" } }),
      {
        state: "FAILED",
        situation: "input-missing",
        summary: "The job failed: the model's input does not exist.",
        why: 'A failure object is at s3://other/failed/a.out. It says: "Failed to download the input: NoSuchKey (404)".',
        since: "2026-01-25T12:04:00.000Z",
        next: "Nothing: the job has ended.",
        whatYouCanDo: ["Put the input to its location again and submit it again."],
      },
    ],
    [
      "reads a missing permission from the failure's location",
      located({ failure: { ...object(), text: "Failed to download the input: AccessDenied (403)" } }),
      {
        state: "FAILED",
        situation: "access-denied",
        summary: "The job failed: a role lacks a permission.",
        why: 'A failure object is at s3://other/failed/a.out. It says: "Failed to download the input: AccessDenied (403)".',
        since: "2026-01-25T12:04:00.000Z",
        next: "Nothing: the job has ended.",
        whatYouCanDo: ["Give the endpoint's execution role the permission that the failure object names, then submit the input again."],
      },
    ],
    [
      "says that the endpoint sleeps",
      located({ output: "missing", failure: "missing", endpoint: asleep({ desiredInstanceCount: 0 }) }),
      {
        state: "UNKNOWN",
        situation: "waiting-for-wake-up",
        summary: "The endpoint sleeps; the job waits until it wakes up.",
        why: "ocr has 0 instances, which is how it sleeps while nothing waits.",
        since: "2026-01-25T11:00:00.000Z",
        next: "Autoscaling asks for an instance when it sees the waiting request in CloudWatch: within 5 minutes of the submission. Then the instance starts, which takes minutes.",
        whatYouCanDo: ["Wait.", "Set minCapacity to 1, or a schedule, if jobs must not wait for a start."],
      },
    ],
    [
      "says that the job is in the service's hands",
      located({ output: "missing", failure: "missing", endpoint: endpoint(), metrics: backlog(3, 60) }),
      {
        state: "UNKNOWN",
        situation: "in-progress",
        summary: "The endpoint has the request: it waits in the queue or runs.",
        why: "SageMaker does not tell which, and no datapoint of the backlog since its submission is known. CloudWatch has them one to three minutes late.",
        next: "The result or a failure object appears at its location.",
        whatYouCanDo: ["Ask again in three minutes for an estimate."],
      },
    ],
  ],
};

describe("An explanation", () => {
  for (const [group, members] of Object.entries(cases)) {
    describe(group, () => {
      for (const [title, known, expected] of members) {
        it(title, () => {
          const { jobId, facts: _, ...told } = situationOf(known);
          expect({ jobId, told }).to.deep.equal({ jobId: "order-17", told: expected });
        });
      }
    });
  }

  it("shows the facts that it was made from, and of the record no word of the caller's", () => {
    const known = facts({
      record: job({ metadata: { tenant: "acme" }, customAttributes: "secret" }),
      endpoint: endpoint(),
      metrics: backlog(0),
      alarms: [],
      deadLetters: 0,
      unreadable: [{ source: "resultLog", reason: "ServiceUnavailable: down" }],
    });

    expect(situationOf(known).facts).to.deep.equal({
      lookedAt: minute(5),
      endpointName: "ocr",
      record: {
        state: "SUBMITTED",
        attempt: 1,
        maxAttempts: 3,
        onDoubt: "rerun",
        inferenceId: "1.order-17",
        inputLocation: "s3://service/input/order-17/request.json",
        outputLocation: "s3://service/output/1.order-17/result",
        failureLocation: "s3://service/failure/1.order-17-error.out",
        createdAt: minute(-0.01),
        invokingAt: minute(-0.005),
        submittedAt: minute(0),
        dueAt: minute(30),
        requestTtlSeconds: 21_600,
        invocationTimeoutSeconds: 3600,
      },
      endpoint: endpoint(),
      metrics: backlog(0),
      alarms: [],
      deadLetters: 0,
      unknown: [{ source: "resultLog", reason: "ServiceUnavailable: down" }],
    });
  });

  it("is tested for each situation that there is", () => {
    const tested = new Set(
      Object.values(cases)
        .flat()
        .map(([, , { situation }]) => situation),
    );
    expect([...tested].sort()).to.deep.equal([...situations].sort());
  });
});
