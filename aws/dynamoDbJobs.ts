import type { ItemAt } from "../core/records/items";
import type { JobRecord } from "../core/records/job";
import type { Change, Expected, Jobs } from "../core/ports";
import { jobTable } from "../core/records/table";
import { documentItems, happened, unlessConditionFailed, type ItemCalls } from "./documents";

type Library = typeof import("@aws-sdk/lib-dynamodb");
type Client = import("@aws-sdk/client-dynamodb").DynamoDBClient;

/**
 * The job table in DynamoDB.
 *
 * @param library `@aws-sdk/lib-dynamodb`: given, so that a Lambda's archive does without it
 */
export function dynamoDbJobs(library: Library, client: Client, tableName: string): Jobs {
  return jobsOf(documentItems(library, client), tableName);
}

/** The job table, by calls of single items. */
export function jobsOf(items: ItemCalls, tableName: string): Jobs {
  return {
    create: (record) =>
      happened(
        items.put({
          TableName: tableName,
          Item: record,
          ConditionExpression: "attribute_not_exists(#key)",
          ExpressionAttributeNames: { "#key": jobTable.hashKey },
        }),
      ),

    async get<Key extends string>(key: Key) {
      const { Item } = await items.get({ TableName: tableName, Key: { [jobTable.hashKey]: key }, ConsistentRead: true });
      return Item as ItemAt<Key> | undefined;
    },

    async change(jobId, expected, change) {
      const updating = items.update({
        TableName: tableName,
        Key: { [jobTable.hashKey]: jobId },
        ...expressions(expected, change),
        ReturnValues: change.from === undefined ? "ALL_NEW" : "NONE",
      });
      const changed = await unlessConditionFailed(updating);
      return changed && ((changed.Attributes as JobRecord | undefined) ?? changedFrom(change));
    },
  };
}

/** The record after a change that happened to it as it is known. */
function changedFrom({ from, set, remove = [] }: Change): JobRecord {
  const changed = { ...from, ...set } as JobRecord;
  for (const attribute of remove) delete changed[attribute];
  return changed;
}

/** The core's words in DynamoDB's. Every name is a placeholder: `state` and others are reserved words. */
function expressions(expected: Expected, { set, remove = [] }: Change) {
  const names: Record<string, string> = { "#state": "state" };
  const values: Record<string, unknown> = {};
  const name = (attribute: string) => {
    names[`#${attribute}`] = attribute;
    return `#${attribute}`;
  };
  const value = (placeholder: string, of: unknown) => {
    values[`:${placeholder}`] = of;
    return `:${placeholder}`;
  };

  const conditions = [`#state IN (${expected.states.map((state, index) => value(`state${index}`, state)).join(", ")})`];
  if (expected.attempt !== undefined) conditions.push(`${name("attempt")} = ${value("ifAttempt", expected.attempt)}`);
  if (expected.attemptAtLeast !== undefined) conditions.push(`${name("attempt")} >= ${value("ifAttempt", expected.attemptAtLeast)}`);
  if (expected.present !== undefined) conditions.push(`attribute_exists(${name(expected.present)})`);
  if (expected.absent !== undefined) conditions.push(`attribute_not_exists(${name(expected.absent)})`);

  if (expected.taskTokens === 0) conditions.push(`attribute_not_exists(${name("taskTokens")})`);
  else if (expected.taskTokens !== undefined) conditions.push(`size(${name("taskTokens")}) = ${value("ifTokens", expected.taskTokens)}`);

  const settings = Object.entries(set)
    .filter(([, to]) => to !== undefined)
    .map(([attribute, to]) => `${name(attribute)} = ${value(attribute, to)}`);
  const removals = remove.map(name);
  const clauses = [
    settings.length > 0 ? [`SET ${settings.join(", ")}`] : [],
    removals.length > 0 ? [`REMOVE ${removals.join(", ")}`] : [],
  ].flat();
  return {
    ConditionExpression: conditions.join(" AND "),
    UpdateExpression: clauses.join(" "),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
}
