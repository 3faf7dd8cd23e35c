import { waitUntilTableExists, waitUntilTableNotExists, type CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import type { NotificationConfiguration } from "@aws-sdk/client-s3";
import {
  camel,
  differs,
  pascal,
  retag,
  tagList,
  tagMap,
  text,
  waits,
  type Properties,
  type ProviderType,
  type ProviderTypes,
  type Services,
} from "./resource";

/** Buckets with their settings, and tables. */
export function storageTypes(services: Services): ProviderTypes {
  return { ...bucketTypes(services), "aws:dynamodb/table:Table": tableType(services) };
}

function bucketTypes({ s3 }: Services): ProviderTypes {
  /** A setting of a bucket, which goes by the bucket's name. */
  const setting = (
    put: (Bucket: string, inputs: Properties) => Promise<unknown>,
    read: (Bucket: string) => Promise<Properties>,
    remove: (Bucket: string) => Promise<unknown>,
  ): ProviderType => ({
    replacedBy: ["bucket"],
    create: async (_name, inputs) => {
      await put(String(inputs["bucket"]), inputs);
      return { id: String(inputs["bucket"]) };
    },
    read,
    update: async (Bucket, now) => void (await put(Bucket, now)),
    delete: remove,
  });
  const bucketTags = async (Bucket: string) =>
    s3.getBucketTagging({ Bucket }).then(
      ({ TagSet }) => tagMap(TagSet),
      (error: Error) => {
        if (error.name === "NoSuchTagSet") return undefined;
        throw error;
      },
    );
  const empty = async (Bucket: string) => {
    for (;;) {
      const { Contents = [] } = await s3.listObjectsV2({ Bucket });
      if (Contents.length === 0) return;
      await s3.deleteObjects({ Bucket, Delete: { Objects: Contents.map(({ Key }) => ({ Key })) } });
    }
  };

  return {
    "aws:s3/bucket:Bucket": {
      replacedBy: ["bucket"],
      create: async (Bucket, inputs) => {
        await s3.createBucket({ Bucket });
        if (tagList(inputs).length > 0) await s3.putBucketTagging({ Bucket, Tagging: { TagSet: tagList(inputs) } });
        return { id: Bucket, outputs: { bucket: Bucket, arn: `arn:aws:s3:::${Bucket}` } };
      },
      read: async (Bucket) => {
        await s3.headBucket({ Bucket });
        return { bucket: Bucket, tags: await bucketTags(Bucket) };
      },
      update: async (Bucket, now, before) => {
        if (!differs(now, before, "tags")) return;
        if (tagList(now).length === 0) await s3.deleteBucketTagging({ Bucket });
        else await s3.putBucketTagging({ Bucket, Tagging: { TagSet: tagList(now) } });
      },
      delete: async (Bucket, { forceDestroy }) => {
        if (forceDestroy === true) await empty(Bucket);
        await s3.deleteBucket({ Bucket });
      },
    },
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": setting(
      (Bucket, { bucket: _, ...block }) => s3.putPublicAccessBlock({ Bucket, PublicAccessBlockConfiguration: pascal(block) }),
      async (Bucket) => camel((await s3.getPublicAccessBlock({ Bucket })).PublicAccessBlockConfiguration),
      (Bucket) => s3.deletePublicAccessBlock({ Bucket }),
    ),
    "aws:s3/bucketPolicy:BucketPolicy": setting(
      (Bucket, { policy }) => s3.putBucketPolicy({ Bucket, Policy: text(policy) }),
      async (Bucket) => ({ policy: (await s3.getBucketPolicy({ Bucket })).Policy }),
      (Bucket) => s3.deleteBucketPolicy({ Bucket }),
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": setting(
      (Bucket, { rules }) =>
        s3.putBucketEncryption({
          Bucket,
          ServerSideEncryptionConfiguration: {
            Rules: (rules as Properties[]).map(({ applyServerSideEncryptionByDefault: byDefault, bucketKeyEnabled }) => {
              const { sseAlgorithm, kmsMasterKeyId } = byDefault as Properties;
              return {
                ApplyServerSideEncryptionByDefault: { SSEAlgorithm: sseAlgorithm as "aws:kms", KMSMasterKeyID: kmsMasterKeyId as string },
                BucketKeyEnabled: bucketKeyEnabled as boolean | undefined,
              };
            }),
          },
        }),
      async (Bucket) => {
        const { Rules = [] } = (await s3.getBucketEncryption({ Bucket })).ServerSideEncryptionConfiguration ?? {};
        const rules = Rules.map(({ ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled }) => ({
          applyServerSideEncryptionByDefault: { sseAlgorithm: byDefault?.SSEAlgorithm, kmsMasterKeyId: byDefault?.KMSMasterKeyID },
          bucketKeyEnabled: BucketKeyEnabled,
        }));
        return { rules };
      },
      (Bucket) => s3.deleteBucketEncryption({ Bucket }),
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": setting(
      (Bucket, { rules }) =>
        s3.putBucketLifecycleConfiguration({
          Bucket,
          LifecycleConfiguration: {
            Rules: (rules as { id: string; filter?: { prefix?: string } }[]).map(({ id, filter, ...rule }) => ({
              ...pascal<{ Status: "Enabled" }>(rule),
              ID: id,
              Filter: { Prefix: filter?.prefix ?? "" },
            })),
          },
        }),
      async (Bucket) => {
        const { Rules = [] } = await s3.getBucketLifecycleConfiguration({ Bucket });
        return { rules: Rules.map(({ ID, ...rule }) => ({ ...camel(rule), id: ID })) };
      },
      (Bucket) => s3.deleteBucketLifecycle({ Bucket }),
    ),
    "aws:s3/bucketNotification:BucketNotification": setting(
      (Bucket, inputs) => s3.putBucketNotificationConfiguration({ Bucket, NotificationConfiguration: notification(inputs) }),
      async (Bucket) => {
        const { LambdaFunctionConfigurations = [] } = await s3.getBucketNotificationConfiguration({ Bucket });
        const lambdaFunctions = LambdaFunctionConfigurations.map(({ LambdaFunctionArn, Events, Filter }) => {
          const rules = Filter?.Key?.FilterRules ?? [];
          const value = (name: string) => rules.find(({ Name }) => Name?.toLowerCase() === name)?.Value;
          return { lambdaFunctionArn: LambdaFunctionArn, events: Events, filterPrefix: value("prefix"), filterSuffix: value("suffix") };
        });
        return { lambdaFunctions };
      },
      (Bucket) => s3.putBucketNotificationConfiguration({ Bucket, NotificationConfiguration: {} }),
    ),
  };
}

