import { codedError, thrown } from "../core/records/errors";
import type { Objects } from "../core/ports";
import { readS3Uri, type S3Location } from "../core/records/s3Uri";

type Library = typeof import("@aws-sdk/client-s3");
type Client = import("@aws-sdk/client-s3").S3Client;

/**
 * Objects in S3.
 *
 * @param library `@aws-sdk/client-s3`: given, so that a Lambda's archive does without it
 */
export function s3Objects(library: Library, client: Client): Objects {
  return {
    async put(location, body, contentType) {
      const { bucket, key } = at(location);
      await client.send(new library.PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType }));
    },

    async head(location) {
      const { bucket, key } = at(location);
      const head = await unlessMissing(client.send(new library.HeadObjectCommand({ Bucket: bucket, Key: key })));
      if (!head) return undefined;
      return {
        bytes: head.ContentLength ?? 0,
        eTag: head.ETag ?? "",
        contentType: head.ContentType,
        modifiedAt: head.LastModified?.getTime(),
        ...(head.VersionId !== undefined && { versionId: head.VersionId }),
        metadata: head.Metadata ?? {},
      };
    },

    async get(location) {
      const { bucket, key } = at(location);
      const object = await unlessMissing(client.send(new library.GetObjectCommand({ Bucket: bucket, Key: key })));
      if (!object?.Body) return undefined;
      return { body: await object.Body.transformToByteArray(), contentType: object.ContentType };
    },

    async copy(from, eTag, to) {
      const source = at(from);
      const target = at(to);
      const copied = await unlessMissing(
        client.send(
          new library.CopyObjectCommand({
            Bucket: target.bucket,
            Key: target.key,
            CopySource: `${source.bucket}/${source.key.split("/").map(encodeURIComponent).join("/")}`,
            CopySourceIfMatch: eTag,
            // Tags would need two more permissions, and mean nothing to the model.
            TaggingDirective: "REPLACE",
          }),
        ),
      );
      return copied !== undefined;
    },
  };
}

function at(location: string): S3Location {
  const found = readS3Uri(location);
  if (!found) throw thrown(codedError("BAD_INPUT", `${location} is not s3://bucket/key.`));
  return found;
}

/** Missing is an answer; an object that changed counts as missing for a caller that asked for the old one. */
async function unlessMissing<Result>(call: Promise<Result>): Promise<Result | undefined> {
  try {
    return await call;
  } catch (error) {
    const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
    const status = $metadata?.httpStatusCode;
    // A bucket that doesn't exist is a mistake of the settings, not an object that isn't there.
    if (name !== "NoSuchBucket" && (status === 404 || status === 412)) return undefined;
    throw error;
  }
}
