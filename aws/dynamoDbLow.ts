import type { LowEntry, LowQueue } from "../core/ports";
import { lowRoomKey, type LowRoom } from "../core/records/items";
import { recordSchemaVersion, waitingIndex } from "../core/records/table";
import { documentClient, documentItems, updates, type ItemCalls } from "./documents";

type Library = typeof import("@aws-sdk/lib-dynamodb");
type Client = import("@aws-sdk/client-dynamodb").DynamoDBClient;

/**
 * The line of low jobs in the job table in DynamoDB, for who submits: the archive of such a function does without the rest.
 *
 * IAM, exactly: `dynamodb:UpdateItem` on the job table
 *
 * @param library `@aws-sdk/lib-dynamodb`: given, so that a Lambda's archive does without it
 */
export function dynamoDbLowEntry(library: Library, client: Client, tableName: string): LowEntry {
  return lowEntryOf(documentItems(library, client), tableName);
}

/** The same, by calls of single items. */
export function lowEntryOf(items: Pick<ItemCalls, "update">, tableName: string): LowEntry {
  const update = updates(items, tableName);

  return {
    async take(turn) {
      const free = "#free >= :one";
      const room =
        turn === undefined
          ? await update(lowRoomKey, "ADD #free :less", `${free} AND #waiting = :no`, { ":one": 1, ":less": -1, ":no": false })
          : await update(lowRoomKey, "SET #turn = :turn ADD #free :less", free, { ":one": 1, ":less": -1, ":turn": turn });
      return room !== undefined;
    },
    give: () => update<LowRoom>(lowRoomKey, "ADD #free :one", "attribute_exists(#free)", { ":one": 1 }),
    line: () => update<LowRoom>(lowRoomKey, "SET #waiting = :yes", "attribute_exists(#free)", { ":yes": true }),
    async nextTurn(key, least, expiresAt) {
      type Turns = { turn: number };
      for (;;) {
        const more = "SET #turn = #turn + :one, #expiresAt = :expiresAt";
        const known = await update<Turns>(key, more, "#turn >= :least", { ":one": 1, ":least": least, ":expiresAt": expiresAt });
        if (known) return known.turn;
        const first = "SET #turn = :next, #expiresAt = :expiresAt";
        const values = { ":next": least + 1, ":least": least, ":expiresAt": expiresAt };
        // When it does not hold, another has just been first, and the one above does.
        if (await update<Turns>(key, first, "attribute_not_exists(#turn) OR #turn < :least", values)) return least + 1;
      }
    },
  };
}

/**
 * The line of low jobs in the job table in DynamoDB.
 *
 * IAM, exactly: `dynamodb:UpdateItem` on the job table; `dynamodb:Query` on its index `waiting` for `first`
 *
 * @param library `@aws-sdk/lib-dynamodb`: given, so that a Lambda's archive does without it
 */
export function dynamoDbLow(library: Library, client: Client, tableName: string): LowQueue {
  const documents = documentClient(library, client);
  const update = updates(documentItems(library, client), tableName);

  return {
    ...dynamoDbLowEntry(library, client, tableName),
    async clear() {
      await update(lowRoomKey, "SET #waiting = :no", "#waiting = :yes", { ":no": false, ":yes": true });
    },
    async recount({ backlog, fairBy, free, countedAt }) {
      const kept = "#waiting = if_not_exists(#waiting, :no), #turn = if_not_exists(#turn, :zero)";
      const told = "#schemaVersion = :version, #backlog = :backlog, #free = :free, #countedAt = :countedAt";
      const values = {
        ":version": recordSchemaVersion,
        ":backlog": backlog,
        ":free": free,
        ":countedAt": countedAt,
        ":no": false,
        ":zero": 0,
      };
      await (fairBy === undefined
        ? update(lowRoomKey, `SET ${told}, ${kept} REMOVE #fairBy`, undefined, values)
        : update(lowRoomKey, `SET ${told}, ${kept}, #fairBy = :fairBy`, undefined, { ...values, ":fairBy": fairBy }));
    },
    async first(count) {
      const { name, hashKey } = waitingIndex.index;
      const { Items = [] } = await documents.send(
        new library.QueryCommand({
          TableName: tableName,
          IndexName: name,
          KeyConditionExpression: "#priority = :low",
          ExpressionAttributeNames: { "#priority": hashKey },
          ExpressionAttributeValues: { ":low": "low" },
          Limit: count,
        }),
      );
      return Items.map(({ jobId }) => jobId as string);
    },
  };
}
