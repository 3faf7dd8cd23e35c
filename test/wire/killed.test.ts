import { CreateTableCommand, DeleteTableCommand, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { InvokeCommand, GetFunctionCommand } from "@aws-sdk/client-lambda";
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { DescribeEndpointCommand } from "@aws-sdk/client-sagemaker";
import { InvokeEndpointAsyncCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { PublishCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, DeleteQueueCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { leftIn } from "../support/leftInCloud";
import { root, testModel } from "../support/service";
import { cases } from "./cases";
import { functionArn } from "./cases/functions";
import { endpointName } from "./cases/sagemaker";
import { account, clientsOf, region, told, type Clients } from "./cloud";

const Bucket = "wire-bucket";
const TableName = "wire-table";
const TopicArn = `arn:aws:sns:${region}:${account}:wire-topic`;

describe("a cloud with a state that is killed in the middle of its work, and started again", () => {
  let directory: string;
  let cloud: ChildProcess;
  let clients: Clients;
  let endpoint: string;

  before(async () => {
    directory = mkdtempSync(path.join(tmpdir(), "killed-"));
    await start(0);
  });
  after(() => {
    if (cloud.exitCode === null && cloud.signalCode === null) process.kill(-(cloud.pid as number), "SIGKILL");
    for (const client of Object.values(clients)) client.destroy();
    rmSync(directory, { recursive: true, force: true });
  });

  async function start(port: number): Promise<void> {
    const options = ["--empty", "--json", "--region", region, "--state", path.join(directory, "state"), "--port", String(port)];
    const model = ["--model-command", testModel["local:modelCommand"]];
    cloud = spawn(process.execPath, [path.join(root, "build/local/commands/cloud.js"), ...options, ...model], {
      cwd: root,
      env: { ...process.env, TMPDIR: directory },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let errors = "";
    cloud.stderr?.on("data", (data: Buffer) => (errors += data.toString()));
    const [line] = (await Promise.race([
      once(cloud.stdout!, "data"),
      once(cloud, "exit").then(() => Promise.reject(new Error(`ended early: ${errors}`))),
    ])) as [Buffer];
    ({ endpointUrl: endpoint } = JSON.parse(line.toString()) as { endpointUrl: string });
    clients = clientsOf(endpoint, () => undefined);
  }

  async function kill(): Promise<void> {
    const ended = once(cloud, "exit");
    process.kill(-(cloud.pid as number), "SIGKILL");
    await ended;
    for (const client of Object.values(clients)) client.destroy();
  }

  /** What the provider reads of every resource. */
  async function everything(): Promise<Record<string, unknown>> {
    const seen: Record<string, unknown> = {};
    for (const each of cases) seen[each.type] = without(passing, await each.read(clients).catch(told));
    return seen;
  }

  const inService = async () => {
    for (;;) {
      const { EndpointStatus, ProductionVariants } = await clients.sagemaker.send(
        new DescribeEndpointCommand({ EndpointName: endpointName }),
      );
      if (EndpointStatus === "InService" && ProductionVariants?.[0]?.CurrentInstanceCount === 1) return;
      await setTimeout(50);
    }
  };
  /** Not the cases' queue, from which their function is fed. */
  const QueueName = "killed-queue";
  const QueueUrl = () => `${endpoint}/${account}/${QueueName}`;

  it("has every resource as it was, to the last id and time, and all that was acknowledged", async () => {
    const unanswered = cases.findIndex(({ type }) => type === "aws:dynamodb/table:Table");
    for (const [at, each] of cases.entries()) {
      // In the middle of an apply, which goes on with what it was not answered for.
      if (at === unanswered) {
        const call = clients.dynamoDb.send(new CreateTableCommand(unansweredTable)).then(
          () => expect.fail("answered"),
          () => undefined,
        );
        await kill();
        await call;
        await start(Number(new URL(endpoint).port));
        await clients.dynamoDb.send(new DeleteTableCommand(unansweredTable)).catch(ifNotFound);
      }
      await each.create(clients).catch((error: Error) => {
        throw new Error(`${each.type}: ${error.message}`, { cause: error });
      });
      // The function receives from a queue with this role, and the endpoint uses the bucket's key.
      if (each.type === "aws:iam/rolePolicy:RolePolicy") {
        const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] });
        await clients.iam.send(new PutRolePolicyCommand({ RoleName: "wire-role", PolicyName: "wire-policy", PolicyDocument }));
      }
    }
    await clients.sqs.send(new CreateQueueCommand({ QueueName }));
    await inService();
    const readAt = Date.now();
    const before = await everything();
    const acknowledged = { items: [] as string[], objects: [] as string[], messages: [] as string[] };
    const { dynamoDb, s3, sns, sqs } = clients;
    /** Works on until the cloud is gone. */
    const worker = async (call: (id: string) => Promise<unknown>, done: string[]) => {
      for (let count = 0; ; count++) {
        const id = `job-${count}`;
        await call(id);
        done.push(id);
      }
    };
    const work = Promise.allSettled([
      worker((id) => dynamoDb.send(new PutItemCommand({ TableName, Item: { jobId: { S: id }, due: { S: "now" } } })), acknowledged.items),
      worker((Key) => s3.send(new PutObjectCommand({ Bucket, Key: `input/${Key}`, Body: Key })), acknowledged.objects),
      worker((MessageBody) => sqs.send(new SendMessageCommand({ QueueUrl: QueueUrl(), MessageBody })), acknowledged.messages),
      worker((id) => sns.send(new PublishCommand({ TopicArn, Message: `topic-${id}` })), []),
    ]);
    while (Object.values(acknowledged).some((done) => done.length < 20)) await setTimeout(10);
    const invoked = await invokeEndpoint("left");
    await kill();
    const ends = (await work).map(({ status }) => status);

    await start(Number(new URL(endpoint).port));
    await inService();
    expect(ends).to.deep.equal(["rejected", "rejected", "rejected", "rejected"]);
    const after = await everything();
    for (const { type } of cases) {
      const names = isEvaluatedSince(after[type], readAt) ? alarmState : new Set<string>();
      expect(without(names, after[type]), type).to.deep.equal(without(names, before[type]));
    }
    for (const id of acknowledged.items) {
      const { Item } = await clients.dynamoDb.send(new GetItemCommand({ TableName, Key: { jobId: { S: id } } }));
      expect(Item).to.deep.equal({ jobId: { S: id }, due: { S: "now" } });
    }
    for (const id of acknowledged.objects) expect(await text(`input/${id}`)).to.equal(id);
    const messages = await received();
    expect(acknowledged.messages.filter((id) => messages.filter((body) => body === id).length !== 1)).to.deep.equal([]);
    // What waited or ran is run to its end.
    await present(invoked);
  });

  it("goes on: functions run with their code, endpoints and topics answer, and everything can be changed and deleted", async () => {
    const { Payload } = await clients.lambda.send(new InvokeCommand({ FunctionName: functionArn }));
    expect(Buffer.from(Payload ?? []).toString()).to.equal('"one"');
    await present(await invokeEndpoint("again"));

    for (const { change } of cases) await change?.call(clients);
    await kill();
    await start(Number(new URL(endpoint).port));
    const { Configuration } = await clients.lambda.send(new GetFunctionCommand({ FunctionName: functionArn }));
    const { Payload: changed } = await clients.lambda.send(new InvokeCommand({ FunctionName: functionArn }));
    expect([Configuration?.Timeout, Buffer.from(changed ?? []).toString()]).to.deep.equal([20, '"two"']);
  });

  it("has nothing left once all was deleted, not even after it was killed once more", async () => {
    await inService();
    const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command({ Bucket }));
    for (const { Key } of Contents) await clients.s3.send(new DeleteObjectCommand({ Bucket, Key }));
    for (const each of [...cases].reverse()) {
      await each.delete(clients).catch((error: Error) => {
        throw new Error(`${each.type}: ${error.message}`, { cause: error });
      });
    }
    await clients.sqs.send(new DeleteQueueCommand({ QueueUrl: QueueUrl() }));
    await kill();
    await start(Number(new URL(endpoint).port));

    expect(await leftIn({ endpoint, region, credentials: { accessKeyId: "test", secretAccessKey: "test" } })).to.deep.equal([]);
  });

  async function invokeEndpoint(InferenceId: string): Promise<string> {
    await clients.s3.send(new PutObjectCommand({ Bucket, Key: "input/request.json", Body: '{"text":"read"}' }));
    const runtime = new SageMakerRuntimeClient({ endpoint, region, credentials: { accessKeyId: "test", secretAccessKey: "test" } });
    const command = new InvokeEndpointAsyncCommand({
      EndpointName: endpointName,
      InferenceId,
      InputLocation: `s3://${Bucket}/input/request.json`,
      ContentType: "application/json",
    });
    const { OutputLocation = "" } = await runtime.send(command);
    runtime.destroy();
    return OutputLocation.replace(`s3://${Bucket}/`, "");
  }

  const text = async (Key: string) => (await clients.s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();

  async function present(key: string): Promise<void> {
    while ((await text(key).catch(() => undefined)) === undefined) await setTimeout(50);
  }

  async function received(): Promise<string[]> {
    const bodies: string[] = [];
    for (;;) {
      const { Messages = [] } = await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl: QueueUrl(), MaxNumberOfMessages: 10 }));
      if (Messages.length === 0) return bodies;
      bodies.push(...Messages.map(({ Body = "" }) => Body));
    }
  }
});

