import type { AttributeValue, BatchGetItemCommandInput, DynamoDBClient, QueryCommandInput } from "@aws-sdk/client-dynamodb";
import type { ItemCalls } from "../aws/documents";
import { jobTable } from "../core/records/table";
import { afterFirstTry, type PreparedWrite } from "./preparedWrites";

type Library = typeof import("@aws-sdk/client-dynamodb");

const marshalling = { removeUndefinedValues: true };

type Item = Record<string, unknown>;
type Read = Omit<QueryCommandInput, "ExclusiveStartKey" | "ExpressionAttributeValues">;

/** Calls that read many items, whose values are plain ones. */
export interface ItemReads {
  query(
    input: Read & { ExpressionAttributeValues: Item; ExclusiveStartKey?: object | undefined },
    options?: SendOptions,
  ): Promise<{ Items?: Item[]; Count?: number | undefined; LastEvaluatedKey?: object | undefined }>;
  /** Items of the job table, in no order. */
  batchGet(input: ManyKeys, options?: SendOptions): Promise<{ Items: Item[]; UnprocessedKeys: string[] }>;
}

/** Items of the job table, by their keys. */
export interface ManyKeys extends Omit<NonNullable<BatchGetItemCommandInput["RequestItems"]>[string], "Keys"> {
  TableName: string;
  Keys: readonly string[];
}

interface SendOptions {
  abortSignal?: AbortSignal;
}

/** Plain values to DynamoDB's, and back. */
function conversions() {
  const { marshall, unmarshall } = require("@aws-sdk/util-dynamodb") as typeof import("@aws-sdk/util-dynamodb");
  return {
    plain: (values: object | undefined) => values && marshall(values as Item, marshalling),
    read: (item: Record<string, AttributeValue>): Item => stringsOf(item) ?? unmarshall(item),
  };
}

/** Strings alone are read here: the SDK's own way makes half a dozen objects for each, and a look at a thousand jobs has nothing else. */
function stringsOf(item: Record<string, AttributeValue>): Item | undefined {
  const all: Item = {};
  for (const name in item) {
    const text = item[name]?.S;
    if (text === undefined) return undefined;
    all[name] = text;
  }
  return all;
}

/**
 * Items by DynamoDB's client itself: its document client makes each call a command of two, which takes a tenth more of the processor,
 * and jobs are submitted by the thousand.
 *
 * @param write makes writes whose answers say nothing. @default the client itself
 */
export function plainItems(client: DynamoDBClient, write: PreparedWrite = async () => "untried"): ItemCalls {
  const { plain, read } = conversions();
  const { PutItemCommand, GetItemCommand, UpdateItemCommand } = require("@aws-sdk/client-dynamodb") as Library;
  /** A command that is still to be sent; undefined when its write has happened. */
  async function remaining<Command extends { middlewareStack: unknown }>(
    action: Parameters<PreparedWrite>[0],
    input: Parameters<PreparedWrite>[1],
    make: () => Command,
  ): Promise<Command | undefined> {
    const tried = await write(action, input);
    if (tried === "happened") return undefined;
    const command = make();
    if (tried !== "untried") afterFirstTry(command, tried);
    return command;
  }

  return {
    async put(input) {
      const put = { ...input, Item: plain(input.Item) };
      const command = await remaining("PutItem", put, () => new PutItemCommand(put));
      return command === undefined ? {} : client.send(command);
    },
    async get(input) {
      const { Item } = await client.send(new GetItemCommand({ ...input, Key: plain(input.Key) }));
      return { Item: Item && read(Item) };
    },
    async update({ Key, ExpressionAttributeValues, ...input }) {
      const update = { ...input, Key: plain(Key), ExpressionAttributeValues: plain(ExpressionAttributeValues) };
      const make = () => new UpdateItemCommand(update);
      const command = input.ReturnValues === "NONE" ? await remaining("UpdateItem", update, make) : make();
      if (command === undefined) return {};
      const { Attributes } = await client.send(command);
      return { Attributes: Attributes && read(Attributes) };
    },
  };
}

/**
 * Reads of many items by DynamoDB's client itself: its document client copies each answer three times, which was a third of what
 * a process allocated that waits for ten thousand jobs.
 */
export function plainReads(client: DynamoDBClient): ItemReads {
  const { plain, read } = conversions();
  const { hashKey } = jobTable;
  const { BatchGetItemCommand, QueryCommand } = require("@aws-sdk/client-dynamodb") as Library;
  return {
    async query({ ExpressionAttributeValues, ExclusiveStartKey, ...input }, options) {
      const query = {
        ...input,
        ExpressionAttributeValues: plain(ExpressionAttributeValues),
        // As the page before told it.
        ExclusiveStartKey: ExclusiveStartKey as Record<string, AttributeValue> | undefined,
      };
      const { Items, Count, LastEvaluatedKey } = await client.send(new QueryCommand(query), options);
      return { ...(Items && { Items: Items.map(read) }), Count, LastEvaluatedKey };
    },
    async batchGet({ TableName, Keys, ...input }, options) {
      const RequestItems = { [TableName]: { ...input, Keys: Keys.map((key) => ({ [hashKey]: { S: key } })) } };
      const { Responses = {}, UnprocessedKeys = {} } = await client.send(new BatchGetItemCommand({ RequestItems }), options);
      return {
        // Answered by the name that was asked for, or by ARN when that was given.
        Items: Object.values(Responses).flat().map(read),
        UnprocessedKeys: Object.values(UnprocessedKeys).flatMap(({ Keys: left = [] }) => left.map((key) => key[hashKey]?.S as string)),
      };
    },
  };
}
