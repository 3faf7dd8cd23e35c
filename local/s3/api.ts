import type { IncomingMessage } from "node:http";
import type { Buckets } from "./buckets";
import { deleteObjects } from "./deleteObjects";
import { incorrectToken, listObjects, listVersions } from "./list";
import { objectAttributes } from "./attributes";
import { requireSums } from "./checksums";
import { placeOf, type Objects, type StoredObject } from "./objects";
import { child, readDocument, readTags, requireOnly, textOf } from "./readXml";
import { requireSupported, type S3Address } from "./requests";
import { requireOwnership, settingChanges } from "./settingChanges";
import { element, settingAnswers, tagDocument, xml, type Document } from "./settingsXml";
import { readTagDocument } from "./tagging";
import { listParts, listUploads } from "./uploads";
import type { CloudContext } from "../ports";
import { pageOf } from "../pages";
import { notSupported, readStream, ServiceError, type WireResponse } from "../wire";

/** More than any document takes: a thousand keys of 1024 bytes to delete, each byte written as `&quot;`. */
const documentLimitBytes = 8 * 1024 * 1024;

/** What this layer answers by itself: buckets, their settings, lists, and the deletion of several objects. */
export class BucketApi {
  constructor(
    private readonly context: CloudContext,
    private readonly buckets: Buckets,
    private readonly objects: Objects,
  ) {}

  /** Undefined for what is the emulator's to answer. @throws ServiceError */
  async answer(request: IncomingMessage, address: S3Address): Promise<WireResponse | undefined> {
    const { bucket, key, query } = address;
    const setting = bucket && !key ? await this.setting(request, address) : undefined;
    if (setting) return setting;
    requireSupported(request, address);
    if (!bucket) return answered(this.listBuckets(query));
    if (!key) return this.bucket(request, address);
    if (query.has("tagging")) return this.tagging(request, address);
    if (request.method === "GET" && query.has("attributes")) return objectAttributes(this.stored(address), request.headers);
    if (request.method !== "GET" || !query.has("uploadId")) return undefined;
    this.buckets.of(bucket);
    return answered({ contentType: "application/xml", body: listParts(this.objects.uploads, address) });
  }

  /** @throws ServiceError NoSuchBucket or NoSuchKey */
  private stored({ bucket, key }: Pick<S3Address, "bucket" | "key">): StoredObject {
    this.buckets.of(bucket);
    const found = this.objects.find(bucket, key);
    if (!found) throw new ServiceError("NoSuchKey", "The specified key does not exist.", 404);
    return found;
  }

  /** Tags of an object. */
  private async tagging(request: IncomingMessage, { bucket, key }: S3Address): Promise<WireResponse> {
    const { tags } = this.objects;
    const place = placeOf(bucket, key);
    const given = request.method === "PUT" ? readTagDocument(await readBody(request)) : {};
    this.stored({ bucket, key });
    if (request.method === "GET") return answered(tagDocument(tags.get(place) ?? {}));
    if (Object.keys(given).length > 0) tags.set(place, given);
    else tags.delete(place);
    return { status: request.method === "PUT" ? 200 : 204 };
  }

  /** What is set on a bucket. */
  private async setting(request: IncomingMessage, { bucket, query }: S3Address): Promise<WireResponse | undefined> {
    const { buckets } = this;
    const names = Object.keys(settingAnswers).filter((name) => query.has(name));
    const [name] = names;
    if (name === undefined) return undefined;
    if (names.length > 1) throw new ServiceError("InvalidRequest", `Conflicting query string parameters: ${names.join(", ")}`, 400);
    const { [name]: change } = settingChanges;
    if (request.method === "GET") return answered(settingAnswers[name]!(buckets.of(bucket), this.context, query));
    if (change && request.method === "PUT") {
      buckets.of(bucket);
      await change.put(buckets, bucket, await readBody(request), request.headers);
      const size = buckets.of(bucket).lifecycle?.minimumObjectSize;
      return { status: 200, headers: name === "lifecycle" ? { "x-amz-transition-default-minimum-object-size": size } : {} };
    }
    if (change?.delete && request.method === "DELETE") {
      buckets.of(bucket);
      change.delete(buckets, bucket);
      return { status: 204 };
    }
    return undefined;
  }

