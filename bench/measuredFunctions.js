import { handlerFunction } from "../functions/handler";
import { inboxFunction } from "../functions/inbox";
import { resultFunction } from "../functions/result";
import { submitFunction } from "../functions/submit";
/** Every kind of function that the program has. */
export const measuredFunctions = [
    { name: "submit", factory: submitFunction, event: {} },
    { name: "inbox", factory: inboxFunction, event: { Records: [] } },
    { name: "result", factory: resultFunction, event: { Records: [] } },
    { name: "handler", factory: handlerFunction(["COMPLETED"], () => undefined), event: { Records: [] } },
];
/** Settings that satisfy each of the service's own. */
const functionSettings = {
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
export const functionVariables = {
    SETTINGS: JSON.stringify(functionSettings),
    ENDPOINT_NAME: "endpoint",
    JOB_TABLE_NAME: "jobs",
    HANDLER_NAME: "handler",
};
