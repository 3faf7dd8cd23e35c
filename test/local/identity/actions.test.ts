import * as autoscaling from "@aws-sdk/client-application-auto-scaling";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as events from "@aws-sdk/client-eventbridge";
import * as iam from "@aws-sdk/client-iam";
import * as lambda from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import * as sagemaker from "@aws-sdk/client-sagemaker";
import * as runtime from "@aws-sdk/client-sagemaker-runtime";
import * as sfn from "@aws-sdk/client-sfn";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import * as sts from "@aws-sdk/client-sts";
import { expect } from "chai";
import { EmbeddedCloud } from "../../../local/embeddedCloud";
import { testProgram } from "../../support/cloudContext";

interface Request {
  method?: string;
  path?: string;
  headers: Record<string, string>;
  body?: string;
}

const json =
  (prefix: string, type = "application/x-amz-json-1.0") =>
  (operation: string) => ({
    headers: { "x-amz-target": `${prefix}.${operation}`, "content-type": type },
    body: "{}",
  });
const form = (operation: string) => ({
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: `Action=${operation}`,
});

/** Method and path stand in the SDK's schema of an operation, as they do in the service's model. */
const rest =
  (client: object, prefix = "") =>
  (operation: string): Request => {
    const schema = (client as Record<string, unknown>)[`${operation}$`] as [number, string, string, { http: [string, string, number] }];
    const [method, uri] = schema[3].http;
    const path = prefix + uri.replace(/\{\w+\+?\}/g, "x");
    return { method, path, headers: {}, ...(["GET", "HEAD"].includes(method) ? {} : { body: "{}" }) };
  };

/** How each service is called: all that its SDK client knows is asked. */
const services: [string, object, (operation: string) => Request][] = [
  ["application-autoscaling", autoscaling, json("AnyScaleFrontendService")],
  ["dynamodb", dynamodb, json("DynamoDB_20120810")],
  ["events", events, json("AWSEvents", "application/x-amz-json-1.1")],
  ["iam", iam, form],
  ["lambda", lambda, rest(lambda)],
  ["logs", logs, json("Logs_20140328")],
  ["monitoring", cloudwatch, json("GraniteServiceVersion20100801")],
  ["s3", s3, rest(s3, "/jobs")],
  ["sagemaker", sagemaker, json("SageMaker")],
  ["sagemaker", runtime, rest(runtime)],
  ["states", sfn, json("AWSStepFunctions")],
  ["sns", sns, form],
  ["sqs", sqs, json("AmazonSQS")],
  ["sts", sts, form],
];

describe("the tables of actions", () => {
  let cloud: EmbeddedCloud;
  let roleKey: string;
  let sessionToken = "";

  before(async () => {
    cloud = await EmbeddedCloud.start();
    const assumeRolePolicy = { Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: "000000000000" } }] };
    const type = "aws:iam/role:Role";
    const inputs = { name: "empty", assumeRolePolicy };
    await cloud.resources.resources?.[type]?.create({ urn: "", type, name: "empty", inputs, program: testProgram });
    const body = "Action=AssumeRole&RoleArn=arn:aws:iam::000000000000:role/empty&RoleSessionName=tests";
    const answer = await call("test", "sts", { ...form("AssumeRole"), body });
    sessionToken = /<SessionToken>(.*)<\/SessionToken>/.exec(answer.text)?.[1] ?? expect.fail(answer.text);
    roleKey = /<AccessKeyId>(.*)<\/AccessKeyId>/.exec(answer.text)?.[1] ?? expect.fail(answer.text);
  });
  after(() => cloud.close());

  async function call(key: string, service: string, { method = "POST", path = "/", headers, body }: Request) {
    const credential = `AWS4-HMAC-SHA256 Credential=${key}/20260125/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
    const given = { ...headers, authorization: credential, ...(key === roleKey && { "x-amz-security-token": sessionToken }) };
    const response = await fetch(cloud.endpointUrl + path, { method, headers: given, ...(body === undefined ? {} : { body }) });
    return { status: response.status, text: await response.text() };
  }

  for (const [service, client, request] of services) {
    it(`have every operation of ${service} that the cloud carries out: an empty role is denied each`, async () => {
      const operations = Object.keys(client).flatMap((name) => /^([A-Z]\w*)Command$/.exec(name)?.[1] ?? []);
      const carriedOut: string[] = [];
      for (const operation of operations) {
        if ((await call("test", service, request(operation))).status === 501) continue;
        carriedOut.push(operation);
        const { status, text } = await call(roleKey, service, request(operation));
        // A HEAD has no body to say it in.
        if (request(operation).method === "HEAD" && status === 403) continue;
        // The signature alone lets a caller ask who it is; and a batch of nothing needs nothing.
        if (/^(GetCallerIdentity|Batch(Get|Write)Item)$/.test(operation)) continue;
        expect(text, `${operation} ${status}`).to.match(/is not authorized to perform: /);
      }
      expect(carriedOut.length).to.be.greaterThan(1);
    });
  }
});
