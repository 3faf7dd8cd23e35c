import type { IncomingHttpHeaders } from "node:http";
import { ServiceError } from "../wire";
import type { Objects, StoredObject } from "./objects";

/** Conditional writes: `If-None-Match: *` and `If-Match`. */
export function failedCondition(headers: IncomingHttpHeaders, found: StoredObject | undefined): Error | undefined {
  const { "if-none-match": ifNoneMatch, "if-match": ifMatch } = headers;
  if (ifNoneMatch !== undefined && ifNoneMatch !== "*") {
    return new ServiceError("NotImplemented", "A header you provided implies functionality that is not implemented", 501);
  }
  if (ifMatch !== undefined && !found) return new ServiceError("NoSuchKey", "The specified key does not exist.", 404);
  const passes = (ifMatch === undefined || sameTag(ifMatch, found)) && !(ifNoneMatch === "*" && found);
  return passes ? undefined : preconditionFailed();
}

/** Conditions on what is copied. That it exists is the emulator's to check. */
export function failedCopyCondition(headers: IncomingHttpHeaders, objects: Objects): Error | undefined {
  const [bucket, key] = copySourceOf(headers) ?? [];
  const found = bucket !== undefined && key !== undefined ? objects.find(bucket, key) : undefined;
  const { "x-amz-copy-source-if-match": ifMatch, "x-amz-copy-source-if-none-match": ifNoneMatch } = headers;
  if (!found) return undefined;
  const passes =
    (ifMatch === undefined || sameTag(String(ifMatch), found)) && !(ifNoneMatch !== undefined && sameTag(String(ifNoneMatch), found));
  return passes ? undefined : preconditionFailed();
}

/** Bucket and key of what is copied. @throws URIError */
export function copySourceOf(headers: IncomingHttpHeaders): readonly [bucket: string, key: string] | undefined {
  const [, bucket, key] = /^\/?([^/]+)\/(.+)$/s.exec(decodeURIComponent(String(headers["x-amz-copy-source"]))) ?? [];
  return bucket === undefined || key === undefined ? undefined : [bucket, key];
}

/** Whether an object has one of these tags, with quotes or without; `*` is that of any. */
export function sameTag(tags: string, found: StoredObject | undefined): boolean {
  const bare = (tag: string) => tag.trim().replace(/^W\//, "").replaceAll('"', "");
  return tags === "*" || (found !== undefined && tags.split(",").some((tag) => bare(tag) === bare(found.etag)));
}

/** The refusal of a request whose condition does not hold. */
export function preconditionFailed(): ServiceError {
  return new ServiceError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
}
