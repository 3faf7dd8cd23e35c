import { DescribeJobCommand, type JobDescriptor, type S3ControlClient } from "@aws-sdk/client-s3-control";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { createBatch, endedStatuses, prefixSource, type BatchSource } from "../../cli/batches";
import { sleep } from "../../core/sleep";
import type { ScaledClock } from "../../local/clock";
import type { AsyncInferenceOutputs } from "../../outputs";
import type { CloudUnderTest } from "./service";

/** Has S3 run a batch to its end. @returns S3's job as it is then */
export async function runBatch(
  control: S3ControlClient,
  outputs: AsyncInferenceOutputs,
  clock: ScaledClock,
  batchId: string,
  source: BatchSource,
): Promise<JobDescriptor> {
  const JobId = await createBatch(control, outputs, batchId, source, { confirm: false });
  for (;;) {
    const { Job } = await control.send(new DescribeJobCommand({ AccountId: outputs.accountId, JobId }));
    if (Job && endedStatuses.includes(Job.Status ?? "")) return Job;
    await sleep(clock, 500);
  }
}

/** A CSV manifest that is in S3. */
export async function storedManifest({ s3 }: CloudUnderTest, bucket: string, key: string): Promise<BatchSource> {
  const { ETag = "" } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
  const Location = { ObjectArn: `arn:aws:s3:::${bucket}/${key}`, ETag: ETag.replaceAll('"', "") };
  return { Manifest: { Spec: { Format: "S3BatchOperations_CSV_20180820", Fields: ["Bucket", "Key"] }, Location } };
}

/** The objects below a prefix. */
export function below(bucket: string, prefix: string, outputs: AsyncInferenceOutputs): BatchSource {
  return prefixSource(`s3://${bucket}/${prefix}`, outputs);
}

/** What S3 Batch Operations sends to the batch function for one object. */
export function batchEvent(batch: string, s3Bucket: string, s3Key: string): object {
  return {
    invocationSchemaVersion: "2.0",
    invocationId: `${batch}-${s3Key}`,
    job: { id: "j", userArguments: { batch } },
    tasks: [{ taskId: "t", s3Key, s3VersionId: null, s3Bucket }],
  };
}
