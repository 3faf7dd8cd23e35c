import { giveUpTime, type LambdaContext } from "../aws/lambda";
import { readS3Event, submitUpload } from "../core/lifecycle/inbox";
import { forEach } from "../core/forEach";
import { readSettings } from "./settings";
import { submitPorts, type SubmitFunctionSettings } from "./submit";

/** Settings of {@link inboxFunction}. */
export interface InboxFunctionSettings extends SubmitFunctionSettings {
  /** Objects below it become jobs; no leading, one trailing slash, and apart from every other prefix. */
  inboxPrefix: string;
  /** Prefixes that it was before: uploads whose events are still to come become jobs. */
  formerInboxPrefixes: readonly string[];
}

/**
 * The inbox function: an object uploaded below the inbox prefix in, a job out.
 *
 * IAM, exactly: what {@link submitFunction} needs, except its `s3:GetObject` and what concerns allowed buckets, and
 * - `s3:GetObject` on `<bucket>/<inboxPrefix>*`, and on former ones (looks at the upload and copies it to the job's input key)
 */
export function inboxFunction(): (event: unknown, context: LambdaContext) => Promise<void> {
  const settings = readSettings<InboxFunctionSettings>();
  const ports = submitPorts(settings);
  return async (event, context) => {
    const message = readS3Event(event);
    if (message.kind === "test") return;
    if (message.kind === "malformed") {
      ports.log({ level: "error", message: "S3 event dropped", code: "BAD_MESSAGE", problem: message.problem });
      return;
    }
    await forEach(message.uploads, (upload) => submitUpload(ports, settings, upload, giveUpTime(context)));
  };
}
