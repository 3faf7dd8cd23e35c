import { readS3Uri } from "../core/records/s3Uri";
import { createHash } from "node:crypto";
import { serviceError } from "./sdk";
/** S3 in memory: whole objects, read after write. */
export class S3Double {
    now;
    onCreated;
    objects = new Map();
    /** @param onCreated what a bucket's event notifications are made of */
    constructor(now, onCreated) {
        this.now = now;
        this.onCreated = onCreated;
    }
    put(location, body, contentType) {
        const object = { body, contentType, eTag: `"${createHash("md5").update(body).digest("hex")}"`, modifiedAt: this.now() };
        this.objects.set(location, object);
        const { bucket = "", key = "" } = readS3Uri(location) ?? {};
        this.onCreated(bucket, key, object);
        return object;
    }
    operations = {
        PutObject: (input) => {
            const { eTag } = this.put(locationOf(input), Buffer.from(input["Body"]), input["ContentType"]);
            return { ETag: eTag };
        },
        HeadObject: (input) => {
            const { body, contentType, eTag, modifiedAt } = this.found(locationOf(input), "NotFound");
            return { ContentLength: body.byteLength, ETag: eTag, ContentType: contentType, LastModified: new Date(modifiedAt) };
        },
        GetObject: (input) => {
            const { body, contentType, eTag } = this.found(locationOf(input), "NoSuchKey");
            const content = {
                transformToByteArray: async () => new Uint8Array(body),
                transformToString: async () => body.toString(),
            };
            return { Body: content, ContentLength: body.byteLength, ETag: eTag, ContentType: contentType };
        },
        CopyObject: (input) => {
            const source = this.found(`s3://${decodeURIComponent(String(input["CopySource"]))}`, "NoSuchKey");
            const wanted = input["CopySourceIfMatch"];
            if (wanted !== undefined && wanted.replaceAll('"', "") !== source.eTag.replaceAll('"', "")) {
                throw serviceError("PreconditionFailed", "At least one of the preconditions you specified did not hold.", 412);
            }
            return { CopyObjectResult: { ETag: this.put(locationOf(input), source.body, source.contentType).eTag } };
        },
    };
    found(location, missing) {
        const object = this.objects.get(location);
        if (!object)
            throw serviceError(missing, "The specified key does not exist.", 404);
        return object;
    }
}
function locationOf(input) {
    return `s3://${String(input["Bucket"])}/${String(input["Key"])}`;
}
