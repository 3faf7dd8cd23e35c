import path from "node:path";
import { createStore, openStore, TableEngine, type Document, type EngineAnswer } from "./engine";
import { tableResource } from "./resources";
import { readTags } from "./settings";
import { Tables } from "./tables";
import { isWrite, Transactions, Turns } from "./transactions";
import type { CloudContext, CloudService } from "../ports";
import { notSupported, ServiceError, type WireRequest } from "../wire";

/**
 * DynamoDB: items, conditions, indexes, queries and batches by dynalite; time to live, indexes that come later, the settings
 * that tables are described with, transactions, and the refusal of all else by this layer.
 */
export async function createDynamoDb(context: CloudContext): Promise<CloudService> {
  const { region, accountId, keeper } = context;
  const folder = keeper.directory === undefined ? undefined : path.join(keeper.directory, "dynamodb");
  const store = createStore(region, accountId, folder);
  if (keeper.directory !== undefined) await openStore(store, keeper.directory);
  const engine = new TableEngine(store, keeper.directory);
  const tables = new Tables(engine, context);
  const runs = keeper.map<boolean>("dynamodb.running");
  if (folder !== undefined) {
    await tables.recover(runs.has("now"));
    runs.set("now", true);
  }

  const turns = new Turns();
  const transactions = new Transactions(engine, context.clock, keeper);
  await transactions.recover();
  const called = (target: string, parameters: Document): Promise<EngineAnswer> => {
    if (target === "TransactWriteItems") return turns.byItself(() => transactions.write(parameters));
    if (target === "TransactGetItems") return turns.byItself(() => transactions.get(parameters));
    const { ReturnValuesOnConditionCheckFailure: returned, ...others } = parameters;
    // With the item that stands in the way, nothing may change it between the write and the look at it.
    if (returned === "ALL_OLD" && isWrite(target)) return turns.byItself(() => transactions.withOld(target, others));
    return turns.beside(() => engine.call(target, parameters));
  };

  const operations: Record<string, (parameters: Document, tableName: string) => Document | Promise<Document>> = {
    CreateTable: (parameters) => tables.create(parameters),
    DescribeTable: (_, tableName) => tables.describe(tableName),
    UpdateTable: (parameters, tableName) => tables.update({ ...parameters, TableName: tableName }),
    DeleteTable: (_, tableName) => tables.delete(tableName),
    DescribeTimeToLive: (_, tableName) => tables.describeTimeToLive(tableName),
    UpdateTimeToLive: (parameters, tableName) =>
      tables.updateTimeToLive(tableName, parameters["TimeToLiveSpecification"] as Document | undefined),
    DescribeContinuousBackups: (_, tableName) => tables.describeBackups(tableName),
    UpdateContinuousBackups: (parameters, tableName) =>
      tables.updateBackups(tableName, parameters["PointInTimeRecoverySpecification"] as Document | undefined),
    ListTagsOfResource: (parameters) => tables.tags(parameters["ResourceArn"], parameters["NextToken"]),
    TagResource: (parameters) => {
      tables.changeTags(parameters["ResourceArn"], (tags) => ({ ...tags, ...readTags(parameters["Tags"]) }));
      return {};
    },
    UntagResource: (parameters) => {
      const keys = (parameters["TagKeys"] ?? []) as string[];
      tables.changeTags(parameters["ResourceArn"], (tags) =>
        Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key))),
      );
      return {};
    },
  };

  return {
    wire: {
      dynamodb: async ({ headers, body }: WireRequest) => {
        const target = /^DynamoDB_20120810\.(\w+)$/.exec(String(headers["x-amz-target"]))?.[1];
        if (target === undefined) throw notSupported(`DynamoDB's "${String(headers["x-amz-target"])}"`);
        const parameters = readParameters(body);
        const { TableName: tableName } = parameters;
        const own = Object.hasOwn(operations, target) ? operations[target] : undefined;
        const { status, body: answered } = own
          ? { status: 200, body: await own(parameters, nameOf(tableName)) }
          : await called(target, tableName === undefined ? parameters : { ...parameters, TableName: nameOf(tableName) });
        return { status, headers: { "content-type": "application/x-amz-json-1.0" }, body: JSON.stringify(answered) };
      },
    },
    resources: { "aws:dynamodb/table:Table": tableResource(context, tables) },
    factsOf: (arn) => {
      const name = /^arn:aws:dynamodb:[^:]*:\d*:table\/([^/]+)$/.exec(arn)?.[1];
      const table = name === undefined ? undefined : tables.find(name);
      return table && { kmsKeyArn: table.serverSideEncryption?.kmsKeyArn, hashKeys: table.hashKeys };
    },
    close: async () => {
      await tables.close();
      await engine.close();
      runs.delete("now");
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
