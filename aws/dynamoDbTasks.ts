import { documentClient } from "./documents";

type Library = typeof import("@aws-sdk/lib-dynamodb");
type Client = import("@aws-sdk/client-dynamodb").DynamoDBClient;

/**
 * Reads the tokens of the tasks that wait for a job. Names no other attribute of a record: its function's role is held to that.
 *
 * @param library `@aws-sdk/lib-dynamodb`: given, so that a Lambda's archive does without it
 * @returns by a job's id its tokens; undefined without a record
 */
export function dynamoDbTasks(library: Library, client: Client, tableName: string): (jobId: string) => Promise<string[] | undefined> {
  const documents = documentClient(library, client);
  return async (jobId) => {
    const { Item } = await documents.send(
      new library.GetCommand({ TableName: tableName, Key: { jobId }, ConsistentRead: true, ProjectionExpression: "jobId, taskTokens" }),
    );
    return Item && ((Item["taskTokens"] as string[] | undefined) ?? []);
  };
}
