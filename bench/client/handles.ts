import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { BatchWriteCommand, DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { inferenceIdOf, newJobId, type JobRecord } from "../../core/records/job";
import { percentile, seconds } from "../measure";
import type { Part } from "./part";
import { addedMilliseconds, startService, type BenchService } from "./service";
import { sdkSettings } from "./settings";
import type { WaitReport, WaitTask } from "./waitWorker";
import { work } from "./worker";

const open = 10_000;
const ending = 60;
const minutes = 1;

/** The name of the client that waits, and whose the jobs are that it waits for. */
const waiter = "bench";
const own = "an earlier process of this client";
/** What a process can do about memory that V8 keeps for young objects. */
const fewYoung = "--max-semi-space-size=2";
const rounds = [
  { name: own, submitter: waiter, limitMegabytes: 130 },
  { name: "another client", submitter: "another", limitMegabytes: 130 },
  { name: "no client", submitter: undefined, limitMegabytes: 130 },
  { name: `${own}, node ${fewYoung}`, submitter: waiter, limitMegabytes: 100, execArgv: [fewYoung] },
];

/** Ten thousand handles that wait in one process. */
export async function handles(): Promise<Part> {
  const service = await startService({ busy: true });
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(sdkSettings(service.cloud.endpointUrl, service.cloud.region)));
  try {
    const rows: string[][] = [];
    const aims: Part["aims"] = [];
    const callsAMinute: number[] = [];
    for (const { name, submitter, limitMegabytes, execArgv } of rounds) {
      const { found, calls } = await wait(service, documents, submitter, execArgv);
      const mean = found.delays.reduce((sum, delay) => sum + delay, 0) / found.delays.length;
      const counts = Object.entries(calls).map(([operation, count]) => `${(count / minutes).toFixed(0)} ${operation}`);
      const total = Object.values(calls).reduce((sum, count) => sum + count, 0) / minutes;
      aims.push({ what: `less than ${limitMegabytes} MB, submitted by ${name}`, met: found.peakBytes / 1e6 < limitMegabytes });
      callsAMinute.push(total);
      const memory = `${(found.peakBytes / 1e6).toFixed(0)} MB`;
      rows.push([name, memory, total.toFixed(0), counts.join(", "), seconds(mean), seconds(percentile(found.delays, 0.95))]);
    }
    return {
      title: `${open} handles waiting in one process, ${ending} of them ending within a minute; ${addedMilliseconds} ms added to every call`,
      rows: [["jobs submitted by", "peak memory", "calls per minute", "of which", "delay, mean", "delay, p95"], ...rows],
      aims: [
        ...aims,
        {
          what: "about 60 calls per minute, 10 for the safety net, and one for each result, where one client submitted them",
          met: callsAMinute.slice(0, 2).every((calls) => calls <= 80 + ending),
        },
      ],
    };
  } finally {
    documents.destroy();
    await service.close();
  }
}

async function wait(service: BenchService, documents: DynamoDBDocumentClient, submitter: string | undefined, execArgv?: readonly string[]) {
  const { outputs } = service;
  const records = Array.from({ length: open }, () => recordOf(outputs.endpointName, submitter));
  await write(documents, outputs.jobTableName, records);
  const way = await service.way();
  const task: WaitTask = { endpointUrl: way.url, outputs, waiter, jobIds: records.map(({ jobId }) => jobId), ending };
  let calls: Record<string, number> = {};
  const end = async () => {
    // The first read of each handle is not what it costs per minute.
    await pause(15_000);
    way.counted();
    for (let index = 0; index < ending; index++) {
      await pause((minutes * 60_000) / ending);
      // Out of step with polls.
      await pause((index * 389) % 100);
      const job = records[(index * 7919) % open] as JobRecord;
      const ended = { ...job, state: "COMPLETED", outputLocation: `s3://${outputs.bucketName}/done`, endedAt: new Date().toISOString() };
      await documents.send(new PutCommand({ TableName: outputs.jobTableName, Item: ended }));
    }
    calls = way.counted();
  };
  const found = await work<WaitReport>(path.join(__dirname, "waitWorker.js"), task, end, execArgv);
  return { found, calls };
}

function recordOf(endpointName: string, submitter: string | undefined): JobRecord {
  const now = new Date();
  const jobId = newJobId(now.getTime(), crypto.getRandomValues(new Uint8Array(16)));
  return {
    schemaVersion: 1,
    jobId,
    state: "SUBMITTED",
    endpointName,
    inputLocation: `s3://bench/input/${jobId}/request.json`,
    inputHash: "0".repeat(64),
    invocationTimeoutSeconds: 900,
    requestTtlSeconds: 21_600,
    onDoubt: "rerun",
    maxAttempts: 3,
    ...(submitter === undefined ? {} : { waiter: submitter }),
    attempt: 1,
    inferenceId: inferenceIdOf({ attempt: 1, jobId }),
    createdDay: now.toISOString().slice(0, 10),
    createdAt: now.toISOString(),
  };
}

async function write(documents: DynamoDBDocumentClient, tableName: string, records: readonly JobRecord[]): Promise<void> {
  const batchSize = 25;
  for (let start = 0; start < records.length; start += batchSize) {
    const puts = records.slice(start, start + batchSize).map((Item) => ({ PutRequest: { Item } }));
    await documents.send(new BatchWriteCommand({ RequestItems: { [tableName]: puts } }));
  }
}
