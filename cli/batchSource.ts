import type { JobDescriptor, S3ControlClient } from "@aws-sdk/client-s3-control";
import type { AsyncInferenceOutputs } from "../outputs";
import { endedStatuses, jobsOfBatch, manifestFolder, type BatchSource } from "./batches";
import { UsageError } from "./failure";

/**
 * A batch's id is for one list of objects: with another one its progress, its results and `batch resume` would be about both or the
 * newer one. What was started over another list and made no job does not count.
 *
 * @throws UsageError when the batch goes, or went, over other objects
 */
export async function requireSameSource(
  control: S3ControlClient,
  outputs: AsyncInferenceOutputs,
  batchId: string,
  source: BatchSource,
): Promise<void> {
  const { DescribeJobCommand } = await import("@aws-sdk/client-s3-control");
  const jobs = await jobsOfBatch(control, outputs, batchId);
  const counts = jobs.find(
    ({ Status = "", ProgressSummary }) => !endedStatuses.includes(Status) || (ProgressSummary?.NumberOfTasksSucceeded ?? 0) > 0,
  );
  if (counts === undefined) return;
  const { Job } = await control.send(new DescribeJobCommand({ AccountId: outputs.accountId, JobId: counts.JobId }));
  if (Job === undefined) return;
  const [known, given] = [sourceText(Job), sourceText(source)];
  if (known === given) return;
  const wayOn = endedStatuses.includes(counts.Status ?? "")
    ? "Give these objects another id, or none: create makes one"
    : "Give these objects another id, or none: create makes one. If the batch was a mistake and made no job, batch stop frees its id";
  throw new UsageError(`--id: got ${batchId}, expected an id of its own: batch ${batchId} is over ${known}, this is ${given}. ${wayOn}.`);
}

/** Tells one list of objects from another: a prefix by its place, a manifest by its place and contents. */
export function sourceText(source: BatchSource | Pick<JobDescriptor, "Manifest" | "ManifestGenerator">): string {
  const { Manifest, ManifestGenerator } = source as Pick<JobDescriptor, "Manifest" | "ManifestGenerator">;
  if (ManifestGenerator !== undefined) {
    const { SourceBucket, Filter } = ManifestGenerator.S3JobManifestGenerator ?? {};
    return `s3://${afterArn(SourceBucket)}/${Filter?.KeyNameConstraint?.MatchAnyPrefix?.join(",") ?? ""}`;
  }
  const { Location, Spec } = Manifest ?? {};
  const fields = Spec?.Fields === undefined ? "" : ` with the fields ${Spec.Fields.join(",")}`;
  const at = `the manifest s3://${afterArn(Location?.ObjectArn)}`;
  // A file that was uploaded has the hash of its rows in its name; where KMS encrypts it, each upload has an ETag of its own.
  return at.includes(manifestFolder) ? at : `${at} of ETag ${unquoted(Location?.ETag)}${fields}`;
}

function unquoted(eTag = ""): string {
  return eTag.replaceAll('"', "");
}

function afterArn(arn = ""): string {
  return arn.replace(/^arn:[^:]+:s3:::/, "");
}
