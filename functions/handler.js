import { isoTime } from "../core/records/isoTime";
import { dynamoDbHandler } from "../aws/dynamoDbHandler";
import { consoleLog, systemClock, variable } from "../aws/lambda";
import { s3Objects } from "../aws/s3Objects";
import { readContent } from "../core/messages/content";
import { codedError, thrown } from "../core/records/errors";
import { forEach } from "../core/forEach";
import { handleJob } from "../core/handlers/runHandler";
import { idempotencyKeyOf, readJobEvent } from "../core/records/jobEvent";
import { effectKey, effectNamePattern, runOnce } from "../core/handlers/once";
/** What is kept of a function's time to record that the handler did not end within it. */
const recordingMilliseconds = 1500;
/**
 * Makes the factory of a function that hands job events to a user's closure. Subscribed to the jobs topic with
 * a filter on the attribute `state`.
 *
 * IAM, exactly:
 * - for completed jobs `s3:GetObject` on `<bucket>/<outputPrefix>*`, `s3:ListBucket` on the bucket
 * - `dynamodb:GetItem`, `dynamodb:UpdateItem` on the job table, of the attributes `jobId`, `endedAt` and `handlerFailures` only
 * - `dynamodb:GetItem`, `dynamodb:PutItem`, `dynamodb:UpdateItem` on the job table, of items `#once/<handler>/*` only
 * - `sqs:SendMessage` on the dead-letter queue
 * - its log group; with customer keys `kms:Decrypt` and `kms:GenerateDataKey`
 *
 * @param states ends of a job that the handler wants
 */
export function handlerFunction(states, handler) {
    return () => {
        const s3 = require("@aws-sdk/client-s3");
        const dynamodb = require("@aws-sdk/client-dynamodb");
        const documents = require("@aws-sdk/lib-dynamodb");
        const crypto = require("node:crypto");
        const objects = s3Objects(s3, new s3.S3Client({}));
        const endpointName = variable("ENDPOINT_NAME");
        const handlerName = variable("HANDLER_NAME");
        const ports = {
            ...dynamoDbHandler(documents, new dynamodb.DynamoDBClient({}), variable("JOB_TABLE_NAME")),
            clock: systemClock(),
            log: consoleLog,
            randomBytes: (count) => crypto.randomBytes(count),
        };
        return (event, lambda) => forEach(event.Records, async ({ Sns }) => {
            const message = readJobEvent(Sns.Message);
            if (message.kind === "malformed") {
                consoleLog({
                    level: "error",
                    message: "job event dropped",
                    code: "BAD_MESSAGE",
                    problem: message.problem,
                    messageId: Sns.MessageId,
                });
                return;
            }
            const { job } = message;
            if (job.endpointName !== endpointName || !states.includes(job.state))
                return;
            const idempotencyKey = idempotencyKeyOf(job);
            const until = ports.clock.now() + lambda.getRemainingTimeInMillis();
            const context = {
                idempotencyKey,
                readResult: () => readResult(objects, job),
                once: async (name, effect) => {
                    if (!new RegExp(effectNamePattern).test(name)) {
                        const accepts = '1 to 64 letters, digits, ".", "_" and "-", a letter or digit first';
                        throw thrown(codedError("BAD_INPUT", `once: got ${JSON.stringify(name)}, expected ${accepts}`, { field: "name" }));
                    }
                    await runOnce(ports, effectKey(handlerName, idempotencyKey, name), until, effect);
                },
            };
            // Killed for its time it can't say so any more.
            const error = "It did not end within its time (timeoutSeconds).";
            const overdue = setTimeout(() => void ports.records.failed(job, handlerName, { error, at: isoTime(ports.clock.now()) }).catch(() => undefined), Math.max(0, until - ports.clock.now() - recordingMilliseconds));
            await handleJob(ports, handlerName, job, () => handler(job, context)).finally(() => clearTimeout(overdue));
        });
    };
}
async function readResult(objects, job) {
    const output = job.state === "COMPLETED" && job.outputLocation !== undefined ? await objects.get(job.outputLocation) : undefined;
    if (!output)
        throw thrown(codedError("NOT_FOUND", `Job ${job.jobId} is ${job.state} and has no result at ${job.outputLocation ?? "any location"}.`));
    return readContent(output.body, output.contentType ?? job.outputContentType).value;
}
