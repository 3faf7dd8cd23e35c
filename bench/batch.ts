import { setTimeout as pause } from "node:timers/promises";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { controlClient, createBatch, endedStatuses, findBatch, prefixSource } from "../cli/batches";
import { SageMakerAsyncClient } from "../client";
import { EmbeddedCloud } from "../local/embeddedCloud";
import type { AsyncInferenceOutputs } from "../outputs";
import { root, table } from "./measure";

/** Objects of the batch, and jobs of submitMany beside it. */
const objects = Number(process.env["BENCH_OBJECTS"] ?? 20_000);
const uploadsAtATime = 32;

/** A batch of objects in the embedded cloud beside `submitMany` of as many inputs, both until every one is a job. */
async function batch(): Promise<string> {
  const cloud = await EmbeddedCloud.start();
  try {
    const { outputs: deployed } = await cloud.deploy({
      directory: root,
      stack: "local",
      compiledMain: `${root}/build/index.js`,
      settings: {
        "local:modelCommand": "node build/test/support/modelServer.js",
        "sagemaker-async-inference:batchEnabled": "true",
        "sagemaker-async-inference:maxOpenJobs": "0",
      },
    });
    const outputs = deployed as unknown as AsyncInferenceOutputs;
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const settings = { endpoint: cloud.endpointUrl, region: cloud.region, credentials };
    const s3 = new S3Client(settings);
    const keys = Array.from({ length: objects }, (_, index) => `${outputs.inputPrefix}bench/${index}.json`);
    const upload = async () => {
      for (let key = keys.pop(); key !== undefined; key = keys.pop()) {
        await s3.send(new PutObjectCommand({ Bucket: outputs.bucketName, Key: key, Body: "{}", ContentType: "application/json" }));
      }
    };
    await Promise.all(Array.from({ length: uploadsAtATime }, upload));

    const heap = watchHeap();
    const control = await controlClient(settings);
    const startedAt = performance.now();
    await createBatch(control, outputs, "bench", prefixSource(`s3://${outputs.bucketName}/${outputs.inputPrefix}bench/`, outputs), {
      confirm: false,
    });
    let job = await findBatch(control, outputs, "bench");
    while (!endedStatuses.includes(job.Status ?? "")) {
      await pause(1000);
      job = await findBatch(control, outputs, "bench");
    }
    const batchSeconds = (performance.now() - startedAt) / 1000;
    const { NumberOfTasksSucceeded = 0 } = job.ProgressSummary ?? {};
    if (NumberOfTasksSucceeded !== objects) throw new Error(`${NumberOfTasksSucceeded} of ${objects} objects are jobs: ${job.Status}`);
    const batchHeap = heap();

    const client = SageMakerAsyncClient.fromStackOutputs({ endpointUrl: cloud.endpointUrl, outputs }, { credentials });
    const manyAt = performance.now();
    let submitted = 0;
    const work = async () => {
      while (submitted < objects) await client.submit({ index: submitted++ });
    };
    await Promise.all(Array.from({ length: uploadsAtATime }, work));
    const manySeconds = (performance.now() - manyAt) / 1000;
    await client.close();
    s3.destroy();
    control.destroy();
    return table([
      ["", "jobs", "seconds", "jobs per second"],
      ["batch of a prefix", String(objects), batchSeconds.toFixed(1), (objects / batchSeconds).toFixed(1)],
      ["client.submit, 32 at a time", String(objects), manySeconds.toFixed(1), (objects / manySeconds).toFixed(1)],
      ["heap of the engine's process during the batch, MB", `${batchHeap.first} at first`, `${batchHeap.last} at the end`, ""],
    ]);
  } finally {
    await cloud.close();
  }
}

/** Looks at the heap now and when it is asked again, in MB, after what is garbage has gone. */
function watchHeap(): () => { first: number; last: number } {
  const look = () => {
    globalThis.gc?.();
    return Math.round(process.memoryUsage().heapUsed / 1024 ** 2);
  };
  const first = look();
  return () => ({ first, last: look() });
}

void batch().then(
  (text) => console.log(text),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
