import { codedError } from "../../../../core/records/errors";
import { asleep, backlog, endpoint, facts, located, object } from "../facts";
/** What is said of a job without a record. */
export const noRecord = [
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
            next: "Not known: nobody has seen the job's record.",
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
            next: "Not known: nobody has seen the job's record.",
            whatYouCanDo: ["Ask again in a moment, and look at network, region and endpoint."],
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
            whatYouCanDo: [codedError("MODEL_ERROR", "").advice],
        },
    ],
    [
        "reads a timeout from the failure's location",
        located({
            failure: {
                ...object(),
                text: 'ClientError: Received server error (0) from model with message "Your invocation timed out while waiting for a response".',
            },
        }),
        {
            state: "FAILED",
            situation: "invocation-timeout",
            summary: "The job failed: the model did not answer within its invocation timeout.",
            why: 'A failure object is at s3://other/failed/a.out. It says: "ClientError: Received server error (0) from model with message "Your invocation timed out while waiting for a response"".',
            since: "2026-01-25T12:04:00.000Z",
            next: "Nothing: the job has ended.",
            whatYouCanDo: [codedError("TIMEOUT", "").advice],
        },
    ],
    [
        "reads a missing input from the failure's location",
        located({ failure: { ...object(), text: "ClientError: Failed to download the input: NoSuchKey (404)" } }),
        {
            state: "FAILED",
            situation: "input-missing",
            summary: "The job failed: the model's input does not exist.",
            why: 'A failure object is at s3://other/failed/a.out. It says: "ClientError: Failed to download the input: NoSuchKey (404)".',
            since: "2026-01-25T12:04:00.000Z",
            next: "Nothing: the job has ended.",
            whatYouCanDo: ["Put the input to its location again and submit it again."],
        },
    ],
    [
        "reads a missing permission from the failure's location",
        located({ failure: { ...object(), text: "ClientError: Failed to download the input: AccessDenied (403)" } }),
        {
            state: "FAILED",
            situation: "access-denied",
            summary: "The job failed: a role lacks a permission.",
            why: 'A failure object is at s3://other/failed/a.out. It says: "ClientError: Failed to download the input: AccessDenied (403)".',
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
];
