import { handlerFunction } from "../functions/handler";
import { inboxFunction, type InboxFunctionSettings } from "../functions/inbox";
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

/** Settings that satisfy each of the service's own. */
const functionSettings: InboxFunctionSettings = {
  endpointName: "endpoint",
  bucketName: "bucket",
  inputPrefix: "input/",
  outputPrefix: "output/",
  inboxPrefix: "inbox/",
  formerInboxPrefixes: [],
  allowedInputBuckets: ["bucket"],
  jobTableName: "jobs",
  jobsTopicArn: "arn:aws:sns:us-east-1:000000000000:jobs",
  invocationTimeoutSeconds: 900,
  requestTtlSeconds: 3600,
  retentionDays: 30,
  maxAttempts: 3,
  maxOpenJobs: 100_000,
  notificationsEnabled: true,
  onDoubt: "rerun",
  floorFunctionName: "floor",
};

/** Environment that satisfies each of them. */
export const functionVariables: Record<string, string> = {
  SETTINGS: JSON.stringify(functionSettings),
  ENDPOINT_NAME: "endpoint",
  JOB_TABLE_NAME: "jobs",
  HANDLER_NAME: "handler",
};