const unansweredTable = {
  TableName: "unanswered",
  BillingMode: "PAY_PER_REQUEST" as const,
  AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" as const }],
  KeySchema: [{ AttributeName: "id", KeyType: "HASH" as const }],
};

function ifNotFound(error: Error): void {
  if (error.name !== "ResourceNotFoundException") throw error;
}

/** What differs by the call, the work and the time, and nothing else. */
const passing = new Set([
  "$metadata",
  "ApproximateNumberOfMessages",
  "ApproximateNumberOfMessagesNotVisible",
  "LatestRestorableDateTime",
  "storedBytes",
]);

/** What an alarm says of its last evaluation, of which there is one per minute. */
const alarmState = new Set(["StateReason", "StateReasonData", "StateTransitionedTimestamp", "StateUpdatedTimestamp", "StateValue"]);

/** Whether an answer is an alarm's whose state changed after that time. */
function isEvaluatedSince(value: unknown, time: number): boolean {
  const [, updatedAt = ""] = /"StateUpdatedTimestamp":"([^"]+)"/.exec(JSON.stringify(value) ?? "") ?? [];
  return Date.parse(updatedAt) >= time;
}

/** An answer without members of these names. */
function without(names: ReadonlySet<string>, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => without(names, item));
  if (value === null || typeof value !== "object" || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !names.has(name))
      .map(([name, item]) => [name, without(names, item)]),
  );
}
