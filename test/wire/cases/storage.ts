import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  CreateTableCommand,
  DeleteTableCommand,
  ListTagsOfResourceCommand,
  TagResourceCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketEncryptionCommand,
  DeleteBucketLifecycleCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketRequestPaymentCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  type ObjectOwnership,
} from "@aws-sdk/client-s3";
import { setTimeout } from "node:timers/promises";
import { account, region, type Clients, type WireCase } from "../cloud";
import { queueArn } from "./messaging";

const Bucket = "wire-bucket";
const tags = { team: "ocr" };
const byKey = (Tags: { Key: string | undefined; Value: string | undefined }[] = []) =>
  Tags.map(({ Key, Value }) => `${Key}=${Value}`).sort();
const putTags =
  (given: Record<string, string>) =>
  ({ s3 }: Clients) =>
    s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: Object.entries(given).map(([Key, Value]) => ({ Key, Value })) } }));

const bucket: WireCase = {
  type: "aws:s3/bucket:Bucket",
  inputs: { bucket: Bucket, tags },
  create: async (clients) => {
    await clients.s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: region } }));
    await putTags(tags)(clients);
  },
  read: async ({ s3 }) => ({
    location: (await s3.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint,
    payer: (await s3.send(new GetBucketRequestPaymentCommand({ Bucket }))).Payer,
    tags: byKey((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet),
    // Last: without a body its refusal has no name.
    region: (await s3.send(new HeadBucketCommand({ Bucket }))).BucketRegion,
  }),
  change: { inputs: { bucket: Bucket, tags: { ...tags, stage: "dev" } }, call: putTags({ ...tags, stage: "dev" }) },
  delete: ({ s3 }) => s3.send(new DeleteBucketCommand({ Bucket })),
  gone: "404 NoSuchBucket",
};

const blocks = (restricted: boolean) => ({
  blockPublicAcls: true,
  ignorePublicAcls: true,
  blockPublicPolicy: true,
  restrictPublicBuckets: restricted,
});
const putBlock =
  (RestrictPublicBuckets: boolean) =>
  ({ s3 }: Clients) =>
    s3.send(
      new PutPublicAccessBlockCommand({
        Bucket,
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets },
      }),
    );
const publicAccessBlock: WireCase = {
  type: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  inputs: { bucket: Bucket, ...blocks(false) },
  create: putBlock(false),
  read: async ({ s3 }) => (await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration,
  change: { inputs: { bucket: Bucket, ...blocks(true) }, call: putBlock(true) },
  delete: ({ s3 }) => s3.send(new DeletePublicAccessBlockCommand({ Bucket })),
  gone: "404 NoSuchPublicAccessBlockConfiguration",
};

const tlsOnly = (Sid: string) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid,
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });
const putPolicy =
  (Sid: string) =>
  ({ s3 }: Clients) =>
    s3.send(new PutBucketPolicyCommand({ Bucket, Policy: tlsOnly(Sid) }));
const policy: WireCase = {
  type: "aws:s3/bucketPolicy:BucketPolicy",
  inputs: { bucket: Bucket, policy: tlsOnly("one") },
  create: putPolicy("one"),
  read: async ({ s3 }) => (await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy,
  change: { inputs: { bucket: Bucket, policy: tlsOnly("two") }, call: putPolicy("two") },
  delete: ({ s3 }) => s3.send(new DeleteBucketPolicyCommand({ Bucket })),
  gone: "404 NoSuchBucketPolicy",
};

const keyArn = `arn:aws:kms:${region}:${account}:key/0f0f0f0f-1234-1234-1234-123456789012`;
const encrypted = {
  bucket: Bucket,
  rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn }, bucketKeyEnabled: true }],
};
const encryption: WireCase = {
  type: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  inputs: encrypted,
  create: ({ s3 }) =>
    s3.send(
      new PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: keyArn }, BucketKeyEnabled: true }],
        },
      }),
    ),
  read: async ({ s3 }) => (await s3.send(new GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration,
  change: {
    inputs: { ...encrypted, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
    call: ({ s3 }) =>
      s3.send(
        new PutBucketEncryptionCommand({
          Bucket,
          ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }] },
        }),
      ),
  },
  delete: ({ s3 }) => s3.send(new DeleteBucketEncryptionCommand({ Bucket })),
  // Without a setting of its own, a bucket has S3's: https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html
  gone: { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" }, BucketKeyEnabled: false }] },
};

const rules = (days: number) => [
  { id: "input", status: "Enabled", filter: { prefix: "input/" }, expiration: { days } },
  { id: "uploads", status: "Enabled", filter: { prefix: "" }, abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } },
];
const putLifecycle =
  (Days: number) =>
  ({ s3 }: Clients) =>
    s3.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket,
        TransitionDefaultMinimumObjectSize: "all_storage_classes_128K",
        LifecycleConfiguration: {
          Rules: [
            { ID: "input", Status: "Enabled", Filter: { Prefix: "input/" }, Expiration: { Days } },
            { ID: "uploads", Status: "Enabled", Filter: { Prefix: "" }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
          ],
        },
      }),
    );
const lifecycle: WireCase = {
  type: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  inputs: { bucket: Bucket, rules: rules(30) },
  create: putLifecycle(30),
  read: ({ s3 }) => s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })),
  change: { inputs: { bucket: Bucket, rules: rules(20) }, call: putLifecycle(20) },
  delete: ({ s3 }) => s3.send(new DeleteBucketLifecycleCommand({ Bucket })),
  gone: "404 NoSuchLifecycleConfiguration",
};

