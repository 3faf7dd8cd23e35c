import { escapeXml } from "../protocol";
import { notSupported } from "../wire";
import type { Objects } from "./objects";
import { booleanOf, children, malformed, readDocument, requiredText, requireOnly, textOf } from "./readXml";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const mostObjects = 1000;

/**
 * DeleteObjects. Ours, because the emulator reads a key's escapes twice, and so deletes `a<b` where `a&lt;b` was named, and reads no
 * number of a character at all.
 *
 * @returns the document of the answer
 * @throws ServiceError before anything is deleted
 */
export function deleteObjects(objects: Objects, bucket: string, body: Buffer): string {
  const document = readDocument(body, "Delete");
  requireOnly(document, ["Object", "Quiet"], "the deletion of objects");
  const named = children(document, "Object").map((object) => {
    requireOnly(object, ["Key", "VersionId"], "an object to delete");
    return { key: requiredText(object, "Key"), versionId: textOf(object, "VersionId") };
  });
  if (named.length === 0 || named.length > mostObjects || named.some(({ key }) => key === "")) throw malformed();
  // Without versions, what there is has the version "null".
  if (named.some(({ versionId = "null" }) => versionId !== "null")) throw notSupported("versions of objects");
  const deleted = named.map(({ key, versionId }) => {
    objects.store.deleteObject(bucket, key);
    return `<Deleted><Key>${escapeXml(key)}</Key>${versionId === undefined ? "" : `<VersionId>${versionId}</VersionId>`}</Deleted>`;
  });
  const shown = booleanOf(document, "Quiet") ? "" : deleted.join("");
  return `<?xml version="1.0" encoding="UTF-8"?>\n<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${shown}</DeleteResult>`;
}
