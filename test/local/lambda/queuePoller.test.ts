import { DeleteMessageCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { CreateEventSourceMappingCommand, LambdaClient, type CreateEventSourceMappingCommandInput } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { setImmediate } from "node:timers/promises";
import { VirtualClock } from "../../../local/clock";
import { createIdentity } from "../../../local/identity";
import { failedItems } from "../../../local/lambda/queuePoller";
import { startTestCloud, type TestCloud } from "../../support/cloudContext";
import { addQueuesAndFunctions } from "../../support/messaging";
import { archiveOf } from "./support";

describe("the messages that a function failed at, by its answer", () => {
  const messages = ["a", "b"].map((MessageId) => ({ MessageId }));
  for (const [answer, failed] of [
    [null, []],
    [{}, []],
    [{ batchItemFailures: null }, []],
    [{ batchItemFailures: [] }, []],
    [{ batchItemFailures: [{ itemIdentifier: "b" }] }, ["b"]],
    ["done", ["a", "b"]],
    [{ batchItemFailures: "b" }, ["a", "b"]],
    [{ batchItemFailures: [{ itemIdentifier: "" }] }, ["a", "b"]],
    [{ batchItemFailures: [{ itemIdentifier: null }, null] }, ["a", "b"]],
    [{ batchItemFailures: [{ itemIdentifier: "a" }, { itemIdentifier: "c" }] }, ["a", "b"]],
  ] as const) {
    it(`are ${failed.join(" and ") || "none"} for ${JSON.stringify(answer)}`, () => {
      expect([...failedItems(JSON.stringify(answer), messages)]).to.deep.equal(failed);
    });
  }
});

describe("a queue that invokes a function", () => {
  const role = "arn:aws:iam::000000000000:role/worker";
  let cloud: TestCloud;
  let clock: VirtualClock;
  let sqs: SQSClient;
  let lambda: LambdaClient;
  const urls: Record<string, string> = {};
  const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

  before(async () => {
    clock = new VirtualClock();
    cloud = await startTestCloud({ clock });
    const { context, credentials } = cloud;
    cloud.add(await createIdentity(context, { credentials }));
    await addQueuesAndFunctions(cloud);
    sqs = new SQSClient({ ...cloud.client, maxAttempts: 1 });
    lambda = new LambdaClient({ ...cloud.client, maxAttempts: 1 });
    const statement = (Effect: string, more: object) => JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect, ...more }] });
    const assumeRolePolicy = statement("Allow", { Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" });
    for (const name of ["worker", "idle"]) await cloud.create("aws:iam/role:Role", name, { name, assumeRolePolicy });
    const policy = statement("Allow", { Action: ["sqs:*", "logs:*"], Resource: "*" });
    await cloud.create("aws:iam/rolePolicy:RolePolicy", "worker", { role: "worker", policy });
    const queue = async (name: string, inputs: object = {}) => {
      const { id } = await cloud.create("aws:sqs/queue:Queue", name, { name, ...inputs });
      urls[name] = id;
    };
    await queue("dead");
    await queue("hasty", { visibilityTimeoutSeconds: 5 });
    const redrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf("dead"), maxReceiveCount: 2 });
    await queue("pages", { visibilityTimeoutSeconds: 60, redrivePolicy });
    await cloud.create("aws:cloudwatch/logGroup:LogGroup", "worker", { name: "worker" });
    const create = async (name: string, roleName: string) =>
      cloud.create("aws:lambda/function:Function", name, {
        name,
        code: await archiveOf(() => async ({ Records }: { Records: { messageId: string; body: string; attributes: object }[] }) => {
          for (const record of Records) console.log(JSON.stringify(record));
          if (Records.some(({ body }) => body === "explosive")) throw new Error("bang");
          const failed = Records.filter(({ body }) => body === "bad");
          return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
        }),
        handler: "__index.handler",
        runtime: "nodejs24.x",
        timeout: 10,
        role: role.replace("worker", roleName),
        loggingConfig: { logFormat: "Text", logGroup: "worker" },
      });
    await create("read", "worker");
    await create("idle", "idle");
    await cloud.create("aws:lambda/eventSourceMapping:EventSourceMapping", "read", {
      functionName: "read",
      eventSourceArn: arnOf("pages"),
      functionResponseTypes: ["ReportBatchItemFailures"],
    });
  });
  after(async () => {
    sqs.destroy();
    lambda.destroy();
    await cloud.close();
  });

  const send = (MessageBody: string) => sqs.send(new SendMessageCommand({ QueueUrl: urls["pages"], MessageBody }));
  /** Records that the function was invoked with. */
  const records = () =>
    cloud.events.flatMap((event) => {
      const line = event.kind === "printed" ? /\{.*\}$/.exec(event.line)?.[0] : undefined;
      const record = line === undefined ? {} : (JSON.parse(line) as Record<string, unknown>);
      return record["eventSource"] === "aws:sqs" ? [record] : [];
    });
  const invocations = () => cloud.events.filter((event) => event.kind === "function" && ["succeeded", "failed"].includes(event.change));
  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      const known = cloud.events.length;
      await cloud.event((event) => cloud.events.indexOf(event) >= known);
    }
  }
  /** Messages that the queue has, hidden ones included. */
  const kept = async () => {
    const AttributeNames = ["ApproximateNumberOfMessages" as const, "ApproximateNumberOfMessagesNotVisible" as const];
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: urls["pages"], AttributeNames }));
    return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name]), 0);
  };
  const deadLetter = async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: urls["dead"], WaitTimeSeconds: 20 }));
    for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl: urls["dead"], ReceiptHandle }));
    return Messages.map(({ Body }) => Body);
  };

  it("gives it what AWS gives, deletes what it did not fail at, and brings the rest back until the redrive policy takes it away", async () => {
    await send("good");
    await send("bad");
    await until(() => records().length === 2 && invocations().length > 0 && records().some(({ body }) => body === "bad"));
    // A queue has no order: each may be in an invocation of its own, and the second one's print first.
    const good = records().find(({ body }) => body === "good");
    const { messageId: _, receiptHandle: __, attributes, ...rest } = good ?? {};
    expect(rest).to.deep.equal({
      body: "good",
      messageAttributes: {},
      md5OfBody: "755f85c2723bb39381c7379a604160d8",
      eventSource: "aws:sqs",
      eventSourceARN: arnOf("pages"),
      awsRegion: "us-east-1",
    });
    expect(Object.keys(attributes as object).sort()).to.deep.equal([
      "ApproximateFirstReceiveTimestamp",
      "ApproximateReceiveCount",
      "SenderId",
      "SentTimestamp",
    ]);
    const isIdle = (count: number) => {
      const changes = cloud.events.flatMap((event) => (event.kind === "function" ? [event.change] : []));
      return records().length === count && changes.filter((change) => change === "started").length === invocations().length;
    };
    await until(() => isIdle(2));
    // What was done is deleted after its invocation; until then it would come back too.
    while ((await kept()) > 1) await setImmediate();
    await clock.advance(60_000);
    await until(() => isIdle(3));
    await clock.advance(60_000);

    expect(await deadLetter()).to.deep.equal(["bad"]);
    const receives = records().map(({ body, attributes: of }) => [
      body,
      (of as { ApproximateReceiveCount: string }).ApproximateReceiveCount,
    ]);
    expect(receives.sort()).to.deep.equal([
      ["bad", "1"],
      ["bad", "2"],
      ["good", "1"],
    ]);
  });

  it("keeps every message of a batch at which the function throws", async () => {
    const before = invocations().length;
    await send("explosive");
    await until(() => invocations().length === before + 1);
    await clock.advance(60_000);
    await until(() => invocations().length === before + 2);
    await clock.advance(60_000);

    expect(await deadLetter()).to.deep.equal(["explosive"]);
  });

  for (const [what, changes, refusal] of [
    ["a queue that there is not", { EventSourceArn: arnOf("none") }, /^InvalidParameterValueException: .*specified queue does not exist/],
    [
      "a queue that shows a message again while the function may still run",
      { EventSourceArn: arnOf("hasty") },
      /^InvalidParameterValueException: Queue visibility timeout: 5 seconds is less than Function timeout: 10 seconds/,
    ],
    ["a queue that it has", {}, /^ResourceConflictException: .*already exists/],
    ["a function that there is not", { FunctionName: "none" }, /^ResourceNotFoundException: Function not found/],
    [
      "a function whose role may not receive",
      { FunctionName: "idle" },
      /^InvalidParameterValueException: The provided execution role does not have permissions to call ReceiveMessage on SQS/,
    ],
    ["more than ten messages at once", { BatchSize: 11 }, /^ValidationException|^InvalidParameterValueException/],
  ] satisfies [string, Partial<CreateEventSourceMappingCommandInput>, RegExp][]) {
    it(`is refused with ${what}`, async () => {
      const input = { FunctionName: "read", EventSourceArn: arnOf("pages"), ...changes };
      const error: unknown = await lambda.send(new CreateEventSourceMappingCommand(input)).catch((reason: unknown) => reason);
      expect(`${(error as Error).name}: ${(error as Error).message}`).to.match(refusal);
    });
  }
});
