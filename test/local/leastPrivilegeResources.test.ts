import { ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand, UnsubscribeCommand } from "@aws-sdk/client-sns";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { expect } from "chai";
import { ScaledClock } from "../../local/clock";
import { evaluate } from "../../local/identity/evaluate";
import { readPolicy, type PolicyDocument } from "../../local/identity/policyDocument";
import type { AsyncInferenceOutputs } from "../../outputs";
import { create, keepMade, type Made } from "../support/made";
import { loosenings, narrowings, openings } from "../support/removals";
import { CloudUnderTest, testModel } from "../support/service";

const account = "000000000000";
const types = ["aws:s3/bucketPolicy:BucketPolicy", "aws:sns/topicPolicy:TopicPolicy", "aws:sqs/queuePolicy:QueuePolicy"];
/** Within one account the execution role's own policy suffices; it says who publishes to whoever reads or copies the topic's policy. */
const forReaders = ["labels-error EndpointPublishes", "labels-success EndpointPublishes"];

describe("least privilege: what buckets, topics and queues say of who may use them", () => {
  let cloud: CloudUnderTest;
  let outputs: AsyncInferenceOutputs;
  let plain: { s3: S3Client; sns: SNSClient; sqs: SQSClient };
  let othersArn: string;
  let deployed: Made["registration"][];
  let count = 0;

  before(async () => {
    // An alarm's minute is two seconds here.
    cloud = await CloudUnderTest.start({ clock: new ScaledClock(30) });
    const made: Made[] = [];
    keepMade(cloud, made);
    outputs = (await cloud.deployFixture("grants", "test", testModel)) as unknown as AsyncInferenceOutputs;
    deployed = made.map(({ registration }) => registration);
    othersArn = (await cloud.sns.send(new CreateTopicCommand({ Name: "others" }))).TopicArn ?? "";
    plain = {
      s3: inTheClear(new S3Client(cloud.settings)),
      sns: inTheClear(new SNSClient(cloud.settings)),
      sqs: inTheClear(new SQSClient(cloud.settings)),
    };
  });
  after(async () => {
    for (const client of Object.values(plain)) client.destroy();
    await cloud.close();
  });

  const policies = () => deployed.filter(({ type }) => types.includes(type));
  const set = (registration: Made["registration"], policy: PolicyDocument) =>
    create(cloud, registration, registration.name, { ...registration.inputs, policy: JSON.stringify(policy) });
  const outcome = (sent: Promise<unknown>) =>
    sent.then(
      () => "allowed",
      (error: unknown) =>
        / (with an explicit deny in .*|because no .* policy) ?/.exec((error as Error).message)?.[1] ?? (error as Error).message,
    );
  const denialsDuring = async (work: () => Promise<unknown>) => {
    const before = cloud.events.length;
    await work();
    return cloud.events.slice(before).flatMap((event) => (event.kind === "denied" ? [event.message] : []));
  };

  it("refuses every call in the clear, by each resource of each deny", async () => {
    const call = (arn: string) => {
      const [, , service, , , name = ""] = arn.split(":");
      const Bucket = name.split("/")[0];
      if (service === "sns") return plain.sns.send(new PublishCommand({ TopicArn: arn, Message: "{}" }));
      if (service === "sqs") {
        return plain.sqs.send(
          new GetQueueAttributesCommand({ QueueUrl: `${cloud.cloud.endpointUrl}/${account}/${name}`, AttributeNames: ["All"] }),
        );
      }
      return name.endsWith("/*")
        ? plain.s3.send(new PutObjectCommand({ Bucket, Key: "input/a", Body: "x" }))
        : plain.s3.send(new ListObjectsV2Command({ Bucket }));
    };
    const closed: string[] = [];
    for (const registration of policies()) {
      const whole = readPolicy(registration.inputs["policy"]);
      for (const { name, resource, policy } of openings(whole)) {
        expect(await outcome(call(resource)), name).to.equal("with an explicit deny in a resource-based policy");
        await set(registration, policy);
        expect(await outcome(call(resource)), `without ${name}`).to.equal("allowed");
        closed.push(`${registration.name} ${resource.replace(/^.*:/, "").replace(/-[0-9a-f]{7}/, "")}`);
      }
      await set(registration, whole);
    }
    expect(closed.sort()).to.deep.equal(
      [
        "labels-alarms labels-alarms",
        "labels-dead-letters labels-dead-letters",
        "labels-error labels-error",
        "labels-jobs labels-jobs",
        "labels-orders labels-orders",
        "labels-orders-dead-letters labels-orders-dead-letters",
        "labels-policy labels-bucket",
        "labels-policy labels-bucket/*",
        "labels-success labels-success",
        "labels-webhook-shop labels-webhook-shop",
      ].sort(),
    );
  });

  it("lets a queue be filled by each of its own topics, and by no other", async () => {
    const deliver = (topicArn: string, queueArn: string) =>
      denialsDuring(async () => {
        // The program's own subscription stays as it is.
        const subscribe = new SubscribeCommand({ TopicArn: topicArn, Protocol: "sqs", Endpoint: queueArn });
        const made = await cloud.sns.send(subscribe).catch(() => undefined);
        const MessageAttributes = { state: { DataType: "String", StringValue: "NONE" } };
        await cloud.sns.send(new PublishCommand({ TopicArn: topicArn, Message: `{"test":${++count}}`, MessageAttributes }));
        if (made) await cloud.sns.send(new UnsubscribeCommand({ SubscriptionArn: made.SubscriptionArn }));
      }).then((messages) => messages.filter((message) => message.includes(`sqs:SendMessage on resource: ${queueArn} because`)));
    const filled: string[] = [];
    for (const registration of policies().filter(({ type }) => type === "aws:sqs/queuePolicy:QueuePolicy")) {
      const whole = readPolicy(registration.inputs["policy"]);
      const queueArn = whole.Statement.map(({ Resource }) => Resource)[0] as string;
      const topics = narrowings(whole, "aws:SourceArn");
      expect(await deliver(othersArn, queueArn), `others to ${queueArn}`).to.have.length(1);
      for (const { value: topicArn, policy } of topics) {
        expect(await deliver(topicArn, queueArn), `${topicArn} to ${queueArn}`).to.deep.equal([]);
        await set(registration, policy);
        expect(await deliver(topicArn, queueArn), `${topicArn} without`).to.have.length(1);
        await set(registration, whole);
        filled.push(`${registration.name} ${topicArn.replace(/^.*:|-[0-9a-f]{7}$/g, "")}`);
      }
      for (const { name, policy } of loosenings(whole).filter((each) => each.name.endsWith("aws:SourceArn"))) {
        await set(registration, policy);
        expect(await deliver(othersArn, queueArn), `${name} loosened`).to.deep.equal([]);
        await set(registration, whole);
      }
    }
    expect(filled.sort()).to.deep.equal(
      [
        "labels-dead-letters labels-error",
        "labels-dead-letters labels-jobs",
        "labels-dead-letters labels-success",
        "labels-orders labels-jobs",
        "labels-webhook-shop labels-jobs",
      ].sort(),
    );
  });

  it("lets alarms of this account and region publish to the alarm topic, and no others", async () => {
    const registration = policies().find(({ name }) => name === "labels-alarms") ?? expect.fail("there is no alarm topic");
    const whole = readPolicy(registration.inputs["policy"]);
    const alarm = deployed.find(({ type }) => type.endsWith(":MetricAlarm")) ?? expect.fail("there is no alarm");
    const alarmed = async () => {
      const alarmName = `breaching-${++count}`;
      const rang = cloud.event((event) => event.kind === "alarm" && event.alarmName === alarmName);
      await create(cloud, alarm, alarmName, {
        ...alarm.inputs,
        name: alarmName,
        treatMissingData: "breaching",
        evaluationPeriods: 1,
        datapointsToAlarm: 1,
      });
      await rang;
      await new Promise(setImmediate);
    };
    const isDenial = (message: string) => message.startsWith("User: cloudwatch.amazonaws.com is not authorized to perform: SNS:Publish");
    expect((await denialsDuring(alarmed)).filter(isDenial)).to.deep.equal([]);
    await set(registration, { ...whole, Statement: whole.Statement.filter(({ Sid }) => Sid !== "AlarmsPublish") });
    expect((await denialsDuring(alarmed)).filter(isDenial)).not.to.deep.equal([]);
    await set(registration, whole);

    // Another account's alarms can't ring here: the policy alone is asked.
    const at = (of: string, region: string) => ({
      "aws:sourceaccount": of,
      "aws:sourcearn": `arn:aws:cloudwatch:${region}:${of}:alarm:a`,
      "aws:securetransport": "true",
    });
    const decide = (context: Record<string, string>) =>
      evaluate(
        { kind: "service", name: "cloudwatch.amazonaws.com" },
        { action: "sns:Publish", resource: outputs.alarmTopicArn, context },
        account,
        {
          identity: [],
          resource: whole,
        },
      ) ?? "allowed";
    const no = "because no resource-based policy allows";
    const tried = [at(account, "us-east-1"), at("111111111111", "us-east-1"), at(account, "eu-west-1")];
    expect(tried.map((context) => decide(context))).to.deep.equal(["allowed", no, no]);
  });

  it("lets no role publish to the topics of SageMaker's notifications that its own policy does not", async () => {
    const sts = new STSClient(cloud.settings);
    const RoleArn = `arn:aws:iam::${account}:role/worker`;
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "tests" })).finally(() => sts.destroy());
    const { AccessKeyId: accessKeyId = "", SecretAccessKey: secretAccessKey = "", SessionToken: sessionToken = "" } = Credentials ?? {};
    const sns = new SNSClient({ ...cloud.settings, maxAttempts: 1, credentials: { accessKeyId, secretAccessKey, sessionToken } });
    for (const TopicArn of [outputs.successTopicArn, outputs.errorTopicArn, outputs.jobsTopicArn]) {
      expect(await outcome(sns.send(new PublishCommand({ TopicArn, Message: "{}" }))), TopicArn).to.equal(
        "because no identity-based policy",
      );
    }
    sns.destroy();
  });

  it("has no other statement, but those that are there for its readers", () => {
    const tried = ["TlsOnly", "TopicSends", "TopicsSend", "AlarmsPublish"];
    const others = policies().flatMap(({ name, inputs }) =>
      readPolicy(inputs["policy"]).Statement.flatMap(({ Sid = "" }) => (tried.includes(Sid) ? [] : [`${name} ${Sid}`])),
    );
    expect(others.sort()).to.deep.equal(forReaders);
  });
});

/** As a proxy hands on what came to it without TLS. */
function inTheClear<Client extends S3Client | SNSClient | SQSClient>(client: Client): Client {
  (client as S3Client).middlewareStack.add(
    (next) => (call) => {
      (call.request as { headers: Record<string, string> }).headers["x-forwarded-proto"] = "http";
      return next(call);
    },
    { step: "build" },
  );
  return client;
}
