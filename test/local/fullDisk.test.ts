import {
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createDynamoDb } from "../../local/dynamodb";
import { keepInDirectory, type Keeper } from "../../local/kept";
import { createMessaging } from "../../local/messaging";
import { createS3 } from "../../local/s3";
import { startTestCloud, type TestCloud } from "../support/cloudContext";
import { FullDisk } from "../support/fullDisk";

const targets: Parameters<typeof createS3>[1]["targets"] = {
  invokeFunction: async () => expect.fail("no function is there"),
  publish: async () => expect.fail("nobody publishes"),
  sendMessage: async () => expect.fail("nobody sends"),
  executePolicy: async () => expect.fail("nothing scales"),
};

describe("a cloud whose disk is full", () => {
  const directory = mkdtempSync(path.join(tmpdir(), "full-"));
  const unwritten: string[] = [];
  let disk: FullDisk;
  let cloud: TestCloud;
  let keeper: Keeper;
  let clients: { s3: S3Client; sqs: SQSClient; dynamoDb: DynamoDBClient };

  before(async () => {
    keeper = keepInDirectory(directory, (reason) => unwritten.push(reason));
    cloud = await startTestCloud({ keeper });
    cloud.add(await createS3(cloud.context, { targets }));
    cloud.add(await createMessaging(cloud.context, { targets }));
    cloud.add(await createDynamoDb(cloud.context));
    const settings = { ...cloud.client, maxAttempts: 1 };
    clients = {
      s3: new S3Client({ ...settings, forcePathStyle: true }),
      sqs: new SQSClient(settings),
      dynamoDb: new DynamoDBClient(settings),
    };
    disk = new FullDisk();
  });
  after(async () => {
    disk.close();
    for (const client of Object.values(clients)) client.destroy();
    await cloud.close();
    keeper.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Makes a call meet a full disk at its first write, then at its second, and so on. @returns its answer, and how often it was refused */
  async function insist<Answer>(call: () => Promise<Answer>): Promise<{ answer: Answer; refused: number }> {
    for (let writes = 0; ; writes += 1) {
      disk.makeRoom(writes);
      try {
        const answer = await call();
        expect(disk.makeRoom(Infinity), "answered without a write").to.equal(0);
        return { answer, refused: writes };
      } catch (error) {
        if (disk.makeRoom(Infinity) === 0) throw error;
        expect((error as { $metadata: { httpStatusCode: number } }).$metadata.httpStatusCode).to.equal(500);
      }
    }
  }

  it("has each message once, however often its sending and receiving was refused, and buries none too early", async () => {
    const { sqs } = clients;
    const queue = async (QueueName: string, Attributes = {}) =>
      (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl as string;
    const dead = await queue("dead");
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:dead", maxReceiveCount: 1 });
    const QueueUrl = await queue("work", { RedrivePolicy });
    for (const MessageBody of ["a", "b"]) await insist(() => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody })));
    const receive = async (url: string) => {
      const { answer, refused } = await insist(() => sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 })));
      const { Messages = [] } = answer;
      return { bodies: Messages.map(({ Body }) => Body), handles: Messages.map(({ ReceiptHandle }) => ReceiptHandle), refused };
    };

    const { bodies, handles, refused } = await receive(QueueUrl);
    expect([bodies, refused]).to.deep.equal([["a", "b"], 3]);
    for (const ReceiptHandle of handles) {
      const back = { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 };
      expect((await insist(() => sqs.send(new ChangeMessageVisibilityCommand(back)))).refused).to.equal(1);
    }
    const again = await receive(QueueUrl);
    expect([again.bodies, again.refused]).to.deep.equal([[], 5]);
    expect((await receive(dead)).bodies).to.deep.equal(["a", "b"]);
  });

  it("has the object that it had until another is acknowledged, and none that was deleted", async () => {
    const { s3 } = clients;
    const Bucket = "jobs";
    await s3.send(new CreateBucketCommand({ Bucket }));
    const put = (Body: string) => s3.send(new PutObjectCommand({ Bucket, Key: "input", Body }));
    const text = async () => (await s3.send(new GetObjectCommand({ Bucket, Key: "input" }))).Body?.transformToString();
    await put("one");
    disk.makeRoom(0);
    const refused = await put("two").catch((error: Error) => error.name);
    disk.makeRoom(Infinity);

    expect([refused, await text()]).to.deep.equal(["InternalError", "one"]);
    expect((await insist(() => put("two"))).refused).to.equal(1);
    expect(await text()).to.equal("two");
    disk.makeRoom(0);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "input" })).catch((error: Error) => error.name);
    disk.makeRoom(Infinity);
    expect(await text()).to.equal("two");
    await insist(() => s3.send(new DeleteObjectCommand({ Bucket, Key: "input" })));
    expect(await text().catch((error: Error) => error.name)).to.equal("NoSuchKey");
  });

  it("has an item and its index agree after a write that was refused in between", async () => {
    const { dynamoDb } = clients;
    const TableName = "jobs";
    await dynamoDb.send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        AttributeDefinitions: ["id", "due"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
        GlobalSecondaryIndexes: [
          { IndexName: "due", KeySchema: [{ AttributeName: "due", KeyType: "HASH" }], Projection: { ProjectionType: "KEYS_ONLY" } },
        ],
      }),
    );
    await waitUntilTableExists({ client: dynamoDb, maxWaitTime: 60, minDelay: 0.005, maxDelay: 0.5 }, { TableName });
    const due = async (value: string) => {
      const ExpressionAttributeValues = { ":due": { S: value } };
      const query = { TableName, IndexName: "due", KeyConditionExpression: "due = :due", ExpressionAttributeValues };
      return (await dynamoDb.send(new QueryCommand(query))).Count;
    };
    const update = () =>
      dynamoDb.send(
        new UpdateItemCommand({
          TableName,
          Key: { id: { S: "1" } },
          UpdateExpression: "SET due = :later",
          ConditionExpression: "due = :now",
          ExpressionAttributeValues: { ":later": { S: "later" }, ":now": { S: "now" } },
        }),
      );
    await insist(() => dynamoDb.send(new PutItemCommand({ TableName, Item: { id: { S: "1" }, due: { S: "now" } } })));
    for (let writes = 0; ; writes += 1) {
      disk.makeRoom(writes);
      const refused = await update().catch((error: Error) => error.name);
      if (disk.makeRoom(Infinity) === 0) break;
      expect([refused, await due("now"), await due("later")]).to.deep.equal(["InternalServerError", 1, 0]);
    }

    expect([await due("now"), await due("later")]).to.deep.equal([0, 1]);
  });

  it("goes on with what nobody is answered for, says so once, and writes it with the next change", () => {
    const alarms = keeper.map<string>("alarms");
    alarms.set("a", "OK");
    alarms.set("b", "OK");
    disk.makeRoom(0);
    alarms.note("a", "ALARM");
    alarms.note("b", undefined);
    expect(() => alarms.set("c", "OK")).to.throw("Nothing was changed.");
    expect([...alarms.entries()]).to.deep.equal([["a", "ALARM"]]);
    disk.makeRoom(Infinity);
    alarms.set("c", "OK");

    expect(unwritten).to.deep.equal([
      `The embedded cloud can't keep its state in ${directory}: the disk is full, or fails (no space left on device): make room. ` +
        "Nothing was changed. What happened is written with the next change.",
    ]);
    expect(onDisk("alarms")).to.deep.equal([
      ["a", "ALARM"],
      ["c", "OK"],
    ]);
  });

  it("takes back all of what is done as one", () => {
    const rules = keeper.map<number>("rules");
    rules.set("kept", 1);
    disk.makeRoom(2);
    const change = () =>
      keeper.atOnce(() => {
        rules.delete("kept");
        rules.set("a", 1);
        rules.set("b", 1);
      });
    expect(change).to.throw("Nothing was changed.");
    disk.makeRoom(Infinity);

    expect([[...rules.entries()], onDisk("rules")]).to.deep.equal([[["kept", 1]], [["kept", 1]]]);
    change();
    expect([...rules.entries()]).to.deep.equal([
      ["a", 1],
      ["b", 1],
    ]);
  });

  /** What is found by a process that comes after one that was killed now. */
  function onDisk(name: string): [string, unknown][] {
    const killed = path.join(directory, "killed");
    rmSync(killed, { recursive: true, force: true });
    mkdirSync(killed);
    for (const file of ["cloud.db", "cloud.db-wal"]) copyFileSync(path.join(directory, file), path.join(killed, file));
    const next = keepInDirectory(killed);
    const entries = [...next.map(name).entries()];
    next.close();
    return entries;
  }
});
