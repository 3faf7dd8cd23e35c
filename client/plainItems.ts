import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { ItemCalls } from "../aws/documents";
import { afterFirstTry, type PreparedWrite } from "./preparedWrites";

const marshalling = { removeUndefinedValues: true };

/**
 * Items by DynamoDB's client itself: its document client makes each call a command of two, which takes a tenth more of the processor,
 * and jobs are submitted by the thousand.
 *
 * @param write makes writes whose answers say nothing. @default the client itself
 */
export function plainItems(client: DynamoDBClient, write: PreparedWrite = async () => "untried"): ItemCalls {
  const { PutItemCommand, GetItemCommand, UpdateItemCommand } =
    require("@aws-sdk/client-dynamodb") as typeof import("@aws-sdk/client-dynamodb");
  const { marshall, unmarshall } = require("@aws-sdk/util-dynamodb") as typeof import("@aws-sdk/util-dynamodb");
  const plain = (values: object | undefined) => values && marshall(values as Record<string, unknown>, marshalling);
  const read = (item: Parameters<typeof unmarshall>[0] | undefined) => item && (unmarshall(item) as Record<string, unknown>);
  return {
    async put(input) {
      const put = { ...input, Item: plain(input.Item) };
      const tried = await write("PutItem", put);
      if (tried === "happened") return {};
      const command = new PutItemCommand(put);
      if (tried !== "untried") afterFirstTry(command, tried);
      return client.send(command);
    },
    async get(input) {
      const { Item } = await client.send(new GetItemCommand({ ...input, Key: plain(input.Key) }));
      return { Item: read(Item) };
    },
    async update({ Key, ExpressionAttributeValues, ...input }) {
      const values = { Key: plain(Key), ExpressionAttributeValues: plain(ExpressionAttributeValues) };
      const update = { ...input, ...values };
      const tried = input.ReturnValues === "NONE" ? await write("UpdateItem", update) : "untried";
      if (tried === "happened") return {};
      const command = new UpdateItemCommand(update);
      if (tried !== "untried") afterFirstTry(command, tried);
      const { Attributes } = await client.send(command);
      return { Attributes: read(Attributes) };
    },
  };
}
