import type { HandlerFailure, HandlerRecords } from "../core/handlers/runHandler";
import type { OnceMark, OnceMarks } from "../core/handlers/once";
import { documentClient, happened } from "./documents";

type Library = typeof import("@aws-sdk/lib-dynamodb");
type Client = import("@aws-sdk/client-dynamodb").DynamoDBClient;

/**
 * What users' handlers use of the job table in DynamoDB: marks of their effects, and their failures in jobs' records.
 *
 * Names no other attribute than `jobId`, `endedAt` and `handlerFailures` of a record, and returns none: a handler's role is held to that.
 *
 * @param library `@aws-sdk/lib-dynamodb`: given, so that a Lambda's archive does without it
 */
export function dynamoDbHandler(library: Library, client: Client, tableName: string): { marks: OnceMarks; records: HandlerRecords } {
  const documents = documentClient(library, client);
  const table = {
    name: tableName,
    documents,
    at: (jobId: string) => ({ TableName: tableName, Key: { jobId } }),
    change(key: string, condition: string, update: string, names: Record<string, string>, values?: Record<string, unknown>) {
      const expressions = { ConditionExpression: condition, UpdateExpression: update };
      const placeholders = { ExpressionAttributeNames: names, ExpressionAttributeValues: values };
      return happened(documents.send(new library.UpdateCommand({ ...table.at(key), ...expressions, ...placeholders })));
    },
  };
  return { marks: onceMarks(library, table), records: handlerRecords(library, table) };
}

/** The table, as both use it. */
interface Table {
  name: string;
  documents: ReturnType<typeof documentClient>;
  at: (jobId: string) => { TableName: string; Key: { jobId: string } };
  change: (
    key: string,
    condition: string,
    update: string,
    names: Record<string, string>,
    values?: Record<string, unknown>,
  ) => Promise<boolean>;
}

function onceMarks(library: Library, { name, documents, at, change }: Table): OnceMarks {
  return {
    begin(mark) {
      const put = { TableName: name, Item: mark, ConditionExpression: "attribute_not_exists(jobId)" };
      return happened(documents.send(new library.PutCommand(put)));
    },
    async get(key) {
      const { Item } = await documents.send(new library.GetCommand({ ...at(key), ConsistentRead: true }));
      return Item as OnceMark | undefined;
    },
    async finish(key, doneAt, owner) {
      const names = { "#doneAt": "doneAt", "#owner": "owner" };
      await change(key, "#owner = :owner", "SET #doneAt = :doneAt", names, { ":doneAt": doneAt, ":owner": owner });
    },
    async forget(key, owner) {
      const condition = { ConditionExpression: "#owner = :owner", ExpressionAttributeNames: { "#owner": "owner" } };
      await happened(
        documents.send(new library.DeleteCommand({ ...at(key), ...condition, ExpressionAttributeValues: { ":owner": owner } })),
      );
    },
  };
}

function handlerRecords(library: Library, { documents, at, change }: Table): HandlerRecords {
  return {
    async failures(jobId) {
      const get = new library.GetCommand({ ...at(jobId), ConsistentRead: true, ProjectionExpression: "handlerFailures" });
      const { Item } = await documents.send(get);
      return Item?.["handlerFailures"] as Record<string, HandlerFailure> | undefined;
    },
    async failed({ jobId, endedAt }, handlerName, failure) {
      const one = "#failures.#handler";
      const names = { "#failures": "handlerFailures", "#endedAt": "endedAt" };
      const named = { ...names, "#handler": handlerName };
      const first = { ...failure, count: 1 };
      const same = "#endedAt = :endedAt AND";
      const times = { ...named, "#error": "error", "#at": "at", "#count": "count" };
      const more = `SET ${one}.#error = :error, ${one}.#at = :at, ${one}.#count = ${one}.#count + :one`;
      const moreValues = { ":endedAt": endedAt, ":error": failure.error, ":at": failure.at, ":one": 1 };
      if (await change(jobId, `${same} attribute_exists(${one})`, more, times, moreValues)) return;
      const none = "attribute_exists(#failures) AND attribute_not_exists(#failures.#handler)";
      const values = { ":endedAt": endedAt, ":first": first };
      // Handlers fail side by side: whoever is first makes the map.
      for (let tries = 0; tries < 2; tries++) {
        if (await change(jobId, `${same} ${none}`, `SET ${one} = :first`, named, values)) return;
        const map = { ":endedAt": endedAt, ":map": { [handlerName]: first } };
        if (await change(jobId, `${same} attribute_not_exists(#failures)`, "SET #failures = :map", names, map)) return;
      }
    },
    async recovered({ jobId, endedAt }, handlerName) {
      const names = { "#failures": "handlerFailures", "#handler": handlerName, "#endedAt": "endedAt" };
      const condition = "#endedAt = :endedAt AND attribute_exists(#failures.#handler)";
      await change(jobId, condition, "REMOVE #failures.#handler", names, { ":endedAt": endedAt });
    },
  };
}
