import { readFile } from "node:fs/promises";
import { setImmediate as turn } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { SageMakerAsyncClient } from "../../client";
import { serviceOutputs } from "../../test/support/outputs";
import { sdkSettings } from "./settings";
import { snippetSubmit } from "./snippetLoop";
import { report } from "./worker";

/** What to submit, by what. */
export interface SubmitTask {
  by: "table" | "objects" | "snippet";
  endpointUrl: string;
  /** Many small payloads, or one file. */
  payload: { count: number; bytes: number; concurrency: number } | { file: string };
}

/** What submitting took, of the wall's time and of the processor's, and what it left in memory. */
export interface SubmitReport {
  milliseconds: number;
  processorMilliseconds: number;
  /** What is still in use afterwards, in bytes: the rest of the process's memory is V8's to use again. */
  usedBytes: number;
}

type Submit = (payload: string | URL) => Promise<unknown>;

function submitter({ by, endpointUrl }: SubmitTask): Submit {
  const { bucketName: bucket, endpointName, region } = serviceOutputs;
  const settings = sdkSettings(endpointUrl, region);
  if (by === "snippet") {
    const clients = { s3: new S3Client({ ...settings, forcePathStyle: true }), runtime: new SageMakerRuntimeClient(settings) };
    return async (payload) => {
      const body = typeof payload === "string" ? payload : await readFile(payload);
      return snippetSubmit(clients, { bucket, key: `input/${crypto.randomUUID()}`, endpointName }, body);
    };
  }
  const { credentials } = settings;
  const client =
    by === "table"
      ? SageMakerAsyncClient.fromStackOutputs(serviceOutputs, { endpointUrl, credentials })
      : new SageMakerAsyncClient({ bucket, endpointName, region, endpointUrl, credentials });
  return (payload) => client.submit(payload, { contentType: "application/json" });
}

/** What the process uses once everything is collected that nothing refers to. */
async function usedBytes(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  // What is under way of the last jobs comes to its end, and what the first collection has freed is released.
  for (let time = 0; time < 2; time++) {
    await turn();
    collect();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

report<SubmitTask, SubmitReport>(async (task) => {
  const submit = submitter(task);
  const { payload } = task;
  // Libraries are loaded and connections opened.
  await submit("{}");
  const start = performance.now();
  const before = process.cpuUsage();
  if ("file" in payload) await submit(pathToFileURL(payload.file));
  else {
    let left = payload.count;
    const body = JSON.stringify({ text: "x".repeat(payload.bytes - 11) });
    const one = async () => {
      while (left-- > 0) await submit(body);
    };
    await Promise.all(Array.from({ length: payload.concurrency }, one));
  }
  const { user, system } = process.cpuUsage(before);
  const milliseconds = performance.now() - start;
  return { milliseconds, processorMilliseconds: (user + system) / 1000, usedBytes: await usedBytes() };
});
