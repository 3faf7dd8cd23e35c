import { codedError } from "../../../../core/records/errors";
import { endedJob, facts, failedJob, object } from "../facts";
/** What is said of a job that has ended. */
export const ended = [
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
            whatYouCanDo: [codedError("TIMEOUT", "").advice, "Submit the input under a new jobId."],
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
            record: failedJob("ACCESS_DENIED", "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/web/i-1 is not authorized to perform: sagemaker:InvokeEndpointAsync on resource: arn:aws:sagemaker:eu-west-1:123456789012:endpoint/ocr because no identity-based policy allows it"),
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
            record: failedJob("ACCESS_DENIED", "ClientError: Failed to download the input: AccessDenied (403). Make sure that arn:aws:iam::123456789012:role/ocr-execution may read it."),
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
            whatYouCanDo: ["Grant the role named above the missing permission.", "Then submit the input under a new jobId."],
        },
    ],
    [
        "says that AWS had no instance available",
        facts({ record: failedJob("CAPACITY", "InsufficientInstanceCapacity") }),
        {
            state: "FAILED",
            situation: "capacity-error",
            summary: "The job failed: AWS had no instance available for it.",
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
];
