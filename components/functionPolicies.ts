import * as pulumi from "@pulumi/pulumi";
import { jobTable } from "../functions/core/table";
import type { DeadLetters } from "./deadLetters";
import type { Settings } from "./defaults";
import type { Endpoint } from "./endpoint";
import type { Place } from "./images";
import type { Jobs } from "./jobs";
import { keyStatements, type Statement } from "./policies";
import type { Storage } from "./storage";

/** What the functions work on. */
export interface Reach {
  place: Place;
  settings: Settings;
  endpoint: Endpoint;
  storage: Storage;
  jobs: Jobs;
  jobsTopicArn: pulumi.Output<string>;
  deadLetters: DeadLetters;
  inputPrefix: string;
  outputPrefix: string;
  failurePrefix: string;
  inboxPrefix: string;
}

/** What each function may do: what its factory's documentation lists, action by action. */
export function functionStatements(reach: Reach): Record<"submit" | "inbox" | "result" | "sweep", Statement[]> {
  const { place, settings, endpoint, storage, jobs, jobsTopicArn, inputPrefix, outputPrefix, failurePrefix, inboxPrefix } = reach;
  const allowed = settings.inputBuckets.map((bucket) => pulumi.interpolate`arn:${place.partition}:s3:::${bucket}`);
  const below = (prefix: string) => pulumi.interpolate`${storage.bucketArn}/${prefix}*`;

  const table = (...actions: string[]): Statement => ({ sid: "Jobs", actions, resources: [jobs.tableArn] });
  const read = (resources: pulumi.Input<string>[]): Statement => ({ sid: "ReadObjects", actions: ["s3:GetObject"], resources });
  // Without it a missing object reads as forbidden.
  const list = (...buckets: pulumi.Input<string>[]): Statement => ({ sid: "ListBuckets", actions: ["s3:ListBucket"], resources: buckets });
  const upload: Statement = { sid: "WriteInputs", actions: ["s3:PutObject"], resources: [below(inputPrefix)] };
  const invoke: Statement = {
    sid: "Invoke",
    actions: ["sagemaker:InvokeEndpointAsync"],
    resources: [
      pulumi.interpolate`arn:${place.partition}:sagemaker:${place.region}:${place.accountId}:endpoint/${endpoint.endpointName.apply((name) => name.toLowerCase())}`,
    ],
  };
  const announce: Statement = { sid: "Announce", actions: ["sns:Publish"], resources: [jobsTopicArn] };
  const key = keyStatements(settings.kmsKeyArn);
  const { bucketArn } = storage;

  return {
    submit: [
      table("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
      upload,
      read([below(inputPrefix), below(outputPrefix), ...allowed.map((bucket) => pulumi.interpolate`${bucket}/*`)]),
      list(bucketArn, ...allowed),
      invoke,
      announce,
      ...key,
    ],
    inbox: [
      table("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
      upload,
      read([below(inboxPrefix)]),
      list(bucketArn),
      invoke,
      announce,
      ...key,
    ],
    sweep: [
      table("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
      { sid: "DueJobs", actions: ["dynamodb:Query"], resources: [pulumi.interpolate`${jobs.tableArn}/index/${jobTable.indexes.due.name}`] },
      read([below(inputPrefix), below(outputPrefix), below(failurePrefix)]),
      list(bucketArn),
      invoke,
      announce,
      ...key,
    ],
    result: [table("dynamodb:GetItem", "dynamodb:UpdateItem"), read([below(outputPrefix)]), list(bucketArn), invoke, announce, ...key],
  };
}
