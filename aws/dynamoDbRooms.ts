import type { Rooms } from "../core/ports";
import { batchRoomKey } from "../core/records/items";
import { recordSchemaVersion } from "../core/records/table";
import { documentItems, updates } from "./documents";

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
  const update = updates(documentItems(library, client), tableName);
  return {
    async take(count, { countedAt }, now) {
      const values = { ":now": now, ":less": -count, ":count": count, ":countedAt": countedAt };
      const change = "SET #takenAt = :now ADD #free :less, #taken :count";
      return (await update(batchRoomKey, change, "#free >= :count AND #countedAt = :countedAt", values)) !== undefined;
    },
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
        ? update(batchRoomKey, change, "attribute_not_exists(#countedAt)", values)
        : update(batchRoomKey, change, "#countedAt = :before", { ...values, ":before": before.countedAt }));
    },
  };
}