function notification({ lambdaFunctions = [] }: Properties): NotificationConfiguration {
  const given = lambdaFunctions as {
    lambdaFunctionArn: string;
    events: "s3:ObjectCreated:*"[];
    filterPrefix?: string;
    filterSuffix?: string;
  }[];
  return {
    LambdaFunctionConfigurations: given.map(({ lambdaFunctionArn, events, filterPrefix, filterSuffix }) => ({
      LambdaFunctionArn: lambdaFunctionArn,
      Events: events,
      Filter: {
        Key: {
          FilterRules: [
            ...(filterPrefix === undefined ? [] : [{ Name: "prefix" as const, Value: filterPrefix }]),
            ...(filterSuffix === undefined ? [] : [{ Name: "suffix" as const, Value: filterSuffix }]),
          ],
        },
      },
    })),
  };
}

interface Index {
  name: string;
  keySchemas: { attributeName: string; keyType: "HASH" | "RANGE" }[];
  projectionType: "ALL" | "INCLUDE";
  nonKeyAttributes?: string[];
}

interface TableInputs {
  attributes: { name: string; type: "S" | "N" }[];
  billingMode: "PAY_PER_REQUEST";
  deletionProtectionEnabled?: boolean;
  globalSecondaryIndexes?: Index[];
  hashKey: string;
  pointInTimeRecovery?: { enabled: boolean };
  serverSideEncryption?: { enabled: boolean; kmsKeyArn?: string };
  ttl?: { attributeName: string; enabled: boolean };
}

