import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  KMSClient,
  ListAliasesCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateKeyDescriptionCommand,
  type KeyMetadata,
} from "@aws-sdk/client-kms";
import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import { createKms } from "../../../local/kms";
import { managedKeyArn } from "../../../local/kms/managedKeys";
import type { CloudService } from "../../../local/ports";
import { startTestCloud, type TestCloud } from "../../support/cloudContext";
import { refusal } from "../../support/refusal";

const start = Date.UTC(2026, 0, 25);
const account = "000000000000";
const root = `arn:aws:iam::${account}:root`;

describe("KMS over the wire, as the AWS provider uses it", () => {
  let cloud: TestCloud;
  let clock: VirtualClock;
  let service: CloudService;
  let kms: KMSClient;

  before(async () => {
    clock = new VirtualClock(start);
    cloud = await startTestCloud({ clock });
    service = cloud.add(await createKms(cloud.context));
    kms = new KMSClient(cloud.client);
  });
  after(async () => {
    kms.destroy();
    await cloud.close();
  });

  const create = async (more = {}) => (await kms.send(new CreateKeyCommand(more))).KeyMetadata as KeyMetadata;
  const described = async (KeyId: string) => (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata as KeyMetadata;

  it("makes a key with what AWS gives to one of which nobody says anything", async () => {
    const { KeyId = "", Arn = "", ...others } = await create({ Description: "jobs" });

    expect(Arn).to.equal(`arn:aws:kms:us-east-1:${account}:key/${KeyId}`);
    expect(others).to.deep.equal({
      AWSAccountId: account,
      CreationDate: new Date(start),
      Enabled: true,
      Description: "jobs",
      KeyUsage: "ENCRYPT_DECRYPT",
      KeyState: "Enabled",
      Origin: "AWS_KMS",
      KeyManager: "CUSTOMER",
      CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
      KeySpec: "SYMMETRIC_DEFAULT",
      EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
      MultiRegion: false,
    });
    expect(await described(Arn)).to.deep.equal({ KeyId, Arn, ...others });
    expect(JSON.parse((await kms.send(new GetKeyPolicyCommand({ KeyId }))).Policy ?? "")).to.deep.equal({
      Version: "2012-10-17",
      Id: "key-default-1",
      Statement: [{ Sid: "Enable IAM User Permissions", Effect: "Allow", Principal: { AWS: root }, Action: "kms:*", Resource: "*" }],
    });
    expect((await kms.send(new GetKeyRotationStatusCommand({ KeyId }))).KeyRotationEnabled).to.equal(false);
  });

  it("changes policy, description, rotation and tags, and gives them back", async () => {
    const { KeyId = "", Arn } = await create({ Tags: [{ TagKey: "a", TagValue: "1" }] });
    const Policy = JSON.stringify({ Statement: [{ Effect: "Allow", Principal: { AWS: root }, Action: "kms:*", Resource: "*" }] });
    await kms.send(new PutKeyPolicyCommand({ KeyId, Policy }));
    await kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description: "changed" }));
    await kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }));
    await kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: "b", TagValue: "2" }] }));
    await kms.send(new UntagResourceCommand({ KeyId, TagKeys: ["a"] }));
    const { $metadata: _, ...rotation } = await kms.send(new GetKeyRotationStatusCommand({ KeyId }));

    expect((await kms.send(new GetKeyPolicyCommand({ KeyId }))).Policy).to.equal(Policy);
    expect((await described(KeyId)).Description).to.equal("changed");
    expect((await kms.send(new ListResourceTagsCommand({ KeyId }))).Tags).to.deep.equal([{ TagKey: "b", TagValue: "2" }]);
    expect(rotation).to.deep.equal({
      KeyRotationEnabled: true,
      KeyId: Arn,
      RotationPeriodInDays: 90,
      NextRotationDate: new Date(start + 90 * 86_400_000),
    });
    expect(await refusal(kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 30 })))).to.contain("ValidationException");
    expect(await refusal(kms.send(new PutKeyPolicyCommand({ KeyId, Policy: '{"Statement":[]}' })))).to.contain(
      "MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.",
    );
    expect(await refusal(kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: "aws:x", TagValue: "" }] })))).to.contain(
      "TagException",
    );
  });

  it("deletes a key when its days are over, and gives it back, disabled, to whoever cancels in time", async () => {
    const { KeyId = "", Arn } = await create();
    const schedule = (PendingWindowInDays: number) => kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays }));
    expect(await refusal(schedule(6))).to.contain("ValidationException");
    const { $metadata: _, ...scheduled } = await schedule(7);
    const DeletionDate = new Date(start + 7 * 86_400_000);
    expect(scheduled).to.deep.equal({ KeyId: Arn, DeletionDate, KeyState: "PendingDeletion", PendingWindowInDays: 7 });
    expect(await refusal(schedule(7))).to.equal(`KMSInvalidStateException: ${Arn} is pending deletion.`);
    await kms.send(new CancelKeyDeletionCommand({ KeyId }));
    expect((await described(KeyId)).KeyState).to.equal("Disabled");
    await schedule(7);
    await clock.advance(7 * 86_400_000);

    expect(await refusal(described(Arn ?? ""))).to.equal(`NotFoundException: Key '${Arn}' does not exist`);
  });

  it("leads by an alias to its key, once, and by AWS's own aliases to AWS's own keys", async () => {
    const { KeyId = "", Arn } = await create();
    const AliasName = "alias/team/jobs";
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyId }));

    expect((await described(AliasName)).Arn).to.equal(Arn);
    const { Aliases = [] } = await kms.send(new ListAliasesCommand({ KeyId }));
    expect(Aliases.map(({ AliasArn, TargetKeyId }) => [AliasArn, TargetKeyId])).to.deep.equal([
      [`arn:aws:kms:us-east-1:${account}:${AliasName}`, KeyId],
    ]);
    expect(await refusal(kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyId })))).to.contain("AlreadyExistsException");
    await kms.send(new DeleteAliasCommand({ AliasName }));
    expect(await refusal(described(AliasName))).to.equal(
      `NotFoundException: Alias arn:aws:kms:us-east-1:${account}:${AliasName} is not found.`,
    );
    const managed = await described("alias/aws/dynamodb");
    expect([managed.Arn, managed.KeyManager]).to.deep.equal([
      managedKeyArn({ region: "us-east-1", accountId: account }, "dynamodb"),
      "AWS",
    ]);
    expect(await refusal(kms.send(new ListAliasesCommand({ Marker: "eA" })))).to.contain("InvalidMarkerException");
  });

  it("takes a key of another team for one that is there, and nothing for what it is not", async () => {
    const arn = "arn:aws:kms:us-east-1:111122223333:key/theirs";
    const { AWSAccountId, KeyState, Arn } = await described(arn);
    expect([AWSAccountId, KeyState, Arn]).to.deep.equal(["111122223333", "Enabled", arn]);
    expect(await refusal(described("none"))).to.equal(`NotFoundException: Key 'arn:aws:kms:us-east-1:${account}:key/none' does not exist`);
    expect(await refusal(kms.send(new GetKeyPolicyCommand({ KeyId: arn })))).to.equal(`NotFoundException: Key '${arn}' does not exist`);
    expect(await refusal(kms.send(new EncryptCommand({ KeyId: arn, Plaintext: Buffer.from("x") })))).to.contain("NotImplemented");
    expect(await refusal(create({ KeySpec: "RSA_2048" }))).to.contain('does not support "KeySpec" as it is given to KMS\'s CreateKey');
  });

  it("updates and deletes a program's keys and aliases by the same rules", async () => {
    const registered = (type: string, inputs: Record<string, unknown>) => ({
      urn: `urn:pulumi:local::test::${type}::x`,
      type,
      name: "x",
      inputs,
      program: { directory: ".", project: "test", stack: "local", localSettings: {} },
    });
    const keyType = "aws:kms/key:Key";
    const aliasType = "aws:kms/alias:Alias";
    const made = await cloud.create(keyType, "x", { description: "a", deletionWindowInDays: 7 });
    const other = await cloud.create(keyType, "y", {});
    const alias = await cloud.create(aliasType, "x", { name: "alias/x", targetKeyId: made.id });
    const now = { description: "b", enableKeyRotation: true, deletionWindowInDays: 7, tags: { a: "1" } };
    await service.resources?.[keyType]?.update?.(registered(keyType, now), made, { description: "a", deletionWindowInDays: 7 });
    await service.resources?.[aliasType]?.update?.(registered(aliasType, { name: "alias/x", targetKeyId: other.id }), alias, {
      name: "alias/x",
      targetKeyId: made.id,
    });
    expect((await described(made.id)).Description).to.equal("b");
    expect((await kms.send(new GetKeyRotationStatusCommand({ KeyId: made.id }))).RotationPeriodInDays).to.equal(365);
    expect((await described("alias/x")).KeyId).to.equal(other.id);
    await service.resources?.[aliasType]?.delete?.(alias);
    await service.resources?.[keyType]?.delete?.(made);

    expect((await described(made.id)).KeyState).to.equal("PendingDeletion");
    expect(await refusal(described("alias/x"))).to.contain("NotFoundException");
  });
});
