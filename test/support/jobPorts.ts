import { createHash } from "node:crypto";
import * as documents from "@aws-sdk/lib-dynamodb";
import { dynamoDbHandler } from "../../aws/dynamoDbHandler";
import { dynamoDbLow } from "../../aws/dynamoDbLow";
import { dynamoDbJobs } from "../../aws/dynamoDbJobs";
import { dynamoDbRooms } from "../../aws/dynamoDbRooms";
import { dynamoDbSweep } from "../../aws/dynamoDbSweep";
import type { FloorSettings } from "../../core/floor/floor";
import type { JobEvent } from "../../core/records/jobEvent";
import type { Invocation, InvokeOutcome, JobPorts, Jobs, SweepPorts } from "../../core/ports";
import type { SubmitSettings } from "../../core/lifecycle/submit";
import { createJobTable } from "../../doubles/jobServices";
import { inProcessDynamoDb } from "./table";

/** A job table in a DynamoDB that really judges conditions: a double that repeats them can't fail. */
export async function startJobTable(): Promise<{
  jobs: Jobs;
  sweeps: Pick<SweepPorts, "due" | "leases" | "counts" | "low" | "rooms">;
  handlers: ReturnType<typeof dynamoDbHandler>;
  close(): void;
}> {
  const client = inProcessDynamoDb();
  await createJobTable(client, "jobs");
  return {
    jobs: dynamoDbJobs(documents, client, "jobs"),
    sweeps: {
      ...dynamoDbSweep(documents, client, "jobs"),
      low: dynamoDbLow(documents, client, "jobs"),
      rooms: dynamoDbRooms(documents, client, "jobs"),
    },
    handlers: dynamoDbHandler(documents, client, "jobs"),
    close: () => client.destroy(),
  };
}

/** The job table of all tests of the suite that calls this. */
export function suiteJobs(): Jobs {
  let table: Awaited<ReturnType<typeof startJobTable>>;
  before(async () => {
    table = await startJobTable();
  });
  after(() => table.close());
  return {
    create: (record) => table.jobs.create(record),
    get: (jobId) => table.jobs.get(jobId),
    change: (jobId, expected, change) => table.jobs.change(jobId, expected, change),
  };
}

/** Ports whose world is in memory, but for the table. */
export interface TestPorts extends JobPorts {
  /** What was asked of the endpoint. */
  invocations: Invocation[];
  /** What the endpoint will say, first in first out; then it takes everything. */
  outcomes: InvokeOutcome[];
  /** Whether the endpoint is known to take an input in the call. */
  takesInput: boolean | undefined;
  published: JobEvent[];
  logged: Record<string, unknown>[];
  stored: Map<string, { body: Uint8Array; contentType?: string; modifiedAt?: number; metadata?: Record<string, string> }>;
  /** Moves the clock, which otherwise moves a millisecond with each look at it. */
  pass(seconds: number): void;
}

/** Makes {@link TestPorts} over a table. */
export function testPorts(jobs: Jobs): TestPorts {
  let now = Date.parse("2026-01-25T22:46:00.000Z");
  const ports: TestPorts = {
    jobs,
    invocations: [],
    outcomes: [],
    takesInput: undefined,
    published: [],
    logged: [],
    stored: new Map(),
    pass: (seconds) => {
      now += seconds * 1000;
    },
    clock: {
      now: () => now++,
      sleep: (milliseconds) => {
        now += milliseconds;
        return Promise.resolve();
      },
    },
    endpoint: {
      takesInput: () => ports.takesInput,
      invoke(invocation) {
        ports.invocations.push(invocation);
        const taken = { kind: "taken" as const, outputLocation: `s3://service/output/${invocation.inferenceId}/result` };
        return Promise.resolve(ports.outcomes.shift() ?? taken);
      },
    },
    events: {
      publish(event) {
        ports.published.push(event);
        return Promise.resolve();
      },
    },
    objects: {
      put(location, body, contentType) {
        ports.stored.set(location, { body, ...(contentType === undefined ? {} : { contentType }), modifiedAt: now });
        return Promise.resolve();
      },
      head(location) {
        const object = ports.stored.get(location);
        if (!object) return Promise.resolve(undefined);
        const { body, ...rest } = object;
        return Promise.resolve({ bytes: body.byteLength, eTag: ports.hash(body), ...rest });
      },
      get: (location) => Promise.resolve(ports.stored.get(location)),
      copy(from, _eTag, to) {
        const object = ports.stored.get(from);
        if (object) ports.stored.set(to, object);
        return Promise.resolve(object !== undefined);
      },
    },
    hash: (data) => createHash("sha256").update(data).digest("hex"),
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    log: (line) => {
      ports.logged.push(line);
    },
  };
  return ports;
}

/** Settings of a service whose jobs may run three times. */
export const testSettings: SubmitSettings = {
  endpointName: "ocr",
  bucketName: "service",
  inputPrefix: "input/",
  outputPrefix: "output/",
  notificationsEnabled: true,
  allowedInputBuckets: [],
  invocationTimeoutSeconds: 3600,
  requestTtlSeconds: 21_600,
  onDoubt: "rerun",
  maxAttempts: 3,
  maxOpenJobs: 0,
  retentionDays: 30,
};

/**
 * The same ports with something around each call of each that can fail: `around` gets the call's name and runs it.
 */
export function intercepted(ports: TestPorts, around: <Result>(name: string, call: () => Promise<Result>) => Promise<Result>): TestPorts {
  const wrap = <Port extends object>(port: Port, prefix: string): Port =>
    Object.fromEntries(
      Object.entries(port).map(([name, method]: [string, (...args: unknown[]) => Promise<unknown>]) => [
        name,
        (...args: unknown[]) => around(`${prefix}.${name}`, () => method(...args)),
      ]),
    ) as Port;
  return {
    ...ports,
    jobs: wrap(ports.jobs, "jobs"),
    objects: wrap(ports.objects, "objects"),
    endpoint: { ...ports.endpoint, ...wrap({ invoke: (invocation: Invocation) => ports.endpoint.invoke(invocation) }, "endpoint") },
    events: wrap(ports.events, "events"),
  };
}

/** How such a service scales. */
export const testFloorSettings: FloorSettings = {
  endpointName: "ocr",
  variantName: "AllTraffic",
  minCapacity: 0,
  maxCapacity: 5,
  warm: { windows: [], timeZone: "UTC", minCapacity: 1 },
  idleSeconds: 600,
  partialScaleIn: false,
  drain: false,
  maxConcurrentInvocationsPerInstance: 1,
  targetBacklogPerInstance: 4,
};