  /** A bucket itself, and what is in it. */
  private async bucket(request: IncomingMessage, { bucket, query }: S3Address): Promise<WireResponse | undefined> {
    const { buckets, objects } = this;
    if (request.method === "PUT") return this.create(request, bucket);
    buckets.of(bucket);
    switch (request.method) {
      case "GET": {
        const list = query.has("uploads")
          ? listUploads(objects.uploads, bucket, query)
          : query.has("versions")
            ? listVersions(objects, bucket, query, this.context.accountId)
            : listObjects(objects, bucket, query, this.context.accountId);
        return answered({ contentType: "application/xml", body: list });
      }
      case "HEAD":
        return {
          status: 200,
          headers: {
            "x-amz-bucket-region": this.context.region,
            "x-amz-bucket-arn": `arn:aws:s3:::${bucket}`,
            "x-amz-access-point-alias": "false",
            "content-type": "application/xml",
          },
        };
      case "DELETE":
        buckets.delete(bucket, false);
        return { status: 204 };
      case "POST":
        return answered({ contentType: "application/xml", body: deleteObjects(objects, bucket, await readBody(request)) });
      default:
        return undefined;
    }
  }

  private async create(request: IncomingMessage, bucket: string): Promise<WireResponse> {
    const body = await readBody(request);
    const document = body.length === 0 ? "" : readDocument(body, "CreateBucketConfiguration");
    requireOnly(document, ["LocationConstraint", "Tags"], "the creation of a bucket");
    requireLocation(textOf(document, "LocationConstraint"), this.context.region);
    const ownership = request.headers["x-amz-object-ownership"];
    const objectOwnership = ownership === undefined ? undefined : requireOwnership(String(ownership));
    try {
      this.buckets.create(bucket, { tags: readTags(child(document, "Tags")), objectOwnership });
    } catch (error) {
      // The oldest region gives whoever has it already the same answer again.
      if (this.context.region !== "us-east-1" || (error as ServiceError).code !== "BucketAlreadyOwnedByYou") throw error;
    }
    return { status: 200, headers: { location: `/${bucket}`, "x-amz-bucket-arn": `arn:aws:s3:::${bucket}` } };
  }

  private listBuckets(query: URLSearchParams): Document {
    const { buckets, context } = this;
    const { region } = context;
    const prefix = query.get("prefix") ?? "";
    const limit = Number(query.get("max-buckets") ?? 10_000);
    if (!Number.isInteger(limit) || limit < 1 || limit > 10_000) {
      throw new ServiceError("InvalidArgument", "Argument max-buckets must be an integer between 1 and 10000", 400);
    }
    const elsewhere = (query.get("bucket-region") ?? region) !== region;
    const found = elsewhere ? [] : buckets.names().filter(({ name }) => name.startsWith(prefix));
    const { page, next } = pageOf(found, {
      list: "ListBuckets",
      idOf: ({ name }) => name,
      limit,
      token: query.get("continuation-token") ?? undefined,
      invalid: incorrectToken,
    });
    const members = page.map(
      ({ name, createdAt }) =>
        `<Bucket>${element("Name", name)}<CreationDate>${createdAt.toISOString()}</CreationDate>${element("BucketRegion", region)}` +
        `${element("BucketArn", `arn:aws:s3:::${name}`)}</Bucket>`,
    );
    return xml(
      "ListAllMyBucketsResult",
      `<Owner>${element("ID", context.accountId)}</Owner><Buckets>${members.join("")}</Buckets>` +
        `${next === undefined ? "" : element("ContinuationToken", next)}` +
        `${query.has("prefix") ? element("Prefix", prefix) : ""}`,
    );
  }
}

function answered({ contentType, body, headers }: Document): WireResponse {
  return { status: 200, headers: { ...headers, "content-type": contentType }, body };
}

/** Reads a document, and holds it against the sums that were sent with it. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (request.headers["content-encoding"]?.includes("aws-chunked")) throw notSupported("a setting of S3 that is sent in chunks");
  const tooBig = () => new ServiceError("MaxMessageLengthExceeded", "Your request was too big.", 400);
  const body = await readStream(request, documentLimitBytes, tooBig);
  requireSums(request.headers, body);
  return body;
}

function requireLocation(location: string | undefined, region: string): void {
  if (region === "us-east-1" && location === region) {
    throw new ServiceError("InvalidLocationConstraint", "The specified location-constraint is not valid", 400);
  }
  if ((location ?? "us-east-1") === region) return;
  const constraint = location ?? "unspecified";
  const message = `The ${constraint} location constraint is incompatible for the region specific endpoint this request was sent to.`;
  throw new ServiceError("IllegalLocationConstraintException", message, 400);
}
