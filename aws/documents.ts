import { jobTable } from "../core/records/table";

type Library = typeof import("@aws-sdk/lib-dynamodb");
type Documents = import("@aws-sdk/lib-dynamodb").DynamoDBDocumentClient;

/**
 * A client of the job table, which leaves out what is undefined.
 *
 * @param library `@aws-sdk/lib-dynamodb`: given, so that a Lambda's archive does without it
 */
export function documentClient(library: Library, client: import("@aws-sdk/client-dynamodb").DynamoDBClient): Documents {
  return library.DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

type Put = import("@aws-sdk/lib-dynamodb").PutCommandInput;
type Get = import("@aws-sdk/lib-dynamodb").GetCommandInput;
type Update = import("@aws-sdk/lib-dynamodb").UpdateCommandInput;
type Expressions = "ConditionExpression" | "ExpressionAttributeNames";

/** Calls of single items, whose values are plain ones. */
export interface ItemCalls {
  put(input: Pick<Put, "TableName" | "Item" | Expressions>): Promise<object>;
  get(input: Pick<Get, "TableName" | "Key" | "ConsistentRead">): Promise<{ Item?: Record<string, unknown> | undefined }>;
  update(
    input: Pick<Update, "TableName" | "Key" | "UpdateExpression" | "ExpressionAttributeValues" | "ReturnValues" | Expressions>,
  ): Promise<{ Attributes?: Record<string, unknown> | undefined }>;
}

/** {@link ItemCalls} by {@link documentClient}. */
export function documentItems(library: Library, client: import("@aws-sdk/client-dynamodb").DynamoDBClient): ItemCalls {
  const documents = documentClient(library, client);
  return {
    put: (input) => documents.send(new library.PutCommand(input)),
    get: (input) => documents.send(new library.GetCommand(input)),
    update: (input) => documents.send(new library.UpdateCommand(input)),
  };
}

/** What a conditional write answers; undefined when its condition failed. (ALL_OLD on failure would save a read, but not every DynamoDB has it.) */
export async function unlessConditionFailed<Result>(write: Promise<Result>): Promise<Result | undefined> {
  try {
    return await write;
  } catch (error) {
    if ((error as Error).name === "ConditionalCheckFailedException") return undefined;
    throw error;
  }
}

/** Whether a conditional write happened. */
export async function happened(write: Promise<unknown>): Promise<boolean> {
  return (await unlessConditionFailed(write)) !== undefined;
}

/** Changes of single items of the job table, whose expressions name every attribute as `#attribute`. */
export function updates(items: Pick<ItemCalls, "update">, tableName: string) {
  /** The item as it is afterwards; undefined when the condition does not hold. */
  return async function update<Item>(key: string, expression: string, condition: string | undefined, values: Record<string, unknown>) {
    const named = [...new Set(`${expression} ${condition ?? ""}`.match(/#\w+/g))];
    const updating = items.update({
      TableName: tableName,
      Key: { [jobTable.hashKey]: key },
      UpdateExpression: expression,
      ConditionExpression: condition,
      ExpressionAttributeNames: Object.fromEntries(named.map((name) => [name, name.slice(1)])),
      ExpressionAttributeValues: values,
      ReturnValues: "ALL_NEW",
    });
    return (await unlessConditionFailed(updating))?.Attributes as Item | undefined;
  };
}