function tableType({ dynamoDb }: Services): ProviderType {
  const active = (TableName: string) => waitUntilTableExists({ client: dynamoDb, ...waits }, { TableName });
  const encryption = ({ serverSideEncryption: given }: TableInputs) =>
    given?.kmsKeyArn === undefined
      ? { Enabled: given?.enabled ?? false }
      : { Enabled: true, SSEType: "KMS" as const, KMSMasterKeyId: given.kmsKeyArn };
  const setBackups = (TableName: string, { pointInTimeRecovery }: TableInputs) =>
    dynamoDb.updateContinuousBackups({
      TableName,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: pointInTimeRecovery?.enabled ?? false },
    });
  return {
    replacedBy: ["name", "hashKey", "rangeKey"],
    create: async (TableName, given) => {
      const inputs = given as unknown as TableInputs;
      const indexes = inputs.globalSecondaryIndexes?.map(indexInput);
      const { TableDescription } = await dynamoDb.createTable({
        TableName,
        AttributeDefinitions: inputs.attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
        BillingMode: inputs.billingMode,
        KeySchema: [{ AttributeName: inputs.hashKey, KeyType: "HASH" }],
        ...(indexes && { GlobalSecondaryIndexes: indexes }),
        DeletionProtectionEnabled: inputs.deletionProtectionEnabled ?? false,
        ...(inputs.serverSideEncryption && { SSESpecification: encryption(inputs) }),
        Tags: tagList(given),
      });
      await active(TableName);
      if (inputs.ttl) await dynamoDb.updateTimeToLive({ TableName, TimeToLiveSpecification: timeToLive(inputs.ttl) });
      if (inputs.pointInTimeRecovery) await setBackups(TableName, inputs);
      return { id: TableName, outputs: { name: TableName, arn: TableDescription?.TableArn } };
    },
    read: async (TableName) => {
      const { Table = {} } = await dynamoDb.describeTable({ TableName });
      const { ContinuousBackupsDescription: backups } = await dynamoDb.describeContinuousBackups({ TableName });
      const { TimeToLiveDescription: ttl } = await dynamoDb.describeTimeToLive({ TableName });
      const { Tags } = await dynamoDb.listTagsOfResource({ ResourceArn: Table.TableArn });
      return {
        billingMode: Table.BillingModeSummary?.BillingMode,
        deletionProtectionEnabled: Table.DeletionProtectionEnabled,
        hashKey: Table.KeySchema?.find(({ KeyType }) => KeyType === "HASH")?.AttributeName,
        pointInTimeRecovery: { enabled: backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === "ENABLED" },
        serverSideEncryption: { enabled: Table.SSEDescription?.Status === "ENABLED", kmsKeyArn: Table.SSEDescription?.KMSMasterKeyArn },
        ttl: { attributeName: ttl?.AttributeName, enabled: ttl?.TimeToLiveStatus === "ENABLED" },
        tags: tagMap(Tags),
      };
    },
    update: async (TableName, given, before) => {
      const inputs = given as unknown as TableInputs;
      const update = (change: object) => dynamoDb.updateTable({ TableName, ...change }).then(() => active(TableName));
      if (differs(given, before, "deletionProtectionEnabled")) {
        await update({ DeletionProtectionEnabled: inputs.deletionProtectionEnabled ?? false });
      }
      if (differs(given, before, "serverSideEncryption")) await update({ SSESpecification: encryption(inputs) });
      if (differs(given, before, "pointInTimeRecovery")) await setBackups(TableName, inputs);
      const ResourceArn = String(before["arn"]);
      await retag(
        given,
        before,
        (tags) => dynamoDb.tagResource({ ResourceArn, Tags: tagList({ tags }) }),
        (TagKeys) => dynamoDb.untagResource({ ResourceArn, TagKeys }),
      );
    },
    delete: async (TableName) => {
      await dynamoDb.deleteTable({ TableName });
      await waitUntilTableNotExists({ client: dynamoDb, ...waits }, { TableName });
    },
  };
}

function timeToLive({ attributeName, enabled }: { attributeName: string; enabled: boolean }) {
  return { AttributeName: attributeName, Enabled: enabled };
}

function indexInput({
  name,
  keySchemas,
  projectionType,
  nonKeyAttributes,
}: Index): NonNullable<CreateTableCommandInput["GlobalSecondaryIndexes"]>[0] {
  return {
    IndexName: name,
    KeySchema: keySchemas.map((schema) => pascal(schema)),
    Projection: { ProjectionType: projectionType, ...(nonKeyAttributes && { NonKeyAttributes: nonKeyAttributes }) },
  };
}
