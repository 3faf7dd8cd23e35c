import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { SageMakerAsyncClient } from "../../client";
import type { AsyncInferenceOutputs } from "../../outputs";
import { sdkSettings } from "./settings";
import { snippetSubmit } from "./snippetLoop";
import { report } from "./worker";

/** What to submit, by what. */
export interface SubmitTask {
  by: "table" | "objects" | "snippet";
  endpointUrl: string;
  outputs: AsyncInferenceOutputs;
  /** Many small payloads, or one file. */
  payload: { count: number; bytes: number; concurrency: number } | { file: string };
}

/** Milliseconds that submitting took. */
export interface SubmitReport {
  milliseconds: number;
}

type Submit = (payload: string | URL) => Promise<unknown>;

function submitter({ by, endpointUrl, outputs }: SubmitTask): Submit {
  const settings = sdkSettings(endpointUrl, outputs.region);
  const { bucketName: bucket, endpointName, region } = outputs;
  if (by === "snippet") {
    const clients = { s3: new S3Client(settings), runtime: new SageMakerRuntimeClient(settings) };
    return async (payload) => {
      const body = typeof payload === "string" ? payload : await readFile(payload);
      return snippetSubmit(clients, { bucket, key: `input/${crypto.randomUUID()}`, endpointName }, body);
    };
  }
  const { credentials } = settings;
  const client =
    by === "table"
      ? SageMakerAsyncClient.fromStackOutputs(outputs, { endpointUrl, credentials })
      : new SageMakerAsyncClient({ bucket, endpointName, region, endpointUrl, credentials });
  return (payload) => client.submit(payload, { contentType: "application/json" });
}

report<SubmitTask, SubmitReport>(async (task) => {
  const submit = submitter(task);
  const { payload } = task;
  // Libraries are loaded and connections opened.
  await submit("{}");
  const start = performance.now();
  if ("file" in payload) await submit(pathToFileURL(payload.file));
  else {
    let left = payload.count;
    const body = JSON.stringify({ text: "x".repeat(payload.bytes - 11) });
    const one = async () => {
      while (left-- > 0) await submit(body);
    };
    await Promise.all(Array.from({ length: payload.concurrency }, one));
  }
  return { milliseconds: performance.now() - start };
});
