import { handlerFunction } from "../functions/handler";
import { inboxFunction } from "../functions/inbox";
import { resultFunction } from "../functions/result";
import { submitFunction } from "../functions/submit";

/** One function and an event that it answers without a call of any service. */
interface MeasuredFunction {
  name: string;
  factory: () => (event: never, context: never) => Promise<unknown>;
  event: unknown;
}

/** Every kind of function that the program has. */
export const measuredFunctions: readonly MeasuredFunction[] = [
  { name: "submit", factory: submitFunction, event: {} },
  { name: "inbox", factory: inboxFunction, event: { Records: [] } },
  { name: "result", factory: resultFunction, event: { Records: [] } },
  { name: "handler", factory: handlerFunction(["COMPLETED"], () => undefined), event: { Records: [] } },
];

/** Environment that satisfies each of them. */
export const functionVariables: Record<string, string> = {
  ENDPOINT_NAME: "endpoint",
  BUCKET_NAME: "bucket",
  INPUT_PREFIX: "input/",
  OUTPUT_PREFIX: "output/",
  FAILURE_PREFIX: "failure/",
  INBOX_PREFIX: "inbox/",
  ALLOWED_INPUT_BUCKETS: "bucket",
  JOB_TABLE_NAME: "jobs",
  JOBS_TOPIC_ARN: "arn:aws:sns:us-east-1:000000000000:jobs",
  INVOCATION_TIMEOUT_SECONDS: "900",
  REQUEST_TTL_SECONDS: "3600",
  JOB_RETENTION_DAYS: "30",
  MAX_ATTEMPTS: "3",
  MAX_OPEN_JOBS: "100000",
  NOTIFICATIONS_ENABLED: "true",
  ON_DOUBT: "rerun",
  FLOOR_FUNCTION_NAME: "floor",
};
