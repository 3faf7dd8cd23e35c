import { createHash, randomBytes } from "node:crypto";
import { s3Uri } from "../core/records/s3Uri";
/** Makes them. */
export function memoryPorts(clock, place) {
    const { bucketName, outputPrefix, failurePrefix } = place;
    const records = new Map();
    const stored = new Map();
    const hash = (data) => createHash("sha256").update(data).digest("hex");
    return {
        records,
        stored,
        clock,
        hash,
        randomBytes: (count) => randomBytes(count),
        log: () => undefined,
        events: { publish: async () => undefined },
        jobs: {
            get: async (jobId) => copyOf(records.get(jobId)),
            async create(record) {
                if (records.has(record.jobId))
                    return false;
                records.set(record.jobId, { ...record });
                return true;
            },
            async change(jobId, expected, { set, remove = [] }) {
                const record = records.get(jobId);
                if (record === undefined || !isAsExpected(record, expected))
                    return undefined;
                const kept = Object.entries({ ...record, ...set }).filter(([name, value]) => value !== undefined && !remove.includes(name));
                const changed = Object.fromEntries(kept);
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
                if (object === undefined)
                    return undefined;
                const { body, ...rest } = object;
                return { bytes: body.byteLength, eTag: hash(body), ...rest };
            },
            get: async (location) => stored.get(location),
            async copy(from, eTag, to) {
                const object = stored.get(from);
                if (object === undefined || hash(object.body) !== eTag)
                    return false;
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
function copyOf(record) {
    return record && { ...record };
}
function isAsExpected(record, { states, attempt, attemptAtLeast, present, absent }) {
    return (states.includes(record.state) &&
        (attempt === undefined || record.attempt === attempt) &&
        (attemptAtLeast === undefined || (record.attempt ?? 0) >= attemptAtLeast) &&
        (present === undefined || record[present] !== undefined) &&
        (absent === undefined || record[absent] === undefined));
}
