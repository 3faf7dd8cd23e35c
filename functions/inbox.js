import { giveUpTime } from "../aws/lambda";
import { readS3Event, submitUpload } from "../core/lifecycle/inbox";
import { forEach } from "../core/forEach";
import { readSettings } from "./settings";
import { submitPorts } from "./submit";
/**
 * The inbox function: an object uploaded below the inbox prefix in, a job out.
 *
 * IAM, exactly: what {@link submitFunction} needs, except its `s3:GetObject` and what concerns allowed buckets, and
 * - `s3:GetObject` on `<bucket>/<inboxPrefix>*`, and on former ones (looks at the upload and copies it to the job's input key)
 */
export function inboxFunction() {
    const settings = readSettings();
    const ports = submitPorts(settings);
    return async (event, context) => {
        const message = readS3Event(event);
        if (message.kind === "test")
            return;
        if (message.kind === "malformed") {
            ports.log({ level: "error", message: "S3 event dropped", code: "BAD_MESSAGE", problem: message.problem });
            return;
        }
        await forEach(message.uploads, (upload) => submitUpload(ports, settings, upload, giveUpTime(context)));
    };
}
