import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as library from "@aws-sdk/lib-dynamodb";
import { SageMakerAsyncClient } from "../../client";
import { systemWaitClock } from "../../client/waiting/clock";
import { createJobWaiter } from "../../client/waiting/waiter";
import type { AsyncInferenceOutputs } from "../../outputs";
import { sdkSettings } from "./settings";
import { report } from "./worker";

/** Handles to wait with. */
export interface WaitTask {
  endpointUrl: string;
  outputs: AsyncInferenceOutputs;
  waiter: string;
  jobIds: string[];
  /** Whether this client submitted them, or has their ids from elsewhere. */
  own: boolean;
  /** How many of them will end. */
  ending: number;
}

/** Milliseconds from each end's record to its caller. */
export interface WaitReport {
  delays: number[];
}

report<WaitTask, WaitReport>(async ({ endpointUrl, outputs, waiter, jobIds, own, ending }, step) => {
  const settings = sdkSettings(endpointUrl, outputs.region);
  const { credentials } = settings;
  const client = SageMakerAsyncClient.fromStackOutputs(outputs, { endpointUrl, credentials, timeoutSeconds: 3600 });
  const documents = library.DynamoDBDocumentClient.from(new DynamoDBClient(settings));
  const { jobTableName: tableName, jobTableArn: tableArn } = outputs;
  const shared = { documents, library, tableName, tableArn, waiter, pollIntervalSeconds: 1, clock: systemWaitClock };
  const owner = createJobWaiter({ ...shared, log: () => undefined });
  const deadline = Date.now() + 3_600_000;
  // A handle of its own is what `submit` returns; to submit so many would measure the embedded cloud.
  const endOf = async (jobId: string): Promise<number> => {
    if (own) return Date.parse((await owner.wait(jobId, { own, deadline })).endedAt ?? "");
    const { timings } = await client.job(jobId).result();
    return Date.parse(timings.recordedAt ?? "");
  };

  const delays: number[] = [];
  const all = new Promise<void>((resolve, reject) => {
    for (const jobId of jobIds) {
      endOf(jobId).then((endedAt) => {
        delays.push(Date.now() - endedAt);
        if (delays.length === ending) resolve();
      }, reject);
    }
  });
  await step();
  await all;
  return { delays };
});
