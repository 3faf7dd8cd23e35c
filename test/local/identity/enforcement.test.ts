import { ApplicationAutoScalingClient, RegisterScalableTargetCommand } from "@aws-sdk/client-application-auto-scaling";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { DescribeEndpointCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { InvokeEndpointAsyncCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { PublishCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetParametersByPathCommand, SSMClient } from "@aws-sdk/client-ssm";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import { createIdentity } from "../../../local/identity";
import { createDynamoDb } from "../../../local/dynamodb";
import { createSsm } from "../../../local/ssm";
import type { Service } from "../../../local/wire";
import { startTestCloud, type TestCloud } from "../../support/cloudContext";
import { addStorageAndMessaging } from "../../support/messaging";

const account = "000000000000";
const trustAccount = { Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: `arn:aws:iam::${account}:root` } }] };
const session = `arn:aws:sts::${account}:assumed-role/app/tests`;

type Statement = Record<string, unknown>;
type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken: string };

describe("the embedded cloud's enforcement", () => {
  let cloud: TestCloud;
  let clock: VirtualClock;
  let keys: Keys;
  let clients: { destroy(): void }[];

  beforeEach(async () => {
    clock = new VirtualClock(Date.UTC(2026, 0, 25, 22, 46));
    cloud = await startTestCloud({ clock });
    clients = [];
    await addStorageAndMessaging(cloud);
    cloud.add(await createDynamoDb(cloud.context));
    // What these do is theirs; here they are only to be reached.
    const silent: Service = async () => ({ status: 200, body: "{}" });
    cloud.add({ wire: { lambda: silent, sagemaker: silent, monitoring: silent, logs: silent, "application-autoscaling": silent } });
    cloud.add(await createIdentity(cloud.context, { credentials: cloud.credentials }));
    await cloud.create("aws:iam/role:Role", "app", { name: "app", assumeRolePolicy: trustAccount });
    await cloud.create("aws:s3/bucket:Bucket", "jobs", { bucket: "jobs" });
    keys = await assume("app");
  });
  afterEach(async () => {
    for (const client of clients) client.destroy();
    await cloud.close();
  });

  function client<Client extends { destroy(): void }>(Type: new (settings: object) => Client, as: object | undefined = keys): Client {
    const made = new Type({ ...cloud.client, maxAttempts: 1, ...(as && { credentials: as }) });
    clients.push(made);
    return made;
  }
  const owner = <Client extends { destroy(): void }>(Type: new (settings: object) => Client) => client(Type, cloud.client.credentials);

  async function assume(name: string, more = {}): Promise<Keys> {
    const RoleArn = `arn:aws:iam::${account}:role/${name}`;
    const { Credentials } = await owner(STSClient).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "tests", ...more }));
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials ?? {};
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  }
  const allow = (...statements: Statement[]) =>
    cloud.create("aws:iam/rolePolicy:RolePolicy", "app", {
      role: "app",
      name: "app",
      policy: { Version: "2012-10-17", Statement: statements.map((statement) => ({ Effect: "Allow", ...statement })) },
    });
  const outcome = async (sent: Promise<unknown>) => {
    try {
      await sent;
      return "allowed";
    } catch (error) {
      const { name, message, $metadata } = error as Error & { $metadata: { httpStatusCode?: number } };
      return `${$metadata.httpStatusCode} ${name}: ${message}`;
    }
  };
  const denial = (action: string, resource: string) =>
    `User: ${session} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;

  it("lets who may put an object set tags, and post a form, only as far as the signer's role does", async () => {
    const objects = "arn:aws:s3:::jobs/input/*";
    const tagged = () =>
      outcome(client(S3Client).send(new PutObjectCommand({ Bucket: "jobs", Key: "input/a", Body: "x", Tagging: "k=v" })));
    const copied = () =>
      outcome(client(S3Client).send(new CopyObjectCommand({ Bucket: "jobs", Key: "input/b", CopySource: "jobs/input/a" })));
    const read = () => outcome(client(S3Client).send(new GetObjectTaggingCommand({ Bucket: "jobs", Key: "input/a" })));
    const posted = async (key: string, token = keys.sessionToken) => {
      const expiration = new Date(Date.now() + 60_000).toISOString();
      const conditions = [{ key }, { "x-amz-security-token": token }];
      const form = new FormData();
      const policy = Buffer.from(JSON.stringify({ expiration, conditions })).toString("base64");
      const fields = { key, AWSAccessKeyId: keys.accessKeyId, signature: "0", "x-amz-security-token": token, policy };
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      form.append("file", new Blob(["x"]), "a");
      const answer = await fetch(`${cloud.client.endpoint}/jobs`, { method: "POST", body: form });
      return `${answer.status} ${/<Code>(.*)<\/Code>/.exec(await answer.text())?.[1] ?? ""}`;
    };
    await allow({ Action: ["s3:PutObject", "s3:GetObject"], Resource: objects });
    expect([
      await tagged(),
      await read(),
      await posted("input/a"),
      await posted("output/a"),
      await posted("input/a", "wrong"),
    ]).to.deep.equal([
      `403 AccessDenied: ${denial("s3:PutObjectTagging", '"arn:aws:s3:::jobs/input/a"')}`,
      `403 AccessDenied: ${denial("s3:GetObjectTagging", '"arn:aws:s3:::jobs/input/a"')}`,
      "204 ",
      "403 AccessDenied",
      "400 InvalidToken",
    ]);
    await allow({ Action: ["s3:PutObject", "s3:GetObject", "s3:PutObjectTagging"], Resource: objects });
    expect([await tagged(), await copied()]).to.deep.equal([
      "allowed",
      `403 AccessDenied: ${denial("s3:GetObjectTagging", '"arn:aws:s3:::jobs/input/a"')}`,
    ]);
    await allow({ Action: ["s3:PutObject", "s3:GetObject", "s3:PutObjectTagging", "s3:GetObjectTagging"], Resource: objects });
    expect([await copied(), await read()]).to.deep.equal(["allowed", "allowed"]);
  });

  it("lets a part be copied from a tagged object by whom no policy lets see its tags: a part takes none with it", async () => {
    await owner(S3Client).send(new PutObjectCommand({ Bucket: "jobs", Key: "input/a", Body: "x", Tagging: "k=v" }));
    const { UploadId } = await owner(S3Client).send(new CreateMultipartUploadCommand({ Bucket: "jobs", Key: "input/b" }));
    await allow({ Action: ["s3:PutObject", "s3:GetObject"], Resource: "arn:aws:s3:::jobs/input/*" });
    const part = { Bucket: "jobs", Key: "input/b", UploadId, PartNumber: 1, CopySource: "jobs/input/a" };
    expect(await outcome(client(S3Client).send(new UploadPartCopyCommand(part)))).to.equal("allowed");
  });

  describe("denies an empty role every call, in the words of the service:", () => {
    const arn = (service: string, rest: string) => `arn:aws:${service}:us-east-1:${account}:${rest}`;
    const QueueUrl = `http://127.0.0.1/${account}/work`;
    const target = {
      ServiceNamespace: "sagemaker",
      ResourceId: "endpoint/Ep/variant/v",
      ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
    } as const;
    const calls: [string, () => Promise<unknown>, string][] = [
      [
        "S3",
        () => client(S3Client).send(new PutObjectCommand({ Bucket: "jobs", Key: "input/a", Body: "x" })),
        `403 AccessDenied: ${denial("s3:PutObject", '"arn:aws:s3:::jobs/input/a"')}`,
      ],
      [
        "S3, a list",
        () => client(S3Client).send(new ListObjectsV2Command({ Bucket: "jobs" })),
        `403 AccessDenied: ${denial("s3:ListBucket", '"arn:aws:s3:::jobs"')}`,
      ],
      [
        "DynamoDB",
        () => client(DynamoDBClient).send(new PutItemCommand({ TableName: "jobs", Item: { jobId: { S: "a" } } })),
        `400 AccessDeniedException: ${denial("dynamodb:PutItem", arn("dynamodb", "table/jobs"))}`,
      ],
      [
        "DynamoDB, an index",
        () => client(DynamoDBClient).send(new QueryCommand({ TableName: "jobs", IndexName: "due", KeyConditionExpression: "a = :a" })),
        `400 AccessDeniedException: ${denial("dynamodb:Query", arn("dynamodb", "table/jobs/index/due"))}`,
      ],
      [
        "SNS",
        () => client(SNSClient).send(new PublishCommand({ TopicArn: arn("sns", "jobs"), Message: "m" })),
        `403 AuthorizationErrorException: ${denial("SNS:Publish", arn("sns", "jobs"))}`,
      ],
      [
        "SQS",
        () => client(SQSClient).send(new ReceiveMessageCommand({ QueueUrl })),
        `403 AccessDenied: ${denial("sqs:ReceiveMessage", arn("sqs", "work"))}`,
      ],
      [
        "Lambda",
        () => client(LambdaClient).send(new InvokeCommand({ FunctionName: "submit" })),
        `403 AccessDeniedException: ${denial("lambda:InvokeFunction", arn("lambda", "function:submit"))}`,
      ],
      [
        "SageMaker",
        () => client(SageMakerClient).send(new DescribeEndpointCommand({ EndpointName: "Ep" })),
        `400 AccessDeniedException: ${denial("sagemaker:DescribeEndpoint", arn("sagemaker", "endpoint/ep"))}`,
      ],
      [
        "SageMaker's runtime",
        () => client(SageMakerRuntimeClient).send(new InvokeEndpointAsyncCommand({ EndpointName: "Ep", InputLocation: "s3://jobs/a" })),
        `403 AccessDeniedException: ${denial("sagemaker:InvokeEndpointAsync", arn("sagemaker", "endpoint/ep"))}`,
      ],
      [
        "CloudWatch",
        () =>
          client(CloudWatchClient).send(new PutMetricDataCommand({ Namespace: "Jobs", MetricData: [{ MetricName: "Open", Value: 1 }] })),
        `403 AccessDenied: ${denial("cloudwatch:PutMetricData", "*")}`,
      ],
      [
        "CloudWatch Logs",
        () => client(CloudWatchLogsClient).send(new FilterLogEventsCommand({ logGroupName: "/aws/lambda/submit" })),
        `400 AccessDeniedException: ${denial("logs:FilterLogEvents", arn("logs", "log-group:/aws/lambda/submit:log-stream:"))}`,
      ],
      [
        "Application Auto Scaling",
        () => client(ApplicationAutoScalingClient).send(new RegisterScalableTargetCommand(target)),
        `400 AccessDeniedException: ${denial("application-autoscaling:RegisterScalableTarget", arn("application-autoscaling", "scalable-target/*"))}`,
      ],
    ];
    for (const [service, call, expected] of calls) {
      it(service, async () => expect(await outcome(call())).to.equal(expected));
    }
  });

  it("lets a role do what its policy says, and not the next thing", async () => {
    await allow({ Action: "s3:PutObject", Resource: "arn:aws:s3:::jobs/input/*" });
    const put = (Key: string) => outcome(client(S3Client).send(new PutObjectCommand({ Bucket: "jobs", Key, Body: "x" })));

    expect([await put("input/a"), await put("output/a")]).to.deep.equal([
      "allowed",
      `403 AccessDenied: ${denial("s3:PutObject", '"arn:aws:s3:::jobs/output/a"')}`,
    ]);
  });

  it("answers 403 for a missing object to whoever may not list, and 404 to whoever may", async () => {
    await allow({ Action: "s3:GetObject", Resource: "arn:aws:s3:::jobs/*" });
    const get = new GetObjectCommand({ Bucket: "jobs", Key: "none" });
    const head = new HeadObjectCommand({ Bucket: "jobs", Key: "none" });
    expect(await outcome(client(S3Client).send(get))).to.equal(`403 AccessDenied: ${denial("s3:ListBucket", '"arn:aws:s3:::jobs"')}`);
    expect(await outcome(client(S3Client).send(head))).to.match(/^403 /);

    await allow({ Action: "s3:GetObject", Resource: "arn:aws:s3:::jobs/*" }, { Action: "s3:ListBucket", Resource: "arn:aws:s3:::jobs" });
    expect(await outcome(client(S3Client).send(get))).to.equal("404 NoSuchKey: The specified key does not exist.");
    expect(await outcome(client(S3Client).send(head))).to.match(/^404 NotFound/);
  });

  it("lets a role list only below the prefix that its policy names", async () => {
    const Condition = { StringLike: { "s3:prefix": ["output/*", ""] }, NumericLessThanEquals: { "s3:max-keys": "10" } };
    await allow({ Action: "s3:ListBucket", Resource: "arn:aws:s3:::jobs", Condition });
    const list = (more: object) => outcome(client(S3Client).send(new ListObjectsV2Command({ Bucket: "jobs", ...more })));
    const no = `403 AccessDenied: ${denial("s3:ListBucket", '"arn:aws:s3:::jobs"')}`;
    const asked = [
      { Prefix: "output/a", MaxKeys: 10 },
      { MaxKeys: 1 },
      { Prefix: "input/", MaxKeys: 10 },
      { Prefix: "output/a", MaxKeys: 11 },
      {},
    ];
    expect(await Promise.all(asked.map(list))).to.deep.equal(["allowed", "allowed", no, no, no]);
  });

  it("lets a deny win over every allow, and names it", async () => {
    const objects = "arn:aws:s3:::jobs/*";
    await allow(
      { Action: "*", Resource: "*" },
      {
        Effect: "Deny",
        NotAction: "s3:Get*",
        NotResource: "arn:aws:s3:::jobs/input/*",
        Condition: { Null: { "aws:PrincipalArn": "false" } },
      },
    );
    const put = (Key: string) => outcome(client(S3Client).send(new PutObjectCommand({ Bucket: "jobs", Key, Body: "x" })));
    expect([await put("input/a"), await put("output/a")]).to.deep.equal([
      "allowed",
      `403 AccessDenied: User: ${session} is not authorized to perform: s3:PutObject on resource: "${objects.replace("*", "output/a")}" ` +
        "with an explicit deny in an identity-based policy",
    ]);
    expect(await outcome(client(S3Client).send(new GetObjectCommand({ Bucket: "jobs", Key: "input/a" })))).to.equal("allowed");
  });

  it("asks for both sides of a copy, however the source is named", async () => {
    await owner(S3Client).send(new PutObjectCommand({ Bucket: "jobs", Key: "secret/a", Body: "x" }));
    await allow({ Action: "s3:PutObject", Resource: "arn:aws:s3:::jobs/input/*" });
    const copy = new CopyObjectCommand({ Bucket: "jobs", Key: "input/a", CopySource: "/jobs/secret%2Fa" });

    expect(await outcome(client(S3Client).send(copy))).to.equal(
      `403 AccessDenied: ${denial("s3:GetObject", '"arn:aws:s3:::jobs/secret/a"')}`,
    );
    const byHost = await fetch(`${cloud.client.endpoint}/secret/a`, {
      headers: {
        host: `jobs.localhost:80`,
        authorization: `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/20260125/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0`,
        "x-amz-security-token": keys.sessionToken,
      },
    });
    expect(byHost.status).to.equal(403);
    const oldSigned = await fetch(
      `${cloud.client.endpoint}/jobs/secret/a?AWSAccessKeyId=${keys.accessKeyId}&Signature=x&Expires=9999999999&x-amz-security-token=${encodeURIComponent(keys.sessionToken)}`,
    );
    expect(oldSigned.status).to.equal(403);
  });

  it("lets nobody delete many objects at once who may not delete all of them", async () => {
    await allow({ Action: "s3:DeleteObject", Resource: "arn:aws:s3:::jobs/input/*" });
    const many = new DeleteObjectsCommand({ Bucket: "jobs", Delete: { Objects: [{ Key: "input/a" }] } });
    expect(await outcome(client(S3Client).send(many))).to.match(
      /^403 AccessDenied: .*s3:DeleteObject on resource: "arn:aws:s3:::jobs\/\*"/,
    );
  });

  it("asks for the key of what is encrypted with a customer's, under the service that uses it", async () => {
    const key = `arn:aws:kms:us-east-1:${account}:key/1`;
    const rules = [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key } }];
    await cloud.create("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", "jobs", {
      bucket: "jobs",
      rules,
    });
    const objects = { Action: "s3:*", Resource: "*" };
    const put = () => outcome(client(S3Client).send(new PutObjectCommand({ Bucket: "jobs", Key: "a", Body: "x" })));
    const get = () => outcome(client(S3Client).send(new GetObjectCommand({ Bucket: "jobs", Key: "a" })));
    await allow(objects);
    expect(await put()).to.equal(`403 AccessDenied: ${denial("kms:GenerateDataKey", `"${key}"`)}`);
    const via = (service: string) => ({ StringEquals: { "kms:ViaService": `${service}.us-east-1.amazonaws.com` } });
    await allow(objects, { Action: "kms:GenerateDataKey", Resource: key, Condition: via("s3") });
    expect([await put(), await get()]).to.deep.equal(["allowed", `403 AccessDenied: ${denial("kms:Decrypt", `"${key}"`)}`]);
    await allow(objects, { Action: "kms:*", Resource: key, Condition: via("sqs") });
    expect(await put()).to.match(/^403 /);
  });

  it("asks for the keys of the parameters below a path that are read decrypted, and of no others", async () => {
    cloud.add(createSsm(cloud.context));
    const key = `arn:aws:kms:us-east-1:${account}:key/1`;
    const secret = { name: "/app/db/password", type: "SecureString", value: "x", keyId: key };
    await cloud.create("aws:ssm/parameter:Parameter", "secret", secret);
    await allow({ Action: "ssm:GetParametersByPath", Resource: "*" });
    const read = (input: object) => outcome(client(SSMClient).send(new GetParametersByPathCommand({ Path: "/app", ...input })));
    const decrypted = { WithDecryption: true, Recursive: true };
    const denied = `400 AccessDeniedException: ${denial("kms:Decrypt", key)}`;
    expect([
      await read(decrypted),
      await read({ ...decrypted, Path: "/app/db/", Recursive: false }),
      await read({ ...decrypted, Path: "/" }),
      await read({ ...decrypted, Recursive: false }),
      await read({ Recursive: true }),
      await read({ ...decrypted, Path: "/ap" }),
    ]).to.deep.equal([denied, denied, denied, "allowed", "allowed", "allowed"]);
  });

  it("says of topics and queues that it was the key that was denied", async () => {
    const key = `arn:aws:kms:us-east-1:${account}:key/1`;
    const { id: TopicArn } = await cloud.create("aws:sns/topic:Topic", "sealed", { name: "sealed", kmsMasterKeyId: key });
    const { id: QueueUrl } = await cloud.create("aws:sqs/queue:Queue", "sealed", { name: "sealed", kmsMasterKeyId: key });
    await allow({ Action: ["sns:*", "sqs:*"], Resource: "*" });
    expect(await outcome(client(SNSClient).send(new PublishCommand({ TopicArn, Message: "m" })))).to.equal(
      `400 KMSAccessDeniedException: ${denial("kms:GenerateDataKey", key)}`,
    );
    expect(await outcome(client(SQSClient).send(new ReceiveMessageCommand({ QueueUrl })))).to.equal(
      `400 KmsAccessDenied: ${denial("kms:Decrypt", key)}`,
    );
  });

  it("lets a role publish metrics into its namespace only", async () => {
    await allow({ Action: "cloudwatch:PutMetricData", Resource: "*", Condition: { StringEquals: { "cloudwatch:namespace": "Jobs" } } });
    const publish = (Namespace: string) =>
      outcome(client(CloudWatchClient).send(new PutMetricDataCommand({ Namespace, MetricData: [{ MetricName: "Open", Value: 1 }] })));
    expect(await publish("AWS/SageMaker")).to.match(/^403 AccessDenied/);
    // The double's answer is no CBOR.
    expect(await publish("Jobs")).not.to.match(/AccessDenied/);
  });

  it("refuses a role what no table knows, instead of letting it pass", async () => {
    await allow({ Action: "*", Resource: "*" });
    const response = await fetch(cloud.client.endpoint, {
      method: "POST",
      body: "{}",
      headers: {
        "x-amz-target": "DynamoDB_20120810.ExportTableToPointInTime",
        authorization: `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/20260125/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
        "x-amz-security-token": keys.sessionToken,
      },
    });
    expect([response.status, await response.json()]).to.deep.equal([
      501,
      {
        __type: "NotImplemented",
        message: "The embedded cloud does not support dynamodb's DynamoDB_20120810.ExportTableToPointInTime under a role.",
      },
    ]);
  });

  describe("of resources' policies", () => {
    const topicArn = `arn:aws:sns:us-east-1:${account}:jobs`;
    const queueArn = (name: string) => `arn:aws:sqs:us-east-1:${account}:${name}`;
    const opens = (name: string, from: string, service = "sns.amazonaws.com") => ({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: service },
          Action: "sqs:SendMessage",
          Resource: queueArn(name),
          Condition: { ArnEquals: { "aws:SourceArn": from } },
        },
      ],
    });
    const queue = (name: string, policy?: object) => cloud.create("aws:sqs/queue:Queue", name, { name, ...(policy && { policy }) });
    const received = async (QueueUrl: string) => {
      const { Messages = [] } = await owner(SQSClient).send(new ReceiveMessageCommand({ QueueUrl }));
      return Messages.map(({ Body }) => Body);
    };

    beforeEach(() => cloud.create("aws:sns/topic:Topic", "jobs", { name: "jobs" }));

    it("hands a topic's messages to a queue that lets the topic in, and to no other", async () => {
      await cloud.create("aws:sns/topic:Topic", "others", { name: "others" });
      const open = await queue("open", opens("open", topicArn));
      const others = await queue("others", opens("others", topicArn.replace(":jobs", ":others")));
      const closed = await queue("closed");
      for (const name of ["open", "others", "closed"]) {
        const Attributes = { RawMessageDelivery: "true" };
        await owner(SNSClient).send(new SubscribeCommand({ TopicArn: topicArn, Protocol: "sqs", Endpoint: queueArn(name), Attributes }));
      }
      await owner(SNSClient).send(new PublishCommand({ TopicArn: topicArn, Message: "hello" }));

      expect([await received(open.id), await received(others.id), await received(closed.id)]).to.deep.equal([["hello"], [], []]);
      expect(cloud.events.filter(({ kind }) => kind === "warning").map((event) => (event as { message: string }).message)).to.deep.equal(
        ["others", "closed"].map(
          (name) =>
            `A message of ${topicArn} was not delivered to ${queueArn(name)} (User: sns.amazonaws.com is not authorized to perform: ` +
            `sqs:SendMessage on resource: ${queueArn(name)} because no resource-based policy allows the sqs:SendMessage action) ` +
            "and is lost: the subscription has no dead-letter queue.",
        ),
      );
    });

    it("lets the account's alarms ring a topic that has no policy of its own, but neither rules nor buckets", () => {
      const ringing = (principal: string, sourceArn: string) => () =>
        cloud.context.access.requireService({ principal, sourceArn }, { action: "sns:Publish", resource: topicArn });
      const denied = "because no resource-based policy allows the SNS:Publish action";

      ringing("cloudwatch.amazonaws.com", `arn:aws:cloudwatch:us-east-1:${account}:alarm:backlog`)();
      expect(ringing("cloudwatch.amazonaws.com", "arn:aws:cloudwatch:us-east-1:111111111111:alarm:theirs")).to.throw(denied);
      expect(ringing("events.amazonaws.com", `arn:aws:events:us-east-1:${account}:rule/nightly`)).to.throw(denied);
      expect(ringing("s3.amazonaws.com", "arn:aws:s3:::jobs")).to.throw(denied);
    });

    it("loses what not even the dead-letter queue lets in", async () => {
      const dead = await queue("dead");
      const redrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn("dead") });
      await queue("closed");
      await cloud.create("aws:sns/topicSubscription:TopicSubscription", "s", {
        topic: topicArn,
        protocol: "sqs",
        endpoint: queueArn("closed"),
        redrivePolicy,
      });
      await owner(SNSClient).send(new PublishCommand({ TopicArn: topicArn, Message: "hello" }));

      expect(await received(dead.id)).to.deep.equal([]);
      const warning = cloud.events.find(({ kind }) => kind === "warning") as { message: string };
      expect(warning.message).to.match(
        /and is lost: its dead-letter queue arn:aws:sqs:us-east-1:000000000000:dead did not take it \(User: sns/,
      );
    });

    it("sends a bucket's events only to the queue that lets the bucket in, and refuses to be told to send them elsewhere", async () => {
      const open = await queue("open", opens("open", "arn:aws:s3:::jobs", "s3.amazonaws.com"));
      const closed = await queue("closed", opens("closed", topicArn));
      const notify = (name: string) =>
        cloud.create("aws:s3/bucketNotification:BucketNotification", "jobs", {
          bucket: "jobs",
          queues: [{ queueArn: queueArn(name), events: ["s3:ObjectCreated:*"] }],
        });
      await notify("open");
      const refused = (await notify("closed").catch((error: unknown) => error)) as Error;

      expect((await received(open.id)).map((body) => (JSON.parse(body ?? "{}") as { Event: string }).Event)).to.deep.equal([
        "s3:TestEvent",
      ]);
      expect(refused.message).to.equal(
        "Unable to validate the following destination configurations: User: s3.amazonaws.com is not authorized to perform: " +
          `sqs:SendMessage on resource: ${queueArn("closed")} because no resource-based policy allows the sqs:SendMessage action`,
      );
      expect(await received(closed.id)).to.deep.equal([]);
    });

    it("lets a role in that a queue names, and keeps the administrator out where a deny says so", async () => {
      const roleArn = `arn:aws:iam::${account}:role/app`;
      const { id: QueueUrl } = await queue("work", {
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { AWS: roleArn }, Action: "sqs:SendMessage", Resource: queueArn("work") },
          { Effect: "Deny", Principal: "*", Action: "sqs:GetQueueUrl", Resource: queueArn("work") },
        ],
      });
      expect(await outcome(client(SQSClient).send(new SendMessageCommand({ QueueUrl, MessageBody: "m" })))).to.equal("allowed");
      expect(await outcome(owner(SQSClient).send(new GetQueueUrlCommand({ QueueName: "work" })))).to.equal(
        `403 AccessDenied: User: arn:aws:iam::${account}:root is not authorized to perform: sqs:GetQueueUrl on resource: ${queueArn("work")} ` +
          "with an explicit deny in a resource-based policy",
      );
    });

    it("refuses a policy that it can't read when it is registered, not when it matters", async () => {
      const Condition = { StringEqual: { "aws:SourceArn": topicArn } };
      const policy = { Statement: [{ Effect: "Allow", Principal: "*", Action: "sqs:*", Resource: "*", Condition }] };
      const failure = async (made: Promise<unknown>) => ((await made.catch((error: unknown) => error)) as Error).message;
      expect(await failure(queue("work", policy))).to.match(
        /^aws:sqs\/queue:Queue "work": policy: policy: Statement\[0\]\.Condition: got the operator "StringEqual", which AWS doesn't have; expected/,
      );
      expect(await failure(cloud.create("aws:s3/bucketPolicy:BucketPolicy", "jobs", { bucket: "jobs", policy }))).to.match(/"StringEqual"/);
      expect(await failure(allow({ Resource: "*" }))).to.equal("policy: Statement[0]: must have either Action or NotAction");
    });
  });

  describe("of who may be a role", () => {
    it("gives keys that act as it until they expire, on the cloud's clock", async () => {
      const { Arn, UserId } = await client(STSClient).send(new GetCallerIdentityCommand({}));
      expect(Arn).to.equal(session);
      expect(UserId).to.match(/^AROA[0-9A-F]{17}:tests$/);

      const short = await assume("app", { DurationSeconds: 900 });
      await clock.advance(899_999);
      expect(await outcome(client(STSClient, short).send(new GetCallerIdentityCommand({})))).to.equal("allowed");
      await clock.advance(1);
      expect(await outcome(client(STSClient, short).send(new GetCallerIdentityCommand({})))).to.match(
        /^403 ExpiredTokenException: The security token included in the request is expired$/,
      );
      expect(await outcome(client(S3Client, short).send(new ListObjectsV2Command({ Bucket: "jobs" })))).to.equal(
        "400 ExpiredToken: The provided token has expired.",
      );
    });

    it("refuses a role's key without its session's token, or with another, in the words of the service", async () => {
      const { accessKeyId, secretAccessKey } = keys;
      const stranger = { accessKeyId, secretAccessKey, sessionToken: "of another session" };
      const put = new PutItemCommand({ TableName: "jobs", Item: { jobId: { S: "a" } } });
      const invalid = "The security token included in the request is invalid.";
      expect([
        await outcome(client(STSClient, { accessKeyId, secretAccessKey }).send(new GetCallerIdentityCommand({}))),
        await outcome(client(STSClient, stranger).send(new GetCallerIdentityCommand({}))),
        await outcome(client(DynamoDBClient, stranger).send(put)),
        await outcome(client(S3Client, { accessKeyId, secretAccessKey }).send(new ListObjectsV2Command({ Bucket: "jobs" }))),
        await outcome(client(S3Client, stranger).send(new ListObjectsV2Command({ Bucket: "jobs" }))),
      ]).to.deep.equal([
        `403 InvalidClientTokenId: ${invalid}`,
        `403 InvalidClientTokenId: ${invalid}`,
        `400 UnrecognizedClientException: ${invalid}`,
        "403 InvalidAccessKeyId: The AWS Access Key Id you provided does not exist in our records.",
        "400 InvalidToken: The provided token is malformed or otherwise invalid.",
      ]);
    });

    it("honours the role's trust policy: a service's role is nobody else's, and another role needs both sides", async () => {
      const trust = (Principal: object) => ({ Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal }] });
      const service = trust({ Service: "lambda.amazonaws.com" });
      await cloud.create("aws:iam/role:Role", "submit", { name: "submit", assumeRolePolicy: service });
      await cloud.create("aws:iam/role:Role", "other", { name: "other", assumeRolePolicy: trustAccount });
      const named = trust({ AWS: `arn:aws:iam::${account}:role/app` });
      await cloud.create("aws:iam/role:Role", "named", { name: "named", assumeRolePolicy: named });
      const as = (name: string, sts: STSClient) =>
        outcome(sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/${name}`, RoleSessionName: "tests" })));
      const no = (who: string, name: string) =>
        `403 AccessDenied: User: ${who} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::${account}:role/${name}`;

      expect(await as("submit", owner(STSClient))).to.equal(no(`arn:aws:iam::${account}:root`, "submit"));
      expect(await as("none", owner(STSClient))).to.equal(no(`arn:aws:iam::${account}:root`, "none"));
      expect([await as("other", client(STSClient)), await as("named", client(STSClient))]).to.deep.equal([no(session, "other"), "allowed"]);
      await allow({ Action: "sts:AssumeRole", Resource: `arn:aws:iam::${account}:role/other` });
      expect(await as("other", client(STSClient))).to.equal("allowed");
    });

    it("refuses session policies, which it would not honour", async () => {
      const Policy = '{"Version":"2012-10-17","Statement":[]}';
      expect(await outcome(assume("app", { Policy }))).to.equal(
        "501 NotImplemented: The embedded cloud does not support Policy of STS's AssumeRole.",
      );
    });
  });
});
