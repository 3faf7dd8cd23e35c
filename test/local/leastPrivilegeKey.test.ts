import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { PublishCommand } from "@aws-sdk/client-sns";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { expect } from "chai";
import { VirtualClock } from "../../local/clock";
import { evaluate } from "../../local/identity/evaluate";
import { readPolicy, type PolicyDocument } from "../../local/identity/policyDocument";
import { testProgram } from "../support/cloudContext";
import { create, keepMade, type Made } from "../support/made";
import { deniedIn, removals } from "../support/removals";
import { passTime } from "../support/passTime";
import { CloudUnderTest } from "../support/service";
import type { AsyncInferenceOutputs } from "../../outputs";

const account = "000000000000";

describe("least privilege: the policy that a customer's key needs", () => {
  let cloud: CloudUnderTest;
  let clock: VirtualClock;
  let outputs: AsyncInferenceOutputs;
  let keyArn: string;
  let printed: PolicyDocument;
  const made: Made[] = [];
  let count = 0;

  before(async () => {
    clock = new VirtualClock(Date.UTC(2026, 0, 25, 12));
    cloud = await CloudUnderTest.start({ clock });
    keepMade(cloud, made);
    const open = { Statement: [{ Effect: "Allow", Principal: "*", Action: "kms:*", Resource: "*" }] };
    keyArn = (await resource("aws:kms/key:Key", { policy: open })).state["arn"] as string;
    const messages: string[] = [];
    const settings = {
      "sagemaker-async-inference:alarmsEnabled": "true",
      "sagemaker-async-inference:kmsKeyArn": keyArn,
      "sagemaker-async-inference:instanceType": "ml.p3.2xlarge",
    };
    outputs = await passTime(clock, cloud.deployOwn(settings, messages), 0.1);
    const text = messages.find((message) => message.includes(`Key ${keyArn} is yours`)) ?? expect.fail(messages.join("\n"));
    printed = readPolicy(text.slice(text.indexOf("{")));
    await setKeyPolicy(printed);
  });
  after(() => cloud.close());

  const resource = (type: string, inputs: object, name = `r-${++count}`) =>
    create(cloud, { urn: "", type, name, inputs: {}, program: testProgram }, name, inputs);
  /** Nobody could ever change such a policy: the statements are for one that has others. */
  const setKeyPolicy = (policy: PolicyDocument) =>
    resource("aws:kms/keyPolicy:KeyPolicy", { keyId: keyArn, policy, bypassPolicyLockoutSafetyCheck: true });
  const again = async (type: string, more: object = {}) => {
    const { registration } = made.find((each) => each.registration.type === type) ?? expect.fail(`the program has no ${type}`);
    return create(cloud, registration, `again-${++count}`, { ...registration.inputs, ...more });
  };

  /** All that is done with the key, by roles, by services and by whoever deploys. */
  async function useKey(): Promise<string[]> {
    const before = cloud.events.length;
    const refusals: string[] = [];
    const attempt = async (work: () => Promise<unknown>) => void (await work().catch((error: Error) => refusals.push(error.message)));
    const key = `input/${++count}`;
    const Bucket = outputs.bucketName;
    const item = { TableName: outputs.jobTableName, Key: { jobId: "#none" } };
    const queueArn = (name: string) => `arn:aws:sqs:us-east-1:${account}:${name}`;
    const name = `follows-${++count}`;
    const policy = {
      Statement: [{ Effect: "Allow", Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage", Resource: queueArn(name) }],
    };
    await attempt(() => again("aws:dynamodb/table:Table", { deletionProtectionEnabled: false }));
    await attempt(() =>
      again("aws:lambda/function:Function", { loggingConfig: { logFormat: "Text", logGroup: outputs.resultLogGroupName } }),
    );
    await attempt(() => again("aws:cloudwatch/logGroup:LogGroup"));
    await attempt(() => cloud.s3.send(new PutObjectCommand({ Bucket, Key: key, Body: "x" })));
    await attempt(() => cloud.s3.send(new GetObjectCommand({ Bucket, Key: key })).then(({ Body }) => Body?.transformToString()));
    await attempt(() => cloud.table.send(new PutCommand({ TableName: outputs.jobTableName, Item: item.Key })));
    await attempt(() => cloud.table.send(new GetCommand(item)));
    await attempt(() => resource("aws:sqs/queue:Queue", { name, policy, kmsMasterKeyId: keyArn }, name));
    const inputs = { topic: outputs.jobsTopicArn, protocol: "sqs", endpoint: queueArn(name), rawMessageDelivery: true };
    await attempt(() => resource("aws:sns/topicSubscription:TopicSubscription", inputs));
    await attempt(() => cloud.sns.send(new PublishCommand({ TopicArn: outputs.jobsTopicArn, Message: "{}" })));
    await attempt(() => again("aws:cloudwatch/metricAlarm:MetricAlarm", { treatMissingData: "breaching" }));
    // Alarms are looked at a minute later.
    await clock.advance(62_000);
    const seen = cloud.events
      .slice(before)
      .flatMap((event) => (event.kind === "denied" || event.kind === "warning" ? [event.message] : []));
    return [...refusals, ...seen];
  }

  it("is what pulumi up prints: with exactly that nothing is denied", async () => {
    expect(printed.Statement.map(({ Sid }) => Sid)).to.deep.equal([
      "RolesOfThisAccount",
      "LogsOfThisAccount",
      "TopicsDeliver",
      "AlarmsPublish",
    ]);
    expect(await useKey()).to.deep.equal([]);
  });

  it("misses each action of each printed statement", async () => {
    const superfluous: string[] = [];
    for (const removal of removals(printed)) {
      await setKeyPolicy(removal.policy);
      const denials = (await useKey()).flatMap((message) => deniedIn(message) ?? []);
      if (!denials.some(({ action, resource: denied }) => denied === keyArn && removal.isMissedBy({ action, resource: "*" }))) {
        superfluous.push(removal.name);
      }
    }
    await setKeyPolicy(printed);
    expect(superfluous).to.deep.equal([]);
  });

  it("lets no topic, alarm or log group of another account use the key", () => {
    const decide = (service: string, context: Record<string, string>) =>
      evaluate({ kind: "service", name: service }, { action: "kms:Decrypt", resource: keyArn, context }, account, {
        identity: [],
        resource: printed,
      }) ?? "allowed";
    const group = (of: string) => ({ "kms:encryptioncontext:aws:logs:arn": `arn:aws:logs:us-east-1:${of}:log-group:g` });
    const uses = (of: string): [string, Record<string, string>][] => [
      ["sns.amazonaws.com", { "aws:sourceaccount": of }],
      ["cloudwatch.amazonaws.com", { "aws:sourceaccount": of }],
      ["logs.us-east-1.amazonaws.com", group(of)],
    ];
    const no = "because no resource-based policy allows";
    expect(uses(account).map(([service, context]) => decide(service, context))).to.deep.equal(["allowed", "allowed", "allowed"]);
    expect(uses("111111111111").map(([service, context]) => decide(service, context))).to.deep.equal([no, no, no]);
  });
});