const putOwnership =
  (ownership: ObjectOwnership) =>
  ({ s3 }: Clients) =>
    s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: { Rules: [{ ObjectOwnership: ownership }] } }));
const ownership: WireCase = {
  type: "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  inputs: { bucket: Bucket, rule: { objectOwnership: "BucketOwnerPreferred" } },
  create: putOwnership("BucketOwnerPreferred"),
  read: async ({ s3 }) => (await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }))).OwnershipControls,
  change: { inputs: { bucket: Bucket, rule: { objectOwnership: "BucketOwnerEnforced" } }, call: putOwnership("BucketOwnerEnforced") },
  delete: ({ s3 }) => s3.send(new DeleteBucketOwnershipControlsCommand({ Bucket })),
  gone: "404 OwnershipControlsNotFoundError",
};

const suspend = ({ s3 }: Clients) => s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Suspended" } }));
const versioning: WireCase = {
  type: "aws:s3/bucketVersioning:BucketVersioning",
  inputs: { bucket: Bucket, versioningConfiguration: { status: "Suspended" } },
  create: suspend,
  read: async ({ s3 }) => ({ status: (await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status }),
  // Versioning can't be taken away again: the provider suspends it.
  delete: suspend,
  gone: { status: "Suspended" },
};

const queueRules = (filterPrefix: string) => [{ id: "inbox", queueArn, events: ["s3:ObjectCreated:*"], filterPrefix }];
const putNotification =
  (Value: string) =>
  ({ s3 }: Clients) =>
    s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket,
        NotificationConfiguration: {
          QueueConfigurations: [
            {
              Id: "inbox",
              QueueArn: queueArn,
              Events: ["s3:ObjectCreated:*"],
              Filter: { Key: { FilterRules: [{ Name: "prefix", Value }] } },
            },
          ],
        },
      }),
    );
const notification: WireCase = {
  type: "aws:s3/bucketNotification:BucketNotification",
  inputs: { bucket: Bucket, queues: queueRules("inbox/") },
  create: putNotification("inbox/"),
  read: async ({ s3 }) => (await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }))).QueueConfigurations ?? [],
  change: { inputs: { bucket: Bucket, queues: queueRules("pages/") }, call: putNotification("pages/") },
  delete: ({ s3 }) => s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: {} })),
  gone: [],
};

const TableName = "wire-table";
const tableArn = `arn:aws:dynamodb:${region}:${account}:table/${TableName}`;
const tableInputs = {
  name: TableName,
  billingMode: "PAY_PER_REQUEST",
  hashKey: "jobId",
  attributes: [
    { name: "jobId", type: "S" },
    { name: "due", type: "S" },
  ],
  globalSecondaryIndexes: [{ name: "due", hashKey: "due", projectionType: "ALL" }],
  ttl: { attributeName: "expiresAt", enabled: true },
  pointInTimeRecovery: { enabled: true },
  tags,
};
const active = async ({ dynamoDb }: Clients) => {
  const { Table } = await dynamoDb.send(new DescribeTableCommand({ TableName }));
  const isActive =
    Table?.TableStatus === "ACTIVE" && (Table.GlobalSecondaryIndexes ?? []).every(({ IndexStatus }) => IndexStatus === "ACTIVE");
  return isActive ? Table : undefined;
};
const table: WireCase = {
  type: "aws:dynamodb/table:Table",
  inputs: tableInputs,
  create: async (clients) => {
    const { dynamoDb } = clients;
    await dynamoDb.send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [
          { AttributeName: "jobId", AttributeType: "S" },
          { AttributeName: "due", AttributeType: "S" },
        ],
        KeySchema: [{ AttributeName: "jobId", KeyType: "HASH" }],
        GlobalSecondaryIndexes: [
          { IndexName: "due", KeySchema: [{ AttributeName: "due", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } },
        ],
        DeletionProtectionEnabled: false,
        TableClass: "STANDARD",
        Tags: [{ Key: "team", Value: "ocr" }],
      }),
    );
    while (!(await active(clients))) await setTimeout(20);
    await dynamoDb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true } }));
    await dynamoDb.send(
      new UpdateContinuousBackupsCommand({
        TableName,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 35 },
      }),
    );
  },
  read: async ({ dynamoDb }) => ({
    table: (await dynamoDb.send(new DescribeTableCommand({ TableName }))).Table,
    backups: (await dynamoDb.send(new DescribeContinuousBackupsCommand({ TableName }))).ContinuousBackupsDescription,
    timeToLive: (await dynamoDb.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription,
    tags: byKey((await dynamoDb.send(new ListTagsOfResourceCommand({ ResourceArn: tableArn }))).Tags),
  }),
  change: {
    inputs: {
      ...tableInputs,
      pointInTimeRecovery: { enabled: false },
      serverSideEncryption: { enabled: true },
      tags: { ...tags, stage: "dev" },
    },
    call: async (clients) => {
      const { dynamoDb } = clients;
      await dynamoDb.send(new UpdateTableCommand({ TableName, SSESpecification: { Enabled: true, SSEType: "KMS" } }));
      while (!(await active(clients))) await setTimeout(20);
      const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: false };
      await dynamoDb.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
      await dynamoDb.send(new TagResourceCommand({ ResourceArn: tableArn, Tags: [{ Key: "stage", Value: "dev" }] }));
    },
  },
  delete: ({ dynamoDb }) => dynamoDb.send(new DeleteTableCommand({ TableName })),
  gone: "400 ResourceNotFoundException",
};

export const storageCases = [bucket, publicAccessBlock, policy, encryption, lifecycle, ownership, versioning, notification, table];
