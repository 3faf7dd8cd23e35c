import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  EnableKeyRotationCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UpdateKeyDescriptionCommand,
} from "@aws-sdk/client-kms";
import { account, type Clients, type WireCase } from "../cloud";

const policy = (Sid: string, others: object = {}) =>
  JSON.stringify({
    ...others,
    Version: "2012-10-17",
    Statement: [{ Sid, Effect: "Allow", Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: "kms:*", Resource: "*" }],
  });
/** The only key: nobody can give one a name. */
const keyId = async ({ kms }: Clients) => (await kms.send(new ListKeysCommand({}))).Keys?.[0]?.KeyId as string;
const tags = { team: "ocr" };
const keyInputs = { description: "results", deletionWindowInDays: 7, tags };

const key: WireCase = {
  type: "aws:kms/key:Key",
  inputs: keyInputs,
  create: ({ kms }) =>
    kms.send(
      new CreateKeyCommand({
        Description: "results",
        KeyUsage: "ENCRYPT_DECRYPT",
        CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
        Tags: [{ TagKey: "team", TagValue: "ocr" }],
      }),
    ),
  read: async (clients) => {
    const { kms } = clients;
    const KeyId = await keyId(clients);
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
    // A key that waits for its deletion is read, and nothing of it but this.
    if (KeyMetadata?.KeyState === "PendingDeletion") return { state: KeyMetadata.KeyState };
    return {
      KeyMetadata,
      rotation: (await kms.send(new GetKeyRotationStatusCommand({ KeyId }))).KeyRotationEnabled,
      tags: (await kms.send(new ListResourceTagsCommand({ KeyId }))).Tags,
    };
  },
  change: {
    inputs: { ...keyInputs, description: "pages", enableKeyRotation: true, tags: { ...tags, stage: "dev" } },
    call: async (clients) => {
      const KeyId = await keyId(clients);
      await clients.kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description: "pages" }));
      await clients.kms.send(new EnableKeyRotationCommand({ KeyId }));
      await clients.kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: "stage", TagValue: "dev" }] }));
    },
  },
  delete: async (clients) => clients.kms.send(new ScheduleKeyDeletionCommand({ KeyId: await keyId(clients), PendingWindowInDays: 7 })),
  gone: { state: "PendingDeletion" },
};

const PolicyName = "default";
const putPolicy = (Sid: string) => async (clients: Clients) =>
  clients.kms.send(new PutKeyPolicyCommand({ KeyId: await keyId(clients), PolicyName, Policy: policy(Sid) }));
const firstPolicy = policy("Enable IAM User Permissions", { Id: "key-default-1" });
const keyPolicy: WireCase = {
  type: "aws:kms/keyPolicy:KeyPolicy",
  inputs: async (_, clients) => ({ keyId: await keyId(clients), policy: policy("one") }),
  create: putPolicy("one"),
  read: async (clients) => {
    const { Policy = "" } = await clients.kms.send(new GetKeyPolicyCommand({ KeyId: await keyId(clients), PolicyName }));
    return JSON.parse(Policy) as object;
  },
  change: {
    inputs: async (_, clients) => ({ keyId: await keyId(clients), policy: policy("two") }),
    call: putPolicy("two"),
  },
  // Deleting it is putting back what every key begins with.
  delete: async (clients) => clients.kms.send(new PutKeyPolicyCommand({ KeyId: await keyId(clients), PolicyName, Policy: firstPolicy })),
  gone: JSON.parse(firstPolicy) as object,
};

const AliasName = "alias/wire";
const alias: WireCase = {
  type: "aws:kms/alias:Alias",
  inputs: async (_, clients) => ({ name: AliasName, targetKeyId: await keyId(clients) }),
  create: async (clients) => clients.kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: await keyId(clients) })),
  read: async ({ kms }) => (await kms.send(new ListAliasesCommand({}))).Aliases?.filter((each) => each.AliasName === AliasName),
  delete: ({ kms }) => kms.send(new DeleteAliasCommand({ AliasName })),
  gone: [],
};

export const keyCases = [key, keyPolicy, alias];
