import * as z from "zod";
import type { CloudContext } from "../ports";
import { recorded, regionArgument } from "../recorded";
import { autoName, resourceType, type ResourceType } from "../resources";
import type { DynamoDbEngine } from "./engine";
import { hashKeysOf, type Tables } from "./tables";

const projection = {
  name: z.string(),
  projectionType: z.enum(["ALL", "KEYS_ONLY", "INCLUDE"]),
  nonKeyAttributes: z.array(z.string()).optional(),
};

/** Capacity is told and given back; requests are never throttled here. */
const capacity = z.number().int().positive().optional();

/** What DynamoDB needs of a customer's key at least. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html */
const keyUses = [
  "Encrypt",
  "Decrypt",
  "ReEncryptFrom",
  "ReEncryptTo",
  "GenerateDataKey",
  "GenerateDataKeyWithoutPlaintext",
  "DescribeKey",
  "CreateGrant",
];

/** `aws:dynamodb/table:Table`. */
export function tableResource({ region, accountId, clock, access }: CloudContext, engine: DynamoDbEngine, tables: Tables): ResourceType {
  const schema = z.strictObject({
    name: z.string().optional(),
    billingMode: z.enum(["PAY_PER_REQUEST", "PROVISIONED"]).default("PROVISIONED"),
    hashKey: z.string(),
    rangeKey: z.string().optional(),
    attributes: z.array(z.strictObject({ name: z.string(), type: z.enum(["S", "N", "B"]) })),
    globalSecondaryIndexes: z
      .array(
        z.strictObject({
          ...projection,
          hashKey: z.string().optional(),
          rangeKey: z.string().optional(),
          keySchemas: z.array(z.strictObject({ attributeName: z.string(), keyType: z.enum(["HASH", "RANGE"]) })).optional(),
          readCapacity: capacity,
          writeCapacity: capacity,
        }),
      )
      .default([]),
    localSecondaryIndexes: z.array(z.strictObject({ ...projection, rangeKey: z.string() })).default([]),
    ttl: z.strictObject({ attributeName: z.string().default(""), enabled: z.boolean().default(true) }).optional(),
    pointInTimeRecovery: z
      .strictObject({ enabled: z.boolean(), recoveryPeriodInDays: z.number().int().min(1).max(35).default(35) })
      .optional(),
    serverSideEncryption: z.strictObject({ enabled: z.boolean(), kmsKeyArn: recorded.kmsKey }).optional(),
    deletionProtectionEnabled: z.boolean().default(false),
    tableClass: z.literal("STANDARD").optional(),
    readCapacity: capacity,
    writeCapacity: capacity,
    tags: recorded.tags,
    tagsAll: recorded.tags,
    region: regionArgument(region),
  });

  return resourceType(schema, async ({ name: logicalName, inputs }) => {
    const name = inputs.name ?? autoName(logicalName);
    access.requireKeyOfDeployer("dynamodb", inputs.serverSideEncryption?.kmsKeyArn, keyUses);
    const onDemand = inputs.billingMode === "PAY_PER_REQUEST";
    const throughput = (read?: number, write?: number) =>
      onDemand ? {} : { ProvisionedThroughput: { ReadCapacityUnits: read ?? 1, WriteCapacityUnits: write ?? 1 } };
    const projected = ({ projectionType, nonKeyAttributes }: z.infer<z.ZodObject<typeof projection>>) => ({
      Projection: { ProjectionType: projectionType, ...(nonKeyAttributes && { NonKeyAttributes: nonKeyAttributes }) },
    });
    const description = {
      TableName: name,
      BillingMode: inputs.billingMode,
      ...throughput(inputs.readCapacity, inputs.writeCapacity),
      AttributeDefinitions: inputs.attributes.map((attribute) => ({ AttributeName: attribute.name, AttributeType: attribute.type })),
      KeySchema: keySchema(inputs.hashKey, inputs.rangeKey),
      ...(inputs.globalSecondaryIndexes.length > 0 && {
        GlobalSecondaryIndexes: inputs.globalSecondaryIndexes.map((index) => ({
          IndexName: index.name,
          KeySchema:
            index.keySchemas?.map(({ attributeName, keyType }) => ({ AttributeName: attributeName, KeyType: keyType })) ??
            keySchema(index.hashKey ?? "", index.rangeKey),
          ...projected(index),
          ...throughput(index.readCapacity, index.writeCapacity),
        })),
      }),
      ...(inputs.localSecondaryIndexes.length > 0 && {
        LocalSecondaryIndexes: inputs.localSecondaryIndexes.map((index) => ({
          IndexName: index.name,
          KeySchema: keySchema(inputs.hashKey, index.rangeKey),
          ...projected(index),
        })),
      }),
    };
    const answer = await engine.call("CreateTable", description);
    if (answer.status !== 200) {
      const reason = answer.body["message"] ?? answer.body["Message"] ?? answer.body["__type"];
      throw new Error(`aws:dynamodb/table:Table "${logicalName}": ${String(reason) || "a table of this name exists already"}`);
    }
    tables.set(name, {
      createdAt: clock.now(),
      hashKeys: hashKeysOf(description),
      ttlAttribute: inputs.ttl?.enabled ? inputs.ttl.attributeName : undefined,
      pointInTimeRecovery: inputs.pointInTimeRecovery?.enabled ? inputs.pointInTimeRecovery : undefined,
      serverSideEncryption: inputs.serverSideEncryption?.enabled ? inputs.serverSideEncryption : undefined,
      deletionProtection: inputs.deletionProtectionEnabled,
    });
    await active(engine, name);
    return {
      id: name,
      state: {
        ...inputs,
        name,
        arn: `arn:aws:dynamodb:${region}:${accountId}:table/${name}`,
        region,
        tableClass: "STANDARD",
        streamArn: "",
        streamLabel: "",
        tagsAll: inputs.tagsAll ?? inputs.tags ?? {},
      },
    };
  });
}

function keySchema(hashKey: string, rangeKey: string | undefined) {
  const range = rangeKey === undefined ? [] : [{ AttributeName: rangeKey, KeyType: "RANGE" }];
  return [{ AttributeName: hashKey, KeyType: "HASH" }, ...range];
}

/** A deployment goes on when the table can be used. */
async function active(engine: DynamoDbEngine, TableName: string): Promise<void> {
  for (;;) {
    const { body } = await engine.call("DescribeTable", { TableName });
    if ((body["Table"] as { TableStatus: string }).TableStatus === "ACTIVE") return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
