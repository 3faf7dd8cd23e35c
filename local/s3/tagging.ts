import type { IncomingHttpHeaders } from "node:http";
import { ServiceError } from "../wire";
import { child, readDocument, readTags, requireOnly } from "./readXml";
import { requireTags } from "./settings";

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
const mostTags = 10;

/**
 * Tags that a write sets.
 *
 * @param copied those of what is copied, which it keeps unless its writer asks for others
 * @returns undefined for none
 * @throws ServiceError
 */
export function readTagging(headers: IncomingHttpHeaders, copied?: Record<string, string>): Record<string, string> | undefined {
  const { "x-amz-tagging": given, "x-amz-tagging-directive": directive } = headers;
  if (headers["x-amz-copy-source"] !== undefined && directive !== "REPLACE") {
    if (directive === undefined || directive === "COPY") return copied;
    throw new ServiceError("InvalidArgument", "Unknown tagging directive.", 400);
  }
  return given === undefined ? undefined : readTagHeader(String(given));
}

function readTagHeader(text: string): Record<string, string> {
  const pairs = [...new URLSearchParams(text)];
  if (new Set(pairs.map(([key]) => key)).size < pairs.length || !isDecodable(text)) {
    const form = "shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.";
    throw new ServiceError("InvalidArgument", `The header 'x-amz-tagging' ${form}`, 400);
  }
  return checked(Object.fromEntries(pairs));
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** The tags of a document. @throws ServiceError MalformedXML, InvalidTag or BadRequest */
export function readTagDocument(body: Buffer): Record<string, string> {
  const document = readDocument(body, "Tagging");
  requireOnly(document, ["TagSet"], "an object's tags");
  return checked(readTags(child(document, "TagSet")));
}

function checked(tags: Record<string, string>): Record<string, string> {
  requireTags(tags, { most: mostTags, tooMany: `Object tags cannot be greater than ${mostTags}` });
  return tags;
}
