import { SageMakerAsyncClient } from "../../client";
import { sdkSettings } from "./settings";
import { report } from "./worker";
report(async ({ endpointUrl, outputs, waiter, jobIds, ending }, step) => {
    const { credentials } = sdkSettings(endpointUrl, outputs.region);
    const client = SageMakerAsyncClient.fromStackOutputs(outputs, { endpointUrl, credentials, waiter, timeoutSeconds: 3600 });
    const endOf = async (jobId) => {
        const { timings } = await client.job(jobId).result();
        return Date.parse(timings.recordedAt ?? "");
    };
    const delays = [];
    const all = new Promise((resolve, reject) => {
        for (const jobId of jobIds) {
            endOf(jobId).then((endedAt) => {
                delays.push(Date.now() - endedAt);
                if (delays.length === ending)
                    resolve();
            }, reject);
        }
    });
    await step();
    await all;
    return { delays };
});
