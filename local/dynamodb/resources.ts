import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import type { CloudContext } from "../ports";
import { recorded, regionArgument } from "../recorded";
import { autoName, changedInputs, resourceType, type ResourceType } from "../resources";
import type { Document } from "./engine";
import type { Tables } from "./tables";

const projection = {
  name: z.string(),
  projectionType: z.enum(["ALL", "KEYS_ONLY", "INCLUDE"]),
  nonKeyAttributes: z.array(z.string()).optional(),
};

/** Capacity is kept and given back; requests are never throttled here. */
const capacity = z.number().int().positive().optional();

/** Inputs whose change makes another table on AWS. */
const fixed = ["name", "hashKey", "rangeKey", "localSecondaryIndexes"];

/** `aws:dynamodb/table:Table`. */
export function tableResource({ region, accountId }: CloudContext, tables: Tables): ResourceType {
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

  type Inputs = z.infer<typeof schema>;

  const stateOf = (name: string, inputs: Inputs) => ({
    ...inputs,
    name,
    arn: arnOf(name),
    region,
    tableClass: "STANDARD",
    streamArn: "",
    streamLabel: "",
    tagsAll: inputs.tagsAll ?? inputs.tags ?? {},
  });
  const arnOf = (name: string) => `arn:aws:dynamodb:${region}:${accountId}:table/${name}`;

  const type = resourceType(
    schema,
    async ({ name: logicalName, inputs }) => {
      const name = inputs.name ?? autoName(logicalName);
      const state = stateOf(name, inputs);
      await tables.create(description(name, inputs, state.tagsAll));
      if (inputs.ttl?.enabled) tables.updateTimeToLive(name, timeToLive(inputs, true));
      if (inputs.pointInTimeRecovery) tables.updateBackups(name, recovery(inputs));
      // A deployment goes on when the table can be used.
      await tables.active(name);
      return { id: name, state };
    },
    async ({ inputs }, { id, state }, before) => {
      const last = schema.parse(before);
      const changed = changedInputs(last, inputs);
      if (changed.length === 0) return undefined;
      if (changed.includes("ttl")) {
        if (last.ttl?.enabled) tables.updateTimeToLive(id, timeToLive(last, false));
        if (inputs.ttl?.enabled) tables.updateTimeToLive(id, timeToLive(inputs, true));
      }
      if (changed.includes("pointInTimeRecovery")) tables.updateBackups(id, recovery(inputs));
      if (changed.some((input) => input.startsWith("tags"))) tables.changeTags(state["arn"], () => stateOf(id, inputs).tagsAll);
      for (const update of updates(last, inputs)) {
        await tables.update({ TableName: id, ...update });
        await tables.active(id);
      }
      return { id, state: stateOf(id, inputs) };
    },
    async ({ id }) => void (await tables.delete(id)),
  );
  return { ...type, fixed };

  /** What UpdateTable is asked, one after the other: it takes one index at a time. */
  function updates(last: Inputs, now: Inputs): Document[] {
    const [known, wanted] = [description("", last), description("", now)];
    const changed = (name: string) => !isDeepStrictEqual(known[name], wanted[name]);
    const indexesOf = (table: Document) => (table["GlobalSecondaryIndexes"] ?? []) as (Document & { IndexName: string })[];
    const gone = indexesOf(known).filter((index) => !indexesOf(wanted).some((other) => isDeepStrictEqual(index, other)));
    const added = indexesOf(wanted).filter((index) => !indexesOf(known).some((other) => isDeepStrictEqual(index, other)));
    const AttributeDefinitions = wanted["AttributeDefinitions"];
    return [
      ...(changed("BillingMode") || changed("ProvisionedThroughput")
        ? [
            {
              BillingMode: wanted["BillingMode"],
              ...(wanted["ProvisionedThroughput"] !== undefined && { ProvisionedThroughput: wanted["ProvisionedThroughput"] }),
            },
          ]
        : []),
      ...(changed("DeletionProtectionEnabled") ? [{ DeletionProtectionEnabled: wanted["DeletionProtectionEnabled"] }] : []),
      ...(changed("SSESpecification") ? [{ SSESpecification: wanted["SSESpecification"] ?? { Enabled: false } }] : []),
      ...gone.map(({ IndexName }) => ({ GlobalSecondaryIndexUpdates: [{ Delete: { IndexName } }] })),
      ...added.map((Create) => ({ AttributeDefinitions, GlobalSecondaryIndexUpdates: [{ Create }] })),
    ];
  }

  /** What CreateTable is asked. */
  function description(name: string, inputs: Inputs, tags: Record<string, string> = {}): Document {
    const onDemand = inputs.billingMode === "PAY_PER_REQUEST";
    const throughput = (read?: number, write?: number) =>
      onDemand ? {} : { ProvisionedThroughput: { ReadCapacityUnits: read ?? 1, WriteCapacityUnits: write ?? 1 } };
    const { serverSideEncryption: encryption } = inputs;
    return {
      TableName: name,
      BillingMode: inputs.billingMode,
      ...throughput(inputs.readCapacity, inputs.writeCapacity),
      AttributeDefinitions: inputs.attributes.map((attribute) => ({ AttributeName: attribute.name, AttributeType: attribute.type })),
      KeySchema: keySchema(inputs.hashKey, inputs.rangeKey),
      DeletionProtectionEnabled: inputs.deletionProtectionEnabled,
      ...(encryption?.enabled && {
        SSESpecification: { Enabled: true, ...(encryption.kmsKeyArn !== undefined && { KMSMasterKeyId: encryption.kmsKeyArn }) },
      }),
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
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
  }

  function timeToLive({ ttl }: Inputs, enabled: boolean): Document {
    return { Enabled: enabled, AttributeName: ttl?.attributeName };
  }

  function recovery({ pointInTimeRecovery: wanted }: Inputs): Document {
    return {
      PointInTimeRecoveryEnabled: wanted?.enabled ?? false,
      ...(wanted?.enabled && { RecoveryPeriodInDays: wanted.recoveryPeriodInDays }),
    };
  }
}

function projected({ projectionType, nonKeyAttributes }: z.infer<z.ZodObject<typeof projection>>): Document {
  return { Projection: { ProjectionType: projectionType, ...(nonKeyAttributes && { NonKeyAttributes: nonKeyAttributes }) } };
}

function keySchema(hashKey: string, rangeKey: string | undefined) {
  const range = rangeKey === undefined ? [] : [{ AttributeName: rangeKey, KeyType: "RANGE" }];
  return [{ AttributeName: hashKey, KeyType: "HASH" }, ...range];
}
