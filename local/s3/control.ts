import type { IncomingMessage } from "node:http";
import { readBody } from "./api";
import type { BatchJobs } from "./batch";
import type { Buckets } from "./buckets";
import { child, readDocument, readTags } from "./readXml";
import { tagElement, xml } from "./settingsXml";
import type { CloudContext } from "../ports";
import { notSupported, ServiceError, type WireResponse } from "../wire";

const path = /^\/v20180820\/tags\/([^/?]+)/;

/** True for a call of S3 Control, which is signed for S3 too: it says which account it is about. */
export function isControl(request: Pick<IncomingMessage, "headers" | "url">): boolean {
  return request.headers["x-amz-account-id"] !== undefined && (request.url ?? "").startsWith("/v20180820/");
}

/** The tags of buckets, as the provider reads and writes them since its version 6, and jobs of S3 Batch Operations. */
export async function answerControl(
  request: IncomingMessage,
  context: CloudContext,
  buckets: Buckets,
  jobs: BatchJobs,
): Promise<WireResponse> {
  if (request.headers["x-amz-account-id"] !== context.accountId) throw new ServiceError("AccessDenied", "Access Denied", 403);
  if (/^\/v20180820\/jobs(?=[/?]|$)/.test(request.url ?? "")) return jobs.answer(request);
  const [, encoded] = path.exec(request.url ?? "") ?? [];
  if (encoded === undefined) throw notSupported(`S3 Control's ${request.method} of ${request.url}`);
  const bucket = /^arn:[^:]+:s3:::([^/]+)$/.exec(decodeURIComponent(encoded))?.[1];
  if (bucket === undefined) throw notSupported("S3 Control's tags of anything but buckets");
  const { tags } = buckets.of(bucket);
  switch (request.method) {
    case "GET": {
      const { contentType, body } = xml(
        "ListTagsForResourceResult",
        `<Tags>${Object.entries(tags).map(tagElement).join("")}</Tags>`,
        namespace,
      );
      return { status: 200, headers: { "content-type": contentType }, body };
    }
    case "POST": {
      const given = readTags(child(readDocument(await readBody(request), "TagResourceRequest"), "Tags"));
      buckets.setTags(bucket, { ...buckets.of(bucket).tags, ...given });
      return { status: 204 };
    }
    case "DELETE": {
      const keys = new URLSearchParams(request.url?.split("?", 2)[1]).getAll("tagKeys");
      buckets.setTags(bucket, Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key))));
      return { status: 204 };
    }
    default:
      throw notSupported(`S3 Control's ${request.method} of tags`);
  }
}

const namespace = ` xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/"`;
