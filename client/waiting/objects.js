import { partitionOf } from "../../core/partition";
import { objectArn } from "../errors";
import { call } from "./calls";
/** Whether an object exists. @throws AsyncInferenceError of a refusal, saying which of two permissions lacks */
export async function exists(bucket, location, signal) {
    const { s3, library, clock } = bucket;
    const partition = partitionOf(await s3.config.region());
    const needed = { action: "s3:GetObject", resource: objectArn(location.bucket, folderOf(location.key), partition) };
    const head = new library.HeadObjectCommand({ Bucket: location.bucket, Key: location.key });
    try {
        await call(clock, signal, needed, (options) => s3.send(head, options));
        return true;
    }
    catch (error) {
        const { cause, code } = error;
        const status = cause?.$metadata?.httpStatusCode;
        // A HEAD's answer has no body: that a bucket does not exist is told by the listing that is made of it first.
        if (status === 404)
            return false;
        // Nor does it say what is refused: without s3:ListBucket a missing object is, too. A listing knows.
        if (code === "ACCESS_DENIED" && status === 403)
            await list(bucket, location.bucket, { prefix: location.key, pages: 1 }, signal);
        throw error;
    }
}
/**
 * Lists what is below a prefix, a page of 1,000 after the other.
 *
 * @param range.after keys up to this one are left out
 * @param range.last keys behind this one do not matter
 * @param range.pages how many pages to read at most
 * @throws AsyncInferenceError `NOT_FOUND` when there is no such bucket
 */
export async function list({ s3, library, clock }, bucketName, { prefix, after, last, pages }, signal) {
    const needed = { action: "s3:ListBucket", resource: `arn:${partitionOf(await s3.config.region())}:s3:::${bucketName}` };
    const keys = new Set();
    let ContinuationToken;
    for (let page = 0; page < pages; page++) {
        const command = new library.ListObjectsV2Command({
            Bucket: bucketName,
            Prefix: prefix,
            ...(ContinuationToken === undefined ? { StartAfter: after } : { ContinuationToken }),
        });
        const { Contents = [], NextContinuationToken } = await call(clock, signal, needed, (options) => s3.send(command, options));
        for (const { Key = "" } of Contents)
            keys.add(Key);
        ContinuationToken = NextContinuationToken;
        const upTo = Contents.at(-1)?.Key;
        if (ContinuationToken === undefined || (last !== undefined && upTo !== undefined && upTo >= last))
            return { keys, upTo: undefined };
        if (page === pages - 1)
            return { keys, upTo };
    }
    return { keys, upTo: undefined };
}
/** What a policy would name: all that is in the folder that the service writes to. */
function folderOf(key) {
    return key.includes("/") ? `${key.slice(0, key.indexOf("/"))}/*` : "*";
}
