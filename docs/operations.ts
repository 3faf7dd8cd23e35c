import * as autoscaling from "@aws-sdk/client-application-auto-scaling";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as events from "@aws-sdk/client-eventbridge";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import * as lambda from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import * as control from "@aws-sdk/client-s3-control";
import * as sagemaker from "@aws-sdk/client-sagemaker";
import * as runtime from "@aws-sdk/client-sagemaker-runtime";
import * as sfn from "@aws-sdk/client-sfn";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import * as ssm from "@aws-sdk/client-ssm";
import * as sts from "@aws-sdk/client-sts";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EmbeddedCloud } from "../local/embeddedCloud";
import { formatted } from "./formatted";

/** Path of the page. */
export const operationsPath = join(__dirname, "..", "..", "docs", "operations.md");

/** A call of an operation, with nothing in it. */
export interface EmptyCall {
  method?: string;
  path?: string;
  headers: Record<string, string>;
  body?: string;
}

/** A service's API, as far as asking for each of its operations needs it. */
export interface Api {
  /** As people say it. */
  title: string;
  /** What requests are signed for. */
  signedFor: string;
  /** All that the service's SDK client knows. */
  operations: string[];
  call: (operation: string) => EmptyCall;
}

const json =
  (prefix: string, type = "application/x-amz-json-1.0") =>
  (operation: string): EmptyCall => ({ headers: { "x-amz-target": `${prefix}.${operation}`, "content-type": type }, body: "{}" });

const form = (operation: string): EmptyCall => ({
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: `Action=${operation}`,
});

/** Method and path stand in the SDK's schema of an operation, as they do in the service's model. */
const rest =
  (
    client: object,
    { prefix = "", label = "x", headers = {} }: { prefix?: string; label?: string; headers?: Record<string, string> } = {},
  ) =>
  (operation: string): EmptyCall => {
    const schema = (client as Record<string, unknown>)[`${operation}$`] as [number, string, string, { http: [string, string, number] }];
    const [method, uri] = schema[3].http;
    const path = prefix + uri.replace(/\{\w+\+?\}/g, label);
    return { method, path, headers, ...(["GET", "HEAD"].includes(method) ? {} : { body: "{}" }) };
  };

/** Operations of S3 Express, which only the host of a request tells from another: of ListBuckets. */
const ofOtherHosts: ReadonlySet<string> = new Set(["ListDirectoryBuckets"]);

const api = (title: string, signedFor: string, client: object, call: Api["call"]): Api => ({
  title,
  signedFor,
  operations: Object.keys(client)
    .flatMap((name) => /^([A-Z]\w*)Command$/.exec(name)?.[1] ?? [])
    .filter((operation) => !ofOtherHosts.has(operation)),
  call,
});

/** Every service of the embedded cloud. */
export const apis: readonly Api[] = [
  api("Application Auto Scaling", "application-autoscaling", autoscaling, json("AnyScaleFrontendService")),
  api("CloudWatch", "monitoring", cloudwatch, json("GraniteServiceVersion20100801")),
  api("CloudWatch Logs", "logs", logs, json("Logs_20140328")),
  api("DynamoDB", "dynamodb", dynamodb, json("DynamoDB_20120810")),
  api("EventBridge", "events", events, json("AWSEvents", "application/x-amz-json-1.1")),
  api("IAM", "iam", iam, form),
  api("KMS", "kms", kms, json("TrentService")),
  api("Lambda", "lambda", lambda, rest(lambda)),
  api("S3", "s3", s3, rest(s3, { prefix: "/jobs" })),
  api(
    "S3 Control",
    "s3",
    control,
    rest(control, { label: encodeURIComponent("arn:aws:s3:::jobs"), headers: { "x-amz-account-id": "000000000000" } }),
  ),
  api("SageMaker", "sagemaker", sagemaker, json("SageMaker")),
  api("SageMaker Runtime", "sagemaker", runtime, rest(runtime)),
  api("SNS", "sns", sns, form),
  api("SQS", "sqs", sqs, json("AmazonSQS")),
  api("Step Functions", "states", sfn, json("AWSStepFunctions")),
  api("STS", "sts", sts, form),
  api("Systems Manager", "ssm", ssm, json("AmazonSSM")),
];

/** Makes an empty call. @param key access key id of who calls @param sessionToken of keys that the cloud issued */
export async function callApi(
  endpointUrl: string,
  { signedFor, call }: Api,
  operation: string,
  key = "test",
  sessionToken?: string,
): Promise<{ status: number; text: string }> {
  const { method = "POST", path = "/", headers, body } = call(operation);
  const credential = `AWS4-HMAC-SHA256 Credential=${key}/20260125/us-east-1/${signedFor}/aws4_request, SignedHeaders=host, Signature=0`;
  const given = {
    ...headers,
    authorization: credential,
    ...(sessionToken !== undefined && { "x-amz-security-token": sessionToken }),
  };
  const response = await fetch(endpointUrl + path, { method, headers: given, ...(body === undefined ? {} : { body }) });
  return { status: response.status, text: await response.text() };
}

/** True for an operation that the cloud at this address carries out. All others are refused as not implemented. */
export async function isAnswered(endpointUrl: string, asked: Api, operation: string): Promise<boolean> {
  return (await callApi(endpointUrl, asked, operation)).status !== 501;
}

/** The page with these operations, between `<!-- operations -->` and `<!-- /operations -->`. @param answered by the API's title */
export async function withOperations(page: string, answered: ReadonlyMap<string, readonly string[]>): Promise<string> {
  const region = /<!-- operations -->[^]*<!-- \/operations -->/;
  if (!region.test(page)) throw new Error("docs/operations.md has no region <!-- operations --> … <!-- /operations -->");
  const services = apis.map(({ title, operations }) => ({ title, all: operations.length, names: [...(answered.get(title) ?? [])].sort() }));
  const table = [
    "| service | operations answered | of |",
    "| --- | ---: | ---: |",
    ...services.map(({ title, all, names }) => `| [${title}](#${title.toLowerCase().replaceAll(" ", "-")}) | ${names.length} | ${all} |`),
  ];
  const lists = services.flatMap(({ title, names }) => ["", `## ${title}`, "", names.map((name) => `\`${name}\``).join(", ")]);
  const filled = page.replace(region, () => ["<!-- operations -->", "", ...table, ...lists, "", "<!-- /operations -->"].join("\n"));
  return formatted(operationsPath, filled);
}

async function write(): Promise<void> {
  const cloud = await EmbeddedCloud.start();
  try {
    const answered = new Map<string, string[]>();
    for (const asked of apis) {
      const names: string[] = [];
      for (const operation of asked.operations) {
        if (await isAnswered(cloud.endpointUrl, asked, operation)) names.push(operation);
      }
      answered.set(asked.title, names);
    }
    writeFileSync(operationsPath, await withOperations(readFileSync(operationsPath, "utf8"), answered));
  } finally {
    await cloud.close();
  }
}

if (require.main === module) void write();
