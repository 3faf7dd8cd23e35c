import { createHash, randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as documents from "@aws-sdk/lib-dynamodb";
import { dynamoDbLow } from "../aws/dynamoDbLow";
import { dynamoDbJobs } from "../aws/dynamoDbJobs";
import { dynamoDbRooms } from "../aws/dynamoDbRooms";
import { dynamoDbSweep } from "../aws/dynamoDbSweep";
import { systemClock } from "../aws/lambda";
import type { SweepPorts } from "../core/ports";
import { sweep } from "../core/lifecycle/sweep";

/** What one sweep took. */
export interface SweepMeasurement {
  open: number;
  looked: number;
  ended: number;
  seconds: number;
  countSeconds: number;
  /** Of the processor, the whole sweep long. */
  cpuSeconds: number;
  heapMb: number;
  unfinished: boolean;
}

/** What the sweep function has between two runs of it. */
const sweepMilliseconds = 60_000;

async function main(endpoint: string): Promise<void> {
  const client = new DynamoDBClient({ endpoint, region: "eu-west-1", credentials: { accessKeyId: "bench", secretAccessKey: "bench" } });
  let published = 0;
  let countedAt = 0;
  let heap = 0;
  const { counts, ...index } = dynamoDbSweep(documents, client, "jobs");
  const ports: SweepPorts = {
    jobs: dynamoDbJobs(documents, client, "jobs"),
    ...index,
    low: dynamoDbLow(documents, client, "jobs"),
    rooms: dynamoDbRooms(documents, client, "jobs"),
    counts: {
      async put(count) {
        countedAt = performance.now();
        await counts.put(count);
      },
    },
    objects: {
      put: () => Promise.reject(new Error("not here")),
      copy: () => Promise.reject(new Error("not here")),
      get: () => Promise.resolve(undefined),
      head: (location) => Promise.resolve(/7[0-4]\/result$/.test(location) ? { bytes: 2, eTag: "e" } : undefined),
    },
    endpoint: { invoke: () => Promise.reject(new Error("not here")), takesInput: () => undefined },
    events: { publish: () => Promise.resolve(void published++) },
    clock: systemClock(),
    hash: (data) => createHash("sha256").update(data).digest("hex"),
    randomBytes,
    log: () => undefined,
  };
  const settings = {
    endpointName: "ocr",
    bucketName: "service",
    inputPrefix: "input/",
    outputPrefix: "output/",
    notificationsEnabled: true,
    retentionDays: 30,
  };
  const sampling = setInterval(() => (heap = Math.max(heap, process.memoryUsage().heapUsed)), 50);
  for (let unfinished = true, more = 1; unfinished || more-- > 0;) {
    const start = performance.now();
    const before = published;
    const cpu = process.cpuUsage();
    heap = 0;
    const report = await sweep(ports, settings, Date.now() + sweepMilliseconds);
    if (!report) throw new Error("the lease is taken");
    unfinished = report.unfinished;
    const measurement: SweepMeasurement = {
      open: report.count.open,
      looked: report.looked,
      ended: published - before,
      seconds: (performance.now() - start) / 1000,
      countSeconds: (countedAt - start) / 1000,
      cpuSeconds: cpuSeconds(process.cpuUsage(cpu)),
      heapMb: heap / 2 ** 20,
      unfinished,
    };
    process.send?.(measurement);
  }
  clearInterval(sampling);
  client.destroy();
  process.disconnect();
}

void main(process.argv[2] as string);

function cpuSeconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1e6;
}
