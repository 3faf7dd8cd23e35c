import type { SubmitEnvironment } from "./submit";

/** Environment of {@link inboxFunction}. */
export interface InboxEnvironment extends SubmitEnvironment {
  /** Objects below it become jobs; no leading, one trailing slash, and apart from every other prefix. */
  INBOX_PREFIX: string;
}

/**
 * The inbox function: an object uploaded below the inbox prefix in, a job out.
 *
 * IAM, exactly: what {@link submitFunction} needs, except `s3:GetObject` on outputs and on allowed buckets, and
 * - `s3:GetObject` on `<bucket>/<inboxPrefix>*` (looks at the upload and copies it to the job's input key)
 */
export function inboxFunction(): (event: unknown) => Promise<void> {
  throw new Error("not assembled");
}
