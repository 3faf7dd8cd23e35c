import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketTaggingCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import {
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  TagResourceCommand,
} from "@aws-sdk/client-sns";
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  TagQueueCommand,
} from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { cpSync, readdirSync, truncateSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDynamoDb } from "../../local/dynamodb";
import { keepInDirectory } from "../../local/kept";
import { createMessaging } from "../../local/messaging";
import type { CloudContext, EventTargets } from "../../local/ports";
import { createS3 } from "../../local/s3";
import { startTestCloud } from "../support/cloudContext";
import { refusalWithStatus } from "../support/refusal";

const targets: EventTargets = {
  invokeFunction: async () => expect.fail("no function is there"),
  publish: async () => expect.fail("nobody publishes"),
  sendMessage: async () => expect.fail("nobody sends"),
  executePolicy: async () => expect.fail("nothing scales"),
};

describe("what S3, SNS and SQS keep on a disk", () => {
  let folder: string;
  const opened: (() => Promise<void>)[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "state-"));
  });
  afterEach(async () => {
    for (const close of opened.splice(0)) await close();
    await rm(folder, { recursive: true, force: true });
  });

  /** A cloud over a directory. Each has a port of its own, as a cloud that is started again may have. */
  const open = async (name: string) => {
    const keeper = keepInDirectory(join(folder, name));
    const cloud = await startTestCloud();
    const context = { ...cloud.context, keeper };
    cloud.add(await createS3(context, { targets }));
    cloud.add(await createMessaging(context, { targets }));
    const [s3, sns, sqs] = [new S3Client(cloud.client), new SNSClient(cloud.client), new SQSClient(cloud.client)];
    let closed = false;
    const close = async () => {
      if (closed) return;
      closed = true;
      [s3, sns, sqs].forEach((client) => client.destroy());
      await cloud.close();
      keeper.close();
    };
    opened.push(close);
    return { s3, sns, sqs, close, endpoint: cloud.client.endpoint };
  };

  const startedContext = async () => {
    const cloud = await startTestCloud();
    opened.push(() => cloud.close());
    return cloud.context;
  };

  /** What a process that is killed now leaves on the disk, and a cloud that goes on with it. */
  const killed = async (name: string) => {
    cpSync(join(folder, name), join(folder, `${name}-killed`), { recursive: true });
    return open(`${name}-killed`);
  };

  it("is there after a killed process as it was acknowledged: buckets, settings, objects and parts of uploads", async () => {
    const Bucket = "jobs";
    const first = await open("a");
    await first.s3.send(new CreateBucketCommand({ Bucket }));
    await first.s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: "a", Value: "1" }] } }));
    const put = (Key: string, Body: string, more = {}) => first.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
    await put("kept", "one");
    await put("kept", "two", { ContentType: "text/x", Metadata: { by: "me" }, ServerSideEncryption: "aws:kms", SSEKMSKeyId: "key-1" });
    await put("gone", "x");
    await first.s3.send(new DeleteObjectCommand({ Bucket, Key: "gone" }));
    const { UploadId } = await first.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts" }));
    const { ETag } = await first.s3.send(new UploadPartCommand({ Bucket, Key: "parts", UploadId, PartNumber: 1, Body: "part" }));
    const before = await first.s3.send(new HeadObjectCommand({ Bucket, Key: "kept" }));
    const { s3 } = await killed("a");

    const { Body, ContentType, Metadata, ServerSideEncryption, SSEKMSKeyId, LastModified } = await s3.send(
      new GetObjectCommand({ Bucket, Key: "kept" }),
    );
    expect([await Body?.transformToString(), ContentType, Metadata, ServerSideEncryption, SSEKMSKeyId, LastModified]).to.deep.equal([
      "two",
      "text/x",
      { by: "me" },
      "aws:kms",
      "key-1",
      before.LastModified,
    ]);
    expect((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents?.map(({ Key }) => Key)).to.deep.equal(["kept"]);
    expect((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).to.deep.equal([{ Key: "a", Value: "1" }]);
    const { Parts = [] } = await s3.send(new ListPartsCommand({ Bucket, Key: "parts", UploadId }));
    expect(Parts.map((part) => [part.PartNumber, part.ETag, part.Size])).to.deep.equal([[1, ETag, 4]]);
    expect((await s3.send(new ListBucketsCommand())).Buckets?.map(({ Name }) => Name)).to.deep.equal([Bucket]);
  });

  it("ends a start with what to do when a file of it is damaged, whichever it is", async () => {
    const first = await open("damaged");
    await first.s3.send(new CreateBucketCommand({ Bucket: "jobs" }));
    await first.close();
    const directory = join(folder, "damaged");
    const made = keepInDirectory(directory);
    await (await createDynamoDb({ ...(await startedContext()), keeper: made })).close();
    made.close();
    const words =
      /^the state in .*damaged can't be used: a file in it is damaged \(.+\); restore the directory from a backup, or delete it and start anew$/;
    const started = async (start: (context: CloudContext) => Promise<unknown>) => {
      const keeper = keepInDirectory(directory);
      try {
        await start({ ...(await startedContext()), keeper });
      } catch (error) {
        return (error as Error).message;
      } finally {
        keeper.close();
      }
      return "started";
    };

    for (const service of ["s3", "messaging"]) truncateSync(join(directory, service, "fauxqs.db"), 9000);
    for (const file of readdirSync(join(directory, "dynamodb"))) {
      if (file.startsWith("MANIFEST")) truncateSync(join(directory, "dynamodb", file), 20);
    }
    expect(await started((context) => createS3(context, { targets }))).to.match(words);
    expect(await started((context) => createMessaging(context, { targets }))).to.match(words);
    expect(await started(createDynamoDb)).to.match(words);
    truncateSync(join(directory, "cloud.db"), 5000);
    expect(() => keepInDirectory(directory)).to.throw(words);
  });

  it("is not called full when a caller is refused: SNS says what is wrong with a second subscription", async () => {
    const { sns } = await open("refused");
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "jobs" }));
    const subscribe = (Attributes: Record<string, string>) =>
      sns.send(
        new SubscribeCommand({
          TopicArn,
          Protocol: "sqs",
          Endpoint: "arn:aws:sqs:us-east-1:000000000000:q",
          Attributes,
          ReturnSubscriptionArn: true,
        }),
      );
    const { SubscriptionArn } = await subscribe({ RawMessageDelivery: "true" });

    expect(await refusalWithStatus(subscribe({ RawMessageDelivery: "false" }))).to.equal(
      "400 InvalidParameterException: Invalid parameter: Attributes Reason: Subscription already exists with different attributes",
    );
    expect((await subscribe({ RawMessageDelivery: "true" })).SubscriptionArn).to.equal(SubscriptionArn);
  });

  it("has each message once: waiting, hidden until its time, delayed, or with the dead letters", async () => {
    const first = await open("b");
    const queue = async (QueueName: string, Attributes = {}) =>
      (await first.sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl as string;
    const dead = await queue("dead");
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:dead", maxReceiveCount: 1 });
    const url = await queue("work", { RedrivePolicy });
    const send = (MessageBody: string, more = {}) => first.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody, ...more }));
    const receive = async (QueueUrl: string, sqs = first.sqs, VisibilityTimeout = 60) =>
      (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout }))).Messages ?? [];
    await send("buried");
    const [buried] = await receive(url);
    await first.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: buried?.ReceiptHandle, VisibilityTimeout: 0 }));
    await send("done");
    const [done] = await receive(url);
    await first.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: done?.ReceiptHandle }));
    await send("hidden");
    const [hidden] = await receive(url);
    await send("delayed", { DelaySeconds: 900 });
    await send("waiting");
    // Tags and attributes are the queue's: what is in it stays.
    await first.sqs.send(new TagQueueCommand({ QueueUrl: url, Tags: { a: "1" } }));
    await first.sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { VisibilityTimeout: "5" } }));
    const second = await killed("b");
    const { QueueUrl = "" } = await second.sqs.send(new GetQueueUrlCommand({ QueueName: "work" }));

    expect(QueueUrl).to.equal(`${second.endpoint}/000000000000/work`);
    expect([hidden?.Body, done?.Body]).to.deep.equal(["hidden", "done"]);
    expect((await receive(QueueUrl, second.sqs)).map(({ Body }) => Body)).to.deep.equal(["waiting"]);
    expect((await receive(dead, second.sqs)).map(({ Body }) => Body)).to.deep.equal(["buried"]);
    const { Attributes } = await second.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    expect(Attributes).to.include({
      ApproximateNumberOfMessages: "0",
      ApproximateNumberOfMessagesNotVisible: "2",
      ApproximateNumberOfMessagesDelayed: "1",
      VisibilityTimeout: "5",
      RedrivePolicy,
    });
    const ReceiptHandle = hidden?.ReceiptHandle;
    await second.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    expect((await receive(QueueUrl, second.sqs)).map(({ Body }) => Body)).to.deep.equal([]);
    expect((await receive(dead, second.sqs)).map(({ Body }) => Body)).to.deep.equal(["hidden"]);
  });

  it("has topics with what was set on them, and who subscribes, confirmed or not", async () => {
    const first = await open("c");
    const { TopicArn = "" } = await first.sns.send(new CreateTopicCommand({ Name: "jobs" }));
    await first.sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: "DisplayName", AttributeValue: "Jobs" }));
    await first.sns.send(new TagResourceCommand({ ResourceArn: TopicArn, Tags: [{ Key: "a", Value: "1" }] }));
    const Endpoint = "arn:aws:lambda:us-east-1:000000000000:function:f";
    const FilterPolicy = '{"state":["FAILED"]}';
    const subscription = { TopicArn, Protocol: "lambda", Endpoint, Attributes: { FilterPolicy } };
    const { SubscriptionArn } = await first.sns.send(new SubscribeCommand(subscription));
    await first.close();
    const { sns } = await open("c");

    const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).to.include({ DisplayName: "Jobs", SubscriptionsConfirmed: "1" });
    expect((await sns.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }))).Tags).to.deep.equal([{ Key: "a", Value: "1" }]);
    expect((await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).Attributes).to.include({ Endpoint, FilterPolicy });
  });
});
