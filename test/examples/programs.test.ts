import { GetItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { readdirSync, readFileSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { SageMakerAsyncClient } from "../../client";
import type { SubmitAnswer } from "../../core/messages/answer";
import type { AsyncInferenceOutputs } from "../../outputs";
import { pack, unpackInto } from "../support/packed";
import { CloudUnderTest, root } from "../support/service";

/** The examples that this file runs; the others have a test of their own. */
const programs = ["inbox", "keep-results", "office-hours", "pipeline", "private-network", "two-services", "worker"];

describe("examples/, with the packed package on one embedded cloud", () => {
  let folder: string;
  let cloud: CloudUnderTest;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "sagemaker-async-examples-"));
    await cp(path.join(root, "examples"), folder, { recursive: true });
    await unpackInto(folder, await pack());
    cloud = await CloudUnderTest.start();
  });

  after(async () => {
    await cloud.close();
    await rm(folder, { recursive: true, force: true });
  });

  const deploy = async <Outputs>(name: string): Promise<Outputs> =>
    (await cloud.cloud.deploy({ directory: path.join(folder, name), stack: "local" })).outputs as Outputs;

  const submit = async (submitFunction: string, request: object): Promise<SubmitAnswer> => {
    const answer = await cloud.lambda.send(new InvokeCommand({ FunctionName: submitFunction, Payload: JSON.stringify(request) }));
    return JSON.parse(Buffer.from(answer.Payload ?? []).toString()) as SubmitAnswer;
  };

  const handled = (functionName: string) =>
    cloud.event((event) => event.kind === "function" && event.change === "succeeded" && event.functionName.startsWith(functionName));

  it("are each run here or by a test of their own", () => {
    const folders = readdirSync(path.join(root, "examples"), { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
    expect(folders.sort()).to.deep.equal([...programs, "consumer", "ocr"].sort());
  });

  it("are installed, as their README says, from the tarball of this version", () => {
    const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { version: string };
    const named = readFileSync(path.join(root, "examples/README.md"), "utf8").match(/sagemaker-async-inference-[\w.]+\.tgz/g);
    expect(new Set(named)).to.deep.equal(new Set([`sagemaker-async-inference-${version}.tgz`]));
  });

  it("keep-results puts a result into its table, and publishes a failure with its advice", async () => {
    const outputs = await deploy<{ submitFunction: string; pagesTable: string; failuresTopic: string }>("keep-results");
    const arn = outputs.failuresTopic.replace(":sns:", ":sqs:");
    const Statement = [{ Effect: "Allow", Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage", Resource: arn }];
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
    const { QueueUrl = "" } = await cloud.sqs.send(
      new CreateQueueCommand({ QueueName: arn.slice(arn.lastIndexOf(":") + 1), Attributes: { Policy } }),
    );
    await cloud.sns.send(new SubscribeCommand({ TopicArn: outputs.failuresTopic, Protocol: "sqs", Endpoint: arn }));

    await submit(outputs.submitFunction, { jobId: "page-1", input: { text: "a page" } });
    await handled("pages-completed-keep");
    const table = new DynamoDBClient(cloud.settings);
    const { Item } = await table.send(new GetItemCommand({ TableName: outputs.pagesTable, Key: { jobId: { S: "page-1" } } }));
    table.destroy();
    expect(Item?.["text"]?.S).to.equal('{"text":"a page"}');

    await submit(outputs.submitFunction, { jobId: "page-2", inputBase64: "aGk=", contentType: "image/png" });
    const { Subject, Message } = JSON.parse(await cloud.receive(QueueUrl)) as Record<"Subject" | "Message", string>;
    expect(Subject).to.equal("A page failed");
    expect(Message).to.match(/^page-2: .*\(415\) from model.* Read the container's log and the failure object/);
  });

  it("inbox answers an upload beside it", async () => {
    const { bucket } = await deploy<{ bucket: string }>("inbox");

    await cloud.put(bucket, "inbox/monday/scan.json", '{"page":1}');
    await handled("scans-completed-answer");

    expect(await cloud.text(`s3://${bucket}/answers/scan.json.json`)).to.equal('{"page":1}');
  });

  it("pipeline splits a document, runs a job for each page, and joins what came of them", async () => {
    const { stateMachineArn } = await deploy<{ stateMachineArn: string }>("pipeline");
    const workflows = new SFNClient(cloud.settings);
    const input = JSON.stringify({ document: ["first", "!picture", "third"].join("\f") });

    const { executionArn } = await workflows.send(new StartExecutionCommand({ stateMachineArn, input }));
    await cloud.event((event) => event.kind === "execution" && event.executionArn === executionArn && event.change !== "started");
    const { status, output, error, cause } = await workflows.send(new DescribeExecutionCommand({ executionArn }));
    workflows.destroy();

    expect({ status, output, error, cause }).to.deep.equal({
      status: "SUCCEEDED",
      output: JSON.stringify({ document: ['"first"', "(not read: MODEL_ERROR)", '"third"'].join("\f") }),
      error: undefined,
      cause: undefined,
    });
  });

  it("worker's queue brings the client the end of a job that it submitted", async () => {
    const { outputs, consumerQueueUrl } = await deploy<{ outputs: AsyncInferenceOutputs; consumerQueueUrl: string }>("worker");
    await using client = SageMakerAsyncClient.fromStackOutputs({ endpointUrl: cloud.cloud.endpointUrl, outputs }, { consumerQueueUrl });

    const result = await client.invoke({ minutes: 3 });

    expect(result).to.deep.include({ success: true, data: { minutes: 3 } });
  });

  it("two-services has two endpoints that share nothing", async () => {
    const { ocr, speech } = await deploy<Record<"ocr" | "speech", AsyncInferenceOutputs>>("two-services");

    const answer = await submit(speech.submitFunctionName, { input: "hello", waitSeconds: 30 });

    expect(answer).to.deep.include({ statusCode: 200, body: "hello" });
    expect([ocr.endpointName === speech.endpointName, ocr.bucketName === speech.bucketName]).to.deep.equal([false, false]);
  });

  it("private-network works under its own key's policy", async () => {
    const { submitFunction } = await deploy<{ submitFunction: string }>("private-network");

    expect(await submit(submitFunction, { input: "sealed", waitSeconds: 30 })).to.deep.include({ statusCode: 200, body: "sealed" });
  });

  it("office-hours deploys its hours and alarms, and answers", async () => {
    const { submitFunction, alarmTopic } = await deploy<{ submitFunction: string; alarmTopic: string }>("office-hours");

    expect(alarmTopic).to.match(/^arn:aws:sns:/);
    expect(await submit(submitFunction, { input: "claim", waitSeconds: 30 })).to.deep.include({ statusCode: 200, body: "claim" });
  });
});
