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
