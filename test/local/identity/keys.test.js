import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { expect } from "chai";
import { createIdentity } from "../../../local/identity";
import { createLogs } from "../../../local/logs";
import { startTestCloud } from "../../support/cloudContext";
import { addStorageAndMessaging } from "../../support/messaging";
const account = "000000000000";
const root = { AWS: `arn:aws:iam::${account}:root` };
const session = `arn:aws:sts::${account}:assumed-role/app/tests`;
const roleArn = `arn:aws:iam::${account}:role/app`;
describe("the policy of a customer's key", () => {
    let cloud;
    let s3;
    let owner;
    let keyArn;
    const policy = (...statements) => ({
        Version: "2012-10-17",
        Statement: statements.map((statement) => ({ Effect: "Allow", Resource: "*", ...statement })),
    });
    const administers = { Principal: root, Action: "kms:PutKeyPolicy" };
    beforeEach(async () => {
        cloud = await startTestCloud();
        await addStorageAndMessaging(cloud);
        cloud.add(await createLogs(cloud.context));
        cloud.add(await createIdentity(cloud.context, { credentials: cloud.credentials }));
        keyArn = (await cloud.create("aws:kms/key:Key", "key", {})).state["arn"];
        await cloud.create("aws:s3/bucket:Bucket", "jobs", { bucket: "jobs" });
        await cloud.create("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", "jobs", {
            bucket: "jobs",
            rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn } }],
        });
        await cloud.create("aws:iam/role:Role", "app", {
            name: "app",
            assumeRolePolicy: { Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: root }] },
        });
        await allow({ Action: "s3:*" });
        owner = new S3Client({ ...cloud.client, maxAttempts: 1 });
        const sts = new STSClient(cloud.client);
        const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: "tests" }));
        sts.destroy();
        const { AccessKeyId: accessKeyId = "", SecretAccessKey: secretAccessKey = "", SessionToken: sessionToken = "" } = Credentials ?? {};
        s3 = new S3Client({ ...cloud.client, maxAttempts: 1, credentials: { accessKeyId, secretAccessKey, sessionToken } });
    });
    afterEach(async () => {
        s3.destroy();
        owner.destroy();
        await cloud.close();
    });
    const allow = (...statements) => cloud.create("aws:iam/rolePolicy:RolePolicy", "app", { role: "app", name: "app", policy: policy(...statements) });
    const setPolicy = (...statements) => cloud.create("aws:kms/keyPolicy:KeyPolicy", "key", { keyId: keyArn, policy: policy(...statements) });
    const outcome = (sent) => sent.then(() => "allowed", (error) => error.message);
    const put = (client = s3) => outcome(client.send(new PutObjectCommand({ Bucket: "jobs", Key: "a", Body: "x" })));
    const get = () => outcome(s3.send(new GetObjectCommand({ Bucket: "jobs", Key: "a" })));
    const denial = (who, action, why) => `User: ${who} is not authorized to perform: ${action} on resource: "${keyArn}" because no ${why} policy allows the ${action} action`;
    it("leaves the decision to the roles' own policies when none is given", async () => {
        expect(await put()).to.equal(denial(session, "kms:GenerateDataKey", "identity-based"));
        await allow({ Action: "s3:*" }, { Action: "kms:GenerateDataKey", Resource: keyArn });
        expect([await put(), await get()]).to.deep.equal(["allowed", denial(session, "kms:Decrypt", "identity-based")]);
    });
    it("shuts out whoever it doesn't name, whatever his own policy says, and the account itself", async () => {
        await setPolicy(administers);
        await allow({ Action: "s3:*" }, { Action: "kms:*" });
        expect([await put(), await put(owner)]).to.deep.equal([
            denial(session, "kms:GenerateDataKey", "resource-based"),
            denial(root.AWS, "kms:GenerateDataKey", "resource-based"),
        ]);
    });
    it("opens the key by itself to a role that it names", async () => {
        await setPolicy(administers, { Principal: { AWS: roleArn }, Action: ["kms:GenerateDataKey*", "kms:Decrypt"] });
        expect([await put(), await get()]).to.deep.equal(["allowed", "allowed"]);
    });
    it("narrows the key to a service, an account and what is encrypted", async () => {
        const narrowed = (Condition) => setPolicy(administers, { Principal: { AWS: roleArn }, Action: "kms:GenerateDataKey", Condition: { StringEquals: Condition } });
        const inTheWay = { "kms:ViaService": "s3.us-east-1.amazonaws.com", "kms:CallerAccount": account };
        const encrypted = { "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::jobs" };
        await narrowed({ ...inTheWay, ...encrypted });
        expect(await put()).to.equal("allowed");
        for (const other of [{ "kms:ViaService": "sqs.us-east-1.amazonaws.com" }, { "kms:CallerAccount": "111111111111" }]) {
            await narrowed(other);
            expect(await put(), JSON.stringify(other)).to.equal(denial(session, "kms:GenerateDataKey", "resource-based"));
        }
    });
    it("outweighs by its deny what everything else allows", async () => {
        await setPolicy({ Principal: root, Action: "kms:*" }, { Effect: "Deny", Principal: "*", Action: "kms:GenerateDataKey" });
        await allow({ Action: "s3:*" }, { Action: "kms:*" });
        expect(await put()).to.match(/kms:GenerateDataKey on resource: .* with an explicit deny in a resource-based policy$/);
    });
    it("decides whether a topic reaches an encrypted queue", async () => {
        const topicArn = `arn:aws:sns:us-east-1:${account}:jobs`;
        const queueArn = `arn:aws:sqs:us-east-1:${account}:orders`;
        const sends = { Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage" };
        await cloud.create("aws:sns/topic:Topic", "jobs", { name: "jobs" });
        await cloud.create("aws:sqs/queue:Queue", "orders", { name: "orders", policy: policy(sends), kmsMasterKeyId: keyArn });
        await cloud.create("aws:sns/topicSubscription:TopicSubscription", "s", { topic: topicArn, protocol: "sqs", endpoint: queueArn });
        const sns = new SNSClient(cloud.client);
        const lost = async (...statements) => {
            await setPolicy(administers, ...statements);
            const before = cloud.events.length;
            await sns.send(new PublishCommand({ TopicArn: topicArn, Message: "m" }));
            return cloud.events.slice(before).map((event) => /perform: (kms:\w+)/.exec(event.message)?.[1]);
        };
        const use = (...Action) => ({ Principal: { Service: "sns.amazonaws.com" }, Action });
        expect(await lost()).to.deep.equal(["kms:GenerateDataKey"]);
        expect(await lost(use("kms:GenerateDataKey*"))).to.deep.equal(["kms:Decrypt"]);
        expect(await lost(use("kms:GenerateDataKey*", "kms:Decrypt"))).to.deep.equal([]);
        const from = (arn) => ({ ...use("kms:*"), Condition: { ArnEquals: { "aws:SourceArn": arn } } });
        expect([await lost(from(topicArn)), await lost(from(`${topicArn}2`))]).to.deep.equal([[], ["kms:GenerateDataKey"]]);
        sns.destroy();
    });
    it("decides whether a log group can be encrypted", async () => {
        const logs = (name) => outcome(cloud.create("aws:cloudwatch/logGroup:LogGroup", name, { name, kmsKeyId: keyArn, retentionInDays: 1 }));
        const groupArn = (name) => `arn:aws:logs:us-east-1:${account}:log-group:${name}`;
        const refused = (name) => `The specified KMS key does not exist or is not allowed to be used with Arn '${groupArn(name)}'`;
        expect(await logs("closed")).to.equal(refused("closed"));
        await setPolicy(administers, {
            Principal: { Service: "logs.us-east-1.amazonaws.com" },
            Action: ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
            Condition: { ArnEquals: { "kms:EncryptionContext:aws:logs:arn": groupArn("open") } },
        });
        expect([await logs("open"), await logs("other")]).to.deep.equal(["allowed", refused("other")]);
    });
    it("is refused when nobody could ever change it, unless that is meant", async () => {
        const make = (more) => outcome(cloud.create("aws:kms/key:Key", "sealed", { policy: policy({ Principal: root, Action: "kms:Decrypt" }), ...more }));
        expect(await make({})).to.equal("policy: MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future. " +
            "Allow the account kms:PutKeyPolicy.");
        expect(await make({ bypassPolicyLockoutSafetyCheck: true })).to.equal("allowed");
    });
});
