import type { Rooms } from "../core/ports";
import { batchRoomKey } from "../core/records/items";
import { jobTable, recordSchemaVersion } from "../core/records/table";
import { documentClient, happened } from "./documents";

type Library = typeof import("@aws-sdk/lib-dynamodb");
type Client = import("@aws-sdk/client-dynamodb").DynamoDBClient;

/**
 * The room for batches in the job table in DynamoDB.
 *
 * IAM, exactly: `dynamodb:UpdateItem` on the job table
 *
 * @param library `@aws-sdk/lib-dynamodb`: given, so that a Lambda's archive does without it
 */
export function dynamoDbRooms(library: Library, client: Client, tableName: string): Rooms {
  const documents = documentClient(library, client);
  const update = (UpdateExpression: string, ConditionExpression: string, ExpressionAttributeValues: Record<string, unknown>) => {
    const names = new Set(`${UpdateExpression} ${ConditionExpression}`.match(/#\w+/g));
    const command = new library.UpdateCommand({
      TableName: tableName,
      Key: { [jobTable.hashKey]: batchRoomKey },
      UpdateExpression,
      ConditionExpression,
      ExpressionAttributeNames: Object.fromEntries([...names].map((name) => [name, name.slice(1)])),
      ExpressionAttributeValues,
    });
    return happened(documents.send(command));
  };
  return {
    take: (count, { countedAt }, now) =>
      update("SET #takenAt = :now ADD #free :less, #taken :count", "#free >= :count AND #countedAt = :countedAt", {
        ":now": now,
        ":less": -count,
        ":count": count,
        ":countedAt": countedAt,
      }),
    async recount(before, more, countedAt) {
      const change = "SET #countedAt = :countedAt, #takenBefore = :takenBefore, #schemaVersion = :version ADD #free :more, #taken :none";
      const values = {
        ":countedAt": countedAt,
        ":takenBefore": before?.taken ?? 0,
        ":version": recordSchemaVersion,
        ":more": more,
        ":none": 0,
      };
      // A write that was sent twice, and a second sweeper, find another count.
      await (before === undefined
        ? update(change, "attribute_not_exists(#countedAt)", values)
        : update(change, "#countedAt = :before", { ...values, ":before": before.countedAt }));
    },
  };
}
