import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DescribeJobCommand } from "@aws-sdk/client-s3-control";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { controlClient, createBatch, endedStatuses, prefixSource } from "../cli/batches";
import { SageMakerAsyncClient } from "../client";
import { EmbeddedCloud } from "../local/embeddedCloud";
import type { AsyncInferenceOutputs } from "../outputs";
import { machine, root, table } from "./measure";

/** Objects of the batch, and jobs of the client beside it. */
const objects = Number(process.argv[2] ?? 20_000);
const atATime = 32;

/** An input whose model does not answer while it is measured: what is compared is how fast jobs are made, and that none is run meanwhile. */
const input = { model: "hang" };

const settings = {
  "local:modelCommand": "node build/test/support/modelServer.js",
  "sagemaker-async-inference:batchEnabled": "true",
  "sagemaker-async-inference:maxOpenJobs": "0",
  "sagemaker-async-inference:invocationTimeoutSeconds": "3600",
  "sagemaker-async-inference:maxCapacity": "1",
};

interface Measured {
  seconds: number;
  /** Of this process, in which cloud and client are. */
  heapMb: { first: number; last: number };
}

/**
 * `npm run bench:batch [-- OBJECTS]`: a batch of objects in the embedded cloud beside a client that submits the same objects, and one
 * that submits as many inputs, in one run. Each is measured until every one is a job.
 */
async function main(): Promise<void> {
  const stateDirectory = mkdtempSync(path.join(os.tmpdir(), "bench-batch-"));
  const cloud = await EmbeddedCloud.start({ stateDirectory });
  try {
    const deployed = await cloud.deploy({ directory: root, stack: "local", compiledMain: `${root}/build/index.js`, settings });
    const outputs = deployed.outputs as unknown as AsyncInferenceOutputs;
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const aws = { endpoint: cloud.endpointUrl, region: cloud.region, credentials };
    const prefix = `s3://${outputs.bucketName}/${outputs.inputPrefix}bench/`;
    await upload(aws, outputs);
    const client = SageMakerAsyncClient.fromStackOutputs({ endpointUrl: cloud.endpointUrl, outputs }, { credentials });

    const rows = [
      row("batch of the objects", await measure(() => runBatch(aws, outputs, prefix))),
      row("client.submit of the objects", await measure(() => eachOf((index) => client.submit(new URL(`${prefix}${index}.json`))))),
      row("client.submit of the inputs", await measure(() => eachOf(() => client.submit(input)))),
    ];
    await client.close();
    const heading = ["", "seconds", "jobs per second", "heap MB before", "heap MB after"];
    console.log(`${machine()}\n\n${objects} jobs each, ${atATime} at a time\n${table([heading, ...rows])}`);
  } finally {
    await cloud.close();
    rmSync(stateDirectory, { recursive: true, force: true });
  }
}

function row(name: string, { seconds, heapMb }: Measured): string[] {
  return [name, seconds.toFixed(1), (objects / seconds).toFixed(1), String(heapMb.first), String(heapMb.last)];
}

async function measure(work: () => Promise<unknown>): Promise<Measured> {
  const first = heapMb();
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1000;
  return { seconds, heapMb: { first, last: heapMb() } };
}

/** After what is garbage has gone. */
function heapMb(): number {
  globalThis.gc?.();
  return Math.round(process.memoryUsage().heapUsed / 1024 ** 2);
}

async function eachOf(work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const run = async () => {
    while (next < objects) await work(next++);
  };
  await Promise.all(Array.from({ length: atATime }, run));
}

async function upload(aws: ConstructorParameters<typeof S3Client>[0], { bucketName, inputPrefix }: AsyncInferenceOutputs): Promise<void> {
  const s3 = new S3Client(aws ?? {});
  const object = { Bucket: bucketName, Body: JSON.stringify(input), ContentType: "application/json" };
  await eachOf((index) => s3.send(new PutObjectCommand({ ...object, Key: `${inputPrefix}bench/${index}.json` })));
  s3.destroy();
}

async function runBatch(aws: Parameters<typeof controlClient>[0], outputs: AsyncInferenceOutputs, prefix: string): Promise<void> {
  const control = await controlClient(aws);
  const JobId = await createBatch(control, outputs, "bench", prefixSource(prefix, outputs), { confirm: false });
  for (;;) {
    const { Job } = await control.send(new DescribeJobCommand({ AccountId: outputs.accountId, JobId }));
    const { Status = "", ProgressSummary: { NumberOfTasksSucceeded: succeeded } = {} } = Job ?? {};
    if (endedStatuses.includes(Status)) {
      if (succeeded !== objects) throw new Error(`${succeeded} of ${objects} objects are jobs: ${Status}`);
      break;
    }
    await pause(200);
  }
  control.destroy();
}

void main();
