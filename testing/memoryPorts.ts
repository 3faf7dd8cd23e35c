import { createHash, randomBytes } from "node:crypto";
import type { ItemAt } from "../core/records/items";
import type { JobRecord } from "../core/records/job";
import type { Expected, JobPorts } from "../core/ports";
import { s3Uri } from "../core/records/s3Uri";
import type { AsyncInferenceOutputs } from "../outputs";
import type { TestClock } from "./clock";

/** An object of the bucket. */
export interface StoredObject {
  body: Uint8Array;
  contentType?: string;
  modifiedAt: number;
}

/** The world of a service in memory. */
export interface MemoryPorts extends JobPorts {
  records: Map<string, JobRecord>;
  stored: Map<string, StoredObject>;
}

/** Makes them. */
export function memoryPorts(
  clock: TestClock,
  place: Pick<AsyncInferenceOutputs, "bucketName" | "outputPrefix" | "failurePrefix">,
): MemoryPorts {
  const { bucketName, outputPrefix, failurePrefix } = place;
  const records = new Map<string, JobRecord>();
  const stored = new Map<string, StoredObject>();
  const hash = (data: Uint8Array | string) => createHash("sha256").update(data).digest("hex");
  return {
    records,
    stored,
    clock,
    hash,
    randomBytes: (count) => randomBytes(count),
    log: () => undefined,
    events: { publish: async () => undefined },
    jobs: {
      get: async <Key extends string>(jobId: Key) => copyOf(records.get(jobId)) as ItemAt<Key> | undefined,
      async create(record) {
        if (records.has(record.jobId)) return false;
        records.set(record.jobId, { ...record });
        return true;
      },
      async change(jobId, expected, { set, remove = [] }) {
        const record = records.get(jobId);
        if (record === undefined || !isAsExpected(record, expected)) return undefined;
        const kept = Object.entries({ ...record, ...set }).filter(
          ([name, value]) => value !== undefined && !remove.includes(name as keyof JobRecord),
        );
        const changed = Object.fromEntries(kept) as unknown as JobRecord;
        records.set(jobId, changed);
        return copyOf(changed);
      },
    },
    objects: {
      async put(location, body, contentType) {
        stored.set(location, { body, ...(contentType === undefined ? {} : { contentType }), modifiedAt: clock.now() });
      },
      async head(location) {
        const object = stored.get(location);
        if (object === undefined) return undefined;
        const { body, ...rest } = object;
        return { bytes: body.byteLength, eTag: hash(body), ...rest };
      },
      get: async (location) => stored.get(location),
      async copy(from, eTag, to) {
        const object = stored.get(from);
        if (object === undefined || hash(object.body) !== eTag) return false;
        stored.set(to, object);
        return true;
      },
    },
    endpoint: {
      takesInput: () => false,
      async invoke({ inferenceId, outputPath = inferenceId }) {
        return {
          kind: "taken",
          outputLocation: s3Uri({ bucket: bucketName, key: `${outputPrefix}${outputPath}/result.out` }),
          failureLocation: s3Uri({ bucket: bucketName, key: `${failurePrefix}${outputPath}-error.out` }),
        };
      },
    },
  };
}

function copyOf(record: JobRecord | undefined): JobRecord | undefined {
  return record && { ...record };
}

function isAsExpected(record: JobRecord, { states, attempt, attemptAtLeast, present, absent }: Expected): boolean {
  return (
    states.includes(record.state) &&
    (attempt === undefined || record.attempt === attempt) &&
    (attemptAtLeast === undefined || (record.attempt ?? 0) >= attemptAtLeast) &&
    (present === undefined || record[present] !== undefined) &&
    (absent === undefined || record[absent] === undefined)
  );
}
