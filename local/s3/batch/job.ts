/** Where a job stands. https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-job-status.html */
export type BatchStatus =
  | "New"
  | "Preparing"
  | "Suspended"
  | "Ready"
  | "Active"
  | "Completing"
  | "Complete"
  | "Cancelling"
  | "Cancelled"
  | "Failing"
  | "Failed";

/** Where the list of objects comes from. */
export type ManifestSource =
  | {
      kind: "manifest";
      format: "S3BatchOperations_CSV_20180820" | "S3InventoryReport_CSV_20161130";
      fields: readonly string[];
      objectArn: string;
      eTag: string;
    }
  | { kind: "generator"; sourceBucketArn: string; prefixes: readonly string[] };

/** A job of S3 Batch Operations that invokes a function. */
export interface BatchJob {
  id: string;
  arn: string;
  status: BatchStatus;
  confirmationRequired: boolean;
  description: string | undefined;
  functionArn: string;
  schemaVersion: "1.0" | "2.0";
  userArguments: Readonly<Record<string, string>>;
  source: ManifestSource;
  report: { bucket: string; prefix: string; scope: "AllTasks" | "FailedTasksOnly" } | undefined;
  priority: number;
  roleArn: string;
  clientRequestToken: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  endedAt: number | undefined;
  activeMilliseconds: number;
  total: number;
  succeeded: number;
  failed: number;
  failure: { code: string; reason: string } | undefined;
}

/** What ends a job. */
export const endedStatuses: readonly BatchStatus[] = ["Complete", "Cancelled", "Failed"];

/** An object of a manifest, as it stands there: the key is percent-encoded. */
export interface ManifestRow {
  bucket: string;
  key: string;
  versionId: string | undefined;
}
