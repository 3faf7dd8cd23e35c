import { SageMakerAsyncClient } from "../../client";
import type { AsyncInferenceOutputs } from "../../outputs";
import { sdkSettings } from "./settings";
import { report } from "./worker";

/** Handles to wait with. */
export interface WaitTask {
  endpointUrl: string;
  outputs: AsyncInferenceOutputs;
  /** Name of the client: that of another process or not. */
  waiter: string;
  jobIds: string[];
  /** How many of them will end. */
  ending: number;
}

/** Milliseconds from each end's record to its caller. */
export interface WaitReport {
  delays: number[];
}

report<WaitTask, WaitReport>(async ({ endpointUrl, outputs, waiter, jobIds, ending }, step) => {
  const { credentials } = sdkSettings(endpointUrl, outputs.region);
  const client = SageMakerAsyncClient.fromStackOutputs(outputs, { endpointUrl, credentials, waiter, timeoutSeconds: 3600 });
  const endOf = async (jobId: string): Promise<number> => {
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
