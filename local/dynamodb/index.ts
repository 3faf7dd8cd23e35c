import { createStore, DynamoDbEngine, type Document, type EngineAnswer } from "./engine";
import { tableResource } from "./resources";
import { hashKeysOf, Tables, type TableSettings } from "./tables";
import type { CloudContext, CloudService } from "../ports";
import { notSupported, ServiceError, type WireRequest } from "../wire";

/**
 * DynamoDB: items, conditions, indexes, queries and batches by dynalite; time to live, the settings that tables are
 * described with, and the refusal of all else by this layer. There are no transactions.
 */
export async function createDynamoDb(context: CloudContext): Promise<CloudService> {
  const engine = new DynamoDbEngine(createStore(context.region, context.accountId));
  const tables = new Tables(engine, context.clock);

  async function answer(operation: string, parameters: Document): Promise<EngineAnswer> {
    const tableName = nameOf(parameters["TableName"]);
    switch (operation) {
      case "CreateTable": {
        const created = await engine.call(operation, parameters);
        if (created.status === 200)
          tables.set(tableName, { createdAt: context.clock.now(), hashKeys: hashKeysOf(parameters), deletionProtection: false });
        return withSettings(created, "TableDescription", tables);
      }
      case "DescribeTable":
        return withSettings(await engine.call(operation, { ...parameters, TableName: tableName }), "Table", tables);
      case "DeleteTable": {
        if (tables.has(tableName) && tables.of(tableName).deletionProtection) {
          const message = `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`;
          throw new ServiceError("ValidationException", message);
        }
        const deleted = await engine.call(operation, parameters);
        if (deleted.status === 200) tables.delete(tableName);
        return deleted;
      }
      case "DescribeTimeToLive": {
        const { ttlAttribute } = tables.of(tableName);
        const description =
          ttlAttribute === undefined ? { TimeToLiveStatus: "DISABLED" } : { TimeToLiveStatus: "ENABLED", AttributeName: ttlAttribute };
        return { status: 200, body: { TimeToLiveDescription: description } };
      }
      case "UpdateTimeToLive": {
        const specification = parameters["TimeToLiveSpecification"] as { Enabled: boolean; AttributeName: string };
        const ttlAttribute = specification.Enabled ? specification.AttributeName : undefined;
        tables.set(tableName, { ...tables.of(tableName), ttlAttribute });
        return { status: 200, body: { TimeToLiveSpecification: specification } };
      }
      case "DescribeContinuousBackups":
        return { status: 200, body: { ContinuousBackupsDescription: backups(tables.of(tableName), context.clock.now()) } };
      default:
        return engine.call(operation, parameters);
    }
  }

  return {
    wire: {
      dynamodb: async ({ headers, body }: WireRequest) => {
        const target = /^DynamoDB_20120810\.(\w+)$/.exec(String(headers["x-amz-target"]))?.[1];
        if (target === undefined) throw notSupported(`DynamoDB's "${String(headers["x-amz-target"])}"`);
        const { status, body: answered } = await answer(target, readParameters(body));
        return { status, headers: { "content-type": "application/x-amz-json-1.0" }, body: JSON.stringify(answered) };
      },
    },
    resources: { "aws:dynamodb/table:Table": tableResource(context, engine, tables) },
    factsOf: (arn) => {
      const name = /^arn:aws:dynamodb:[^:]*:\d*:table\/([^/]+)$/.exec(arn)?.[1];
      if (name === undefined || !tables.has(name)) return undefined;
      const { serverSideEncryption, hashKeys } = tables.of(name);
      return { kmsKeyArn: serverSideEncryption?.kmsKeyArn, hashKeys };
    },
    close: async () => {
      await tables.close();
      await engine.close();
    },
  };
}

function readParameters(body: Buffer): Document {
  try {
    return JSON.parse(body.toString()) as Document;
  } catch {
    throw new ServiceError("SerializationException", "Start of structure or map expected");
  }
}

/** Calls about a table take its ARN too. */
function nameOf(table: unknown): string {
  return /^arn:[^:]+:dynamodb:[^:]*:\d*:table\/([^/]+)$/.exec(String(table))?.[1] ?? String(table);
}

/** Adds to a description what the engine doesn't know. */
function withSettings({ status, body }: EngineAnswer, member: "Table" | "TableDescription", tables: Tables): EngineAnswer {
  const table = body[member] as Document | undefined;
  const tableName = String(table?.["TableName"]);
  if (status !== 200 || !table || !tables.has(tableName)) return { status, body };
  const { createdAt, deletionProtection, serverSideEncryption } = tables.of(tableName);
  const description = {
    ...table,
    CreationDateTime: createdAt / 1000,
    DeletionProtectionEnabled: deletionProtection,
    ...(serverSideEncryption && {
      SSEDescription: {
        Status: "ENABLED",
        SSEType: "KMS",
        ...(serverSideEncryption.kmsKeyArn !== undefined && { KMSMasterKeyArn: serverSideEncryption.kmsKeyArn }),
      },
    }),
  };
  return { status, body: { [member]: description } };
}

function backups({ createdAt, pointInTimeRecovery }: TableSettings, now: number): Document {
  const recovery = pointInTimeRecovery
    ? {
        PointInTimeRecoveryStatus: "ENABLED",
        RecoveryPeriodInDays: pointInTimeRecovery.recoveryPeriodInDays,
        EarliestRestorableDateTime: createdAt / 1000,
        LatestRestorableDateTime: now / 1000,
      }
    : { PointInTimeRecoveryStatus: "DISABLED" };
  return { ContinuousBackupsStatus: "ENABLED", PointInTimeRecoveryDescription: recovery };
}
