import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetQueueAttributesCommand, PurgeQueueCommand, ReceiveMessageCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { expect } from "chai";
import { redrivePorts } from "../../aws/redrive";
import { readDeadLetter, redrive } from "../../core/handlers/deadLetter";
import type { JobRecord } from "../../core/records/job";
import { VirtualClock } from "../../local/clock";
import type { AsyncInferenceOutputs } from "../../outputs";
import { openJob } from "../../doubles/jobs";
import { CloudUnderTest, ServiceUnderTest, testModel } from "../support/service";
import { passTime } from "../support/passTime";

describe("What was left undone in the embedded cloud", () => {
  let clock: VirtualClock;
  let cloud: CloudUnderTest;
  let service: ServiceUnderTest;
  let outputs: Record<string, unknown>;
  let dynamodb: DynamoDBClient;

  before(async () => {
    clock = new VirtualClock(Date.UTC(2026, 0, 25, 12));
    cloud = await CloudUnderTest.start({ clock });
    outputs = await passTime(clock, cloud.deployFixture("recovery", "test", testModel), 0.1);
    dynamodb = new DynamoDBClient(cloud.settings);
    service = await ServiceUnderTest.follow(cloud, outputs as unknown as AsyncInferenceOutputs);
  });
  after(() => {
    dynamodb.destroy();
    return cloud.close();
  });

  const ports = () => {
    const { lambda, sns, sqs } = cloud;
    const { jobTableName: tableName, jobsTopicArn: topicArn } = service.outputs;
    return redrivePorts({ lambda, sns, sqs, dynamodb, tableName, topicArn });
  };

  it("is done by the sweeper: a job whose submitter died after it had placed the input completes", async () => {
    const { bucketName, inputPrefix, endpointName, jobTableName } = service.outputs;
    const key = `${inputPrefix}left-1/request.json`;
    await cloud.put(bucketName, key, '{"text":"left"}');
    const { attempt, inferenceId, callId, expectedOutputLocation, invokingAt, submittedAt, ...job } = openJob({ jobId: "left-1" });
    expect([attempt, inferenceId, callId, expectedOutputLocation, invokingAt, submittedAt].length).to.equal(6);
    const now = new Date(clock.now()).toISOString();
    const Item = { ...job, state: "ACCEPTED", endpointName, inputLocation: `s3://${bucketName}/${key}`, createdAt: now, dueAt: now };
    await cloud.table.send(new PutCommand({ TableName: jobTableName, Item }));

    const { state } = await passTime(clock, service.end("left-1"), 1);

    expect(state).to.equal("COMPLETED");
  });

  it("is kept: the event that a handler fails at is a dead letter, its job says so, and it can be put back", async () => {
    await service.submit({ jobId: "print-1", input: { text: "x" }, metadata: { paper: "none" } });
    const body = await passTime(clock, cloud.receive(service.outputs.deadLetterQueueUrl), 1);
    const letter = readDeadLetter(body);

    expect(letter).to.deep.include({
      kind: "execution",
      cargo: { what: "jobEvent", jobId: "print-1", state: "COMPLETED" },
      tries: 3,
      error: "Error: out of paper",
    });
    const { handlerFailures } = (await service.record("print-1")) as JobRecord;
    expect(Object.entries(handlerFailures ?? {}).map(([name, { error, count }]) => [name, error, count])).to.deep.equal([
      ["recovery/test/labels-completed-print", "out of paper", 3],
    ]);

    const { action } = await redrive(ports(), letter);
    const again = readDeadLetter(await passTime(clock, cloud.receive(service.outputs.deadLetterQueueUrl), 1));

    expect([action, again.kind]).to.deep.equal(["redriven", "execution"]);
    expect(Object.values(((await service.record("print-1")) as JobRecord).handlerFailures ?? {}).map(({ count }) => count)).to.deep.equal([
      6,
    ]);
  });

  it("is kept: an end that a consumer queue did not take is a dead letter, and goes to the queues that follow such ends", async () => {
    const { ordersQueueUrl: QueueUrl = "", complaintsQueueUrl = "" } = outputs as Record<string, string>;
    await cloud.sqs.send(new PurgeQueueCommand({ QueueUrl }));
    const { Attributes: before } = await cloud.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["Policy"] }));
    await cloud.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: closed } }));
    await service.submit({ jobId: "order-1", input: { text: "x" } });
    const body = await passTime(clock, cloud.receive(service.outputs.deadLetterQueueUrl), 1);
    await cloud.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { ...before } }));

    const { action, text } = await redrive(ports(), readDeadLetter(body));
    const names = /: sent to (.*) again\.$/.exec(text)?.[1]?.split(", ") ?? [];
    expect([action, names.sort()]).to.deep.equal(["redriven", [`ends-${service.outputs.endpointName}`, QueueUrl.split("/").at(-1)].sort()]);
    const taken = new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ["All"], WaitTimeSeconds: 0 });
    const { Messages = [] } = await cloud.sqs.send(taken);
    expect(Messages.map(({ Body, MessageAttributes = {} }) => [Body, MessageAttributes["jobId"]?.StringValue])).to.deep.equal([
      [body, "order-1"],
    ]);
    const others = await cloud.sqs.send(new ReceiveMessageCommand({ QueueUrl: complaintsQueueUrl, WaitTimeSeconds: 0 }));
    expect(others.Messages ?? []).to.deep.equal([]);
  });
});

/** What nobody may send through. */
const closed = JSON.stringify({ Statement: [{ Effect: "Deny", Principal: "*", Action: "sqs:SendMessage", Resource: "*" }] });
