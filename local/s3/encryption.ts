import type { IncomingHttpHeaders } from "node:http";
import { placeOf, type StoredObject } from "./objects";
import type { BucketSettings } from "./settings";
import type { Kept } from "../kept";
import type { CloudContext } from "../ports";

/** Header that names the key of an object. */
export const kmsKeyHeader = "x-amz-server-side-encryption-aws-kms-key-id";
const algorithmHeader = "x-amz-server-side-encryption";

type Headers = Record<string, string>;

/** How each object says that it is encrypted: as its writer asked, else as its bucket did then. */
export class Encryption {
  /** Of objects that are not encrypted as every object is: by key of bucket and object. */
  private readonly kept: Kept<Headers>;

  constructor(context: CloudContext) {
    this.kept = context.keeper.map<Headers>("s3.encryption");
  }

  /** What an object was written with. */
  of(bucket: string, { key }: StoredObject): Headers {
    return this.kept.get(placeOf(bucket, key)) ?? { [algorithmHeader]: "AES256" };
  }

  /** Takes down how an object was just written. */
  set(bucket: string, { key }: StoredObject, headers: IncomingHttpHeaders, settings: BucketSettings | undefined): void {
    const asked = headers[algorithmHeader];
    const algorithm = String(asked ?? settings?.encryption?.sseAlgorithm ?? "AES256");
    const keyId = headers[kmsKeyHeader] ?? (asked ? undefined : settings?.encryption?.kmsMasterKeyId);
    if (algorithm === "AES256" && keyId === undefined) return this.forget(bucket, key);
    this.kept.note(placeOf(bucket, key), { [algorithmHeader]: algorithm, ...(keyId !== undefined && { [kmsKeyHeader]: String(keyId) }) });
  }

  /** Of an object that is gone. */
  forget(bucket: string, key: string): void {
    const place = placeOf(bucket, key);
    if (this.kept.has(place)) this.kept.note(place, undefined);
  }
}
