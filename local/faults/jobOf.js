import { isJobId, readInferenceId } from "../../core/records/job";
/**
 * The job that a text speaks of: a notification, a job event, a request, an S3 event, or what of these a function got.
 * The embedded documents of SNS and SQS are looked into.
 */
export function jobIdIn(text) {
    const plain = text.replaceAll("\\", "");
    const inferenceId = /"inferenceId":"([^"]+)"/.exec(plain)?.[1];
    const ours = inferenceId === undefined ? undefined : readInferenceId(inferenceId);
    if (ours)
        return ours.jobId;
    const jobId = /"jobId":"([^"]+)"/.exec(plain)?.[1];
    return jobId !== undefined && isJobId(jobId) ? jobId : undefined;
}
/** The job that an object's key belongs to: `input/<jobId>/…`, or an attempt's output `…/<attempt>.<jobId>/…`. */
export function jobIdOfKey(key) {
    for (const part of key.split("/").slice(1, -1).reverse()) {
        const ours = readInferenceId(part);
        if (ours)
            return ours.jobId;
        if (isJobId(part))
            return part;
    }
    return undefined;
}
/** The job that an item of the job table belongs to: its record, or the mark of an effect on its end. */
export function jobIdOfItem(key) {
    if (!key.startsWith("#"))
        return key;
    // #once/<project>/<stack>/<handler>/<endpoint>/<jobId>/<end>/<effect>
    return key.startsWith("#once/") ? key.split("/").at(-3) : undefined;
}
