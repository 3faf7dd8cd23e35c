import { present } from "../../core/present";
import { refusal } from "./problems";
/** Cancels a job. @throws AsyncInferenceError */
export async function cancelJob({ client, live }, jobId) {
    const { message } = await client.job(jobId).cancel();
    live.nudge();
    return { message };
}
/**
 * Submits a job's input again as a new job, with its settings and metadata. The old one stays as it is.
 *
 * @throws a refusal where the input is gone, AsyncInferenceError
 */
export async function submitAgain({ client, live }, jobId) {
    const job = client.job(jobId);
    const status = await job.status();
    const { inputLocation, contentType, accept, customAttributes, invocationTimeoutSeconds, requestTtlSeconds, metadata } = status;
    const options = present({ contentType, accept, customAttributes, invocationTimeoutSeconds, requestTtlSeconds, metadata });
    const input = inputLocation === undefined ? (await job.open("input"))?.body : new URL(inputLocation);
    if (input === undefined) {
        const message = `The input of ${jobId} went to the service in the call itself, and was kept until the job's end only.`;
        throw refusal(409, "NOT_FOUND", message, "Submit it again from where it came from.");
    }
    const again = await client.submit(input, options);
    live.nudge();
    return { message: `Submitted as ${again.jobId}.`, jobId: again.jobId };
}
/** Submits a file that was dropped on the page. @throws AsyncInferenceError */
export async function submitFile({ client, live }, request) {
    const given = request.headers["x-file-name"];
    const fileName = decodeURIComponent(typeof given === "string" ? given : "") || "input";
    const contentType = request.headers["content-type"] ?? "application/octet-stream";
    const { jobId } = await client.submit(request, { fileName, contentType, metadata: { file: fileName.slice(0, 200) } });
    live.nudge();
    return { message: `Submitted ${fileName} as ${jobId}.`, jobId };
}
