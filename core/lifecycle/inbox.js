import { codedError, thrown } from "../records/errors";
import { inputKeyOf } from "../records/job";
import { requestBounds } from "../messages/request";
import { contentTypeOfObject } from "../messages/contentTypes";
import { s3Uri } from "../records/s3Uri";
import { submitJob } from "./submit";
/** Reads an S3 event. Never throws. https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
export function readS3Event(event) {
    const message = event;
    if (message?.Event === "s3:TestEvent")
        return { kind: "test" };
    if (!Array.isArray(message?.Records))
        return { kind: "malformed", problem: "no Records" };
    const uploads = [];
    for (const record of message.Records) {
        const s3 = record?.s3;
        const { key, eTag, sequencer } = s3?.object ?? {};
        const bucket = s3?.bucket?.name;
        if (typeof bucket !== "string" || typeof key !== "string" || typeof eTag !== "string") {
            return { kind: "malformed", problem: "a record without bucket, key or eTag" };
        }
        const decoded = decodeKey(key);
        if (decoded === undefined)
            return { kind: "malformed", problem: "a key that is not percent-encoded UTF-8" };
        uploads.push({ bucket, key: decoded, eTag, sequencer: typeof sequencer === "string" ? sequencer : "" });
    }
    return { kind: "uploads", uploads };
}
/** Keys in events are encoded as in forms: a blank is `+`. */
function decodeKey(key) {
    try {
        return decodeURIComponent(key.replaceAll("+", " "));
    }
    catch {
        return undefined;
    }
}
/**
 * Makes an upload a job: once, however often S3 reports it. The same file uploaded again is another job.
 *
 * The upload is copied to the job's input key, so that uploading another file under the same name while the first
 * waits in the queue can't change what the model gets. What is not below the inbox prefix is left alone: no output,
 * and no copied input, can become a job.
 *
 * @throws a coded error when a later delivery may succeed
 */
export async function submitUpload(ports, settings, upload, giveUpAt) {
    const { bucket, key, eTag } = upload;
    const isFolder = key.endsWith("/");
    const prefixes = [settings.inboxPrefix, ...(settings.formerInboxPrefixes ?? [])];
    if (bucket !== settings.bucketName || !prefixes.some((prefix) => key.startsWith(prefix)) || isFolder)
        return;
    const source = s3Uri({ bucket, key });
    const hash = ports.hash(`${source}\n${eTag}\n${upload.sequencer}`);
    const jobId = `inbox-${hash.slice(0, 32)}`;
    const head = await ports.objects.head(source);
    const known = await ports.jobs.get(jobId);
    if (!known && (head === undefined || unquoted(head.eTag) !== unquoted(eTag))) {
        ports.log({ level: "warn", message: "upload was replaced or deleted before it became a job", jobId });
        return;
    }
    if (!known && head && head.bytes > requestBounds.inputBytes) {
        ports.log({ level: "error", message: "upload is larger than 1 GB", jobId, code: "BAD_INPUT", bytes: head.bytes });
        return;
    }
    const contentType = head && contentTypeOfObject(head.contentType, key);
    const job = await submitJob(ports, settings, jobId, { metadata: { inboxKey: Array.from(key).slice(0, requestBounds.metadataCharacters).join("") } }, {
        location: s3Uri({ bucket, key: inputKeyOf(settings.inputPrefix, jobId, key) }),
        hash,
        ...(head === undefined ? {} : { bytes: head.bytes }),
        ...(contentType === undefined ? {} : { contentType }),
        place: async (location) => {
            if (await ports.objects.copy(source, eTag, location))
                return;
            throw thrown(codedError("NOT_FOUND", `${jobId}: the upload was replaced or deleted before it was copied.`));
        },
    }, giveUpAt);
    if (job.refusal)
        throw thrown(job.refusal);
}
/** Events have an ETag without its quotes, headers with them. */
function unquoted(eTag) {
    return eTag.replaceAll('"', "");
}
