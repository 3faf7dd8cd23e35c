import { isoTime } from "../records/isoTime";
import { readS3Event } from "../lifecycle/inbox";
import { readInferenceId } from "../records/job";
import { readJobEvent } from "../records/jobEvent";
import { readNotification } from "../messages/notification";
import { effectInDoubt } from "./once";
/**
 * Reads the body of a message of the dead-letter queue. Never throws.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html,
 * https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
 */
export function readDeadLetter(body) {
    const letter = parsed(body);
    if (letter === undefined)
        return { kind: "malformed", problem: "not a JSON object" };
    if ("requestContext" in letter)
        return readExecution(letter);
    if (letter["Type"] === "Notification")
        return readDelivery(letter);
    const ended = readJobEvent(body);
    if (ended.kind === "ended")
        return { kind: "queueDelivery", body, job: ended.job, cargo: cargoOfEnd(ended.job) };
    return { kind: "malformed", problem: "neither SNS's envelope, nor Lambda's record, nor a job event" };
}
function readExecution(letter) {
    const context = (letter["requestContext"] ?? {});
    if (typeof context.functionArn !== "string")
        return { kind: "malformed", problem: "no functionArn" };
    const event = letter["requestPayload"];
    const { errorType, errorMessage } = (letter["responsePayload"] ?? {});
    const words = [errorType, errorMessage].filter((word) => typeof word === "string" && word !== "");
    const error = words.length > 0 ? words.join(": ") : String(context.condition);
    const tries = typeof context.approximateInvokeCount === "number" ? context.approximateInvokeCount : 0;
    // An invocation's own qualifier is no part of the function that it is sent to again.
    const functionArn = context.functionArn.replace(/:\$LATEST$/, "");
    const execution = { functionArn, event, cargo: cargoOf(event), tries, error };
    const effect = effectInDoubt(error);
    return effect === undefined ? { kind: "execution", ...execution } : { kind: "inDoubt", ...execution, effect };
}
function readDelivery(letter) {
    const { TopicArn: topicArn, UnsubscribeURL: url, Message: message } = letter;
    const subscriptionArn = /[?&]SubscriptionArn=([^&]+)/.exec(String(url))?.[1];
    if (typeof topicArn !== "string" || subscriptionArn === undefined || typeof message !== "string") {
        return { kind: "malformed", problem: "no TopicArn, Message or SubscriptionArn" };
    }
    const { SigningCertURL: SigningCertUrl, UnsubscribeURL: UnsubscribeUrl, Subject = null, MessageAttributes = {}, ...common } = letter;
    const arn = decodeURIComponent(subscriptionArn);
    // As SNS would have handed it to the function.
    const Sns = { ...common, SigningCertUrl, UnsubscribeUrl, Subject, MessageAttributes };
    const event = { Records: [{ EventSource: "aws:sns", EventVersion: "1.0", EventSubscriptionArn: arn, Sns }] };
    return { kind: "delivery", topicArn, subscriptionArn: arn, event, cargo: cargoOf(event) };
}
/** What an event of one of our functions is about. */
function cargoOf(event) {
    const records = event?.Records;
    if (!Array.isArray(records)) {
        const { jobId } = (event ?? {});
        return typeof event === "object" && event !== null
            ? { what: "request", ...(typeof jobId === "string" ? { jobId } : {}) }
            : { what: "unknown" };
    }
    const message = records[0]?.Sns?.Message;
    if (typeof message !== "string") {
        const uploads = readS3Event(event);
        return uploads.kind === "uploads" && uploads.uploads.length > 0
            ? { what: "upload", keys: uploads.uploads.map(({ key }) => key) }
            : { what: "unknown" };
    }
    const ended = readJobEvent(message);
    if (ended.kind === "ended")
        return cargoOfEnd(ended.job);
    const notification = readNotification(message);
    if (!("inferenceId" in notification))
        return { what: "unknown" };
    const { inferenceId } = notification;
    const jobId = readInferenceId(inferenceId)?.jobId;
    return { what: "notification", inferenceId, ...(jobId === undefined ? {} : { jobId }) };
}
function cargoOfEnd({ jobId, state }) {
    return { what: "jobEvent", jobId, state };
}
function parsed(body) {
    try {
        const value = JSON.parse(body);
        return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
    }
    catch {
        return undefined;
    }
}
/**
 * Puts a dead letter back: hands its event to the function again that it was meant for, and so through the same core as the
 * first time. Done twice it does no harm, as nothing does that is delivered twice here.
 *
 * @throws what Lambda, SNS or the table answer; the letter then has to stay
 */
export async function redrive(ports, letter, { dryRun = false, inDoubt } = {}) {
    if (letter.kind === "malformed")
        return { action: "kept", text: `Not one of ours (${letter.problem}): kept.` };
    if (letter.kind === "queueDelivery")
        return redriveToQueues(ports, letter, dryRun);
    const about = `${described(letter.cargo)}${"error" in letter ? `, failed ${letter.tries} times with "${letter.error.slice(0, 300)}"` : ""}`;
    const functionArn = letter.kind === "delivery" ? await ports.subscriber(letter.subscriptionArn) : letter.functionArn;
    if (functionArn === undefined)
        return { action: "kept", text: `${about}: its subscription is gone; kept.` };
    const name = functionArn.split(":")[6] ?? functionArn;
    if (letter.kind === "inDoubt") {
        if (inDoubt === undefined)
            return { action: "kept", text: `${about}: kept until somebody says whether the effect is done.` };
        if (!dryRun) {
            // Only of the run that the letter tells of: another letter of the same effect may have been put back before.
            const { key, owner } = letter.effect;
            if (inDoubt === "done")
                await ports.marks.finish(key, isoTime(ports.clock.now()), owner);
            else
                await ports.marks.forget(key, owner);
        }
    }
    if (!dryRun)
        await ports.invoke(functionArn, letter.event);
    return { action: "redriven", text: `${about}: ${dryRun ? "would be sent" : "sent"} to ${name} again.` };
}
/** Each queue that follows such ends gets it: one that has had it gets it twice, which every consumer has to stand anyway. */
async function redriveToQueues(ports, { body, job, cargo }, dryRun) {
    const queueArns = await ports.followers(job.state);
    if (queueArns.length === 0)
        return { action: "kept", text: `${described(cargo)}: no queue follows such ends; kept.` };
    if (!dryRun)
        for (const queueArn of queueArns)
            await ports.send(queueArn, body, job);
    const names = queueArns.map((queueArn) => queueArn.split(":").at(-1)).join(", ");
    return { action: "redriven", text: `${described(cargo)}: ${dryRun ? "would be sent" : "sent"} to ${names} again.` };
}
function described(cargo) {
    switch (cargo.what) {
        case "notification":
            return `SageMaker's notification of ${cargo.inferenceId}`;
        case "jobEvent":
            return `The end of job ${cargo.jobId} (${cargo.state})`;
        case "upload":
            return `Upload of ${cargo.keys.join(", ")}`;
        case "request":
            return cargo.jobId === undefined ? "A request" : `Request of job ${cargo.jobId}`;
        case "unknown":
            return "An event of unknown content";
    }
}
