// The service that faults happen to: every part of it, and a team's own code on the ends of jobs.
import * as aws from "@pulumi/aws";
import { AsyncInference } from "../components/asyncInference";
import type { JobHandler } from "../functions/handler";

/** The service's name: what its resources' names begin with. */
export const serviceName = "faults";

/** Seconds that bound an attempt; short, so that a run's hours are few. */
export const invocationTimeoutSeconds = 120;
export const requestTtlSeconds = 600;

/** Open jobs from which on others are refused: fewer than a flood brings. */
export const maxOpenJobs = 40;

/** Id of the batch that a plan may bring. */
export const batchId = "batch";

/** Bucket of a batch's objects. */
export const batchBucket = "scans";

/** How long nothing must have been open before the floor is lowered; short, so that late jobs meet it. */
export const idleSeconds = 180;

/** Deploys it. @returns the service's outputs */
export function program(): AsyncInference["outputs"] {
  const effects = new aws.sqs.Queue(`${serviceName}-effects`);
  const service = new AsyncInference(serviceName, {
    image: "model:1",
    minCapacity: 0,
    maxCapacity: 3,
    idleSeconds,
    maxConcurrentInvocationsPerInstance: 2,
    invocationTimeoutSeconds,
    requestTtlSeconds,
    maxOpenJobs,
    inboxEnabled: true,
    batchEnabled: true,
    inputBuckets: [batchBucket],
    notificationsEnabled: true,
    forceDestroy: true,
  });
  const options = { environment: { EFFECTS_QUEUE_URL: effects.url } };
  service.onCompleted("store", effectOnce, options);
  service.onCompleted("index", effectOnce, options);
  service.onFailed("tell", effectOnce, options);
  return service.outputs;
}

/** Does one thing that can't be undone, and that doing twice would harm. */
const effectOnce: JobHandler = async (job, context) => {
  const { SQSClient, SendMessageCommand } = require("@aws-sdk/client-sqs") as typeof import("@aws-sdk/client-sqs");
  if (job.state === "COMPLETED") await context.readResult();
  const message = JSON.stringify({ jobId: job.jobId, handler: process.env["AWS_LAMBDA_FUNCTION_NAME"], state: job.state });
  await context.once("send", () =>
    new SQSClient({}).send(new SendMessageCommand({ QueueUrl: process.env["EFFECTS_QUEUE_URL"], MessageBody: message })),
  );
};
