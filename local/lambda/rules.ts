import * as z from "zod";
import { destinationService } from "./destinations";

/** What a function's own variables can't be called. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const reservedVariables = new Set([
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_DEFAULT_REGION",
  "AWS_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_LAMBDA_RUNTIME_API",
  "LAMBDA_TASK_ROOT",
  "LAMBDA_RUNTIME_DIR",
]);

/** Total of the variables' names and values. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const variablesLimitBytes = 4096;

/** What Lambda takes, member by member: resource types and API name the members each in their own way. */
export const tags = z.record(z.string(), z.string());
export const functionName = z.string().regex(/^[a-zA-Z0-9-_]{1,64}$/);
export const description = z.string().max(256);
export const handler = z.string().max(128);
export const runtime = z.enum(["nodejs20.x", "nodejs22.x", "nodejs24.x"]);
export const role = z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/);
export const timeoutSeconds = z.int().min(1).max(900);
export const memoryMegabytes = z.int().min(128).max(10_240);
export const architectures = z.tuple([z.enum(["x86_64", "arm64"])]);
export const ephemeralStorageMegabytes = z.literal(512);
export const tracingMode = z.literal("PassThrough");
export const reservedConcurrency = z.int().min(0);
export const variables = tags.superRefine((record, context) => {
  const reserved = Object.keys(record).filter((name) => reservedVariables.has(name));
  if (reserved.length > 0) context.addIssue({ code: "custom", message: `${reserved.join(", ")}: reserved by Lambda; use other names` });
  const bytes = Buffer.byteLength(Object.entries(record).flat().join(""));
  if (bytes > variablesLimitBytes) context.addIssue({ code: "custom", message: `${bytes} bytes; Lambda takes ${variablesLimitBytes}` });
});
/** Actions are the same in any case: Pulumi's `onEvent` of a topic says `lambda:invokeFunction`. */
export const permittedAction = z
  .string()
  .regex(/^lambda:(InvokeFunction|\*)$/i, "the embedded cloud takes lambda:InvokeFunction or lambda:*");
export const destinationArn = z.string().refine(destinationService, "the embedded cloud takes the ARN of a queue, topic or function");
export const maximumRetryAttempts = z.int().min(0).max(2);
export const maximumEventAgeSeconds = z.int().min(60).max(21_600);
/** A function has one version here. */
export const qualifier = z.literal("$LATEST");
export const queueArn = z
  .string()
  .regex(/^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,80}$/, "the embedded cloud takes the ARN of a standard queue");
export const batchSize = z.int().min(1).max(10, "the embedded cloud takes at most 10");
/** Messages are handed over as they come. */
export const batchingWindowSeconds = z.literal(0);
export const responseTypes = z.array(z.literal("ReportBatchItemFailures")).max(1);
export const maximumConcurrency = z.int().min(2).max(1000);
