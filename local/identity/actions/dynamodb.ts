import { dynamodbKeys } from "./dynamodbKeys";
import type { Need } from "../evaluate";
import { anything, judgedBy, keyNeeds, readJson, text, type Input, type Place, type Rule } from "./table";

const arn = (place: Place, table: string) =>
  table.startsWith("arn:") ? table : `arn:aws:dynamodb:${place.region}:${place.accountId}:table/${table}`;
const table = (input: Input, place: Place) => arn(place, text(input, "TableName"));
const tables = (input: Input, place: Place) =>
  Object.keys((input["RequestItems"] as object | undefined) ?? {}).map((name) => arn(place, name));
const tableOrIndex = (input: Input, place: Place) =>
  "IndexName" in input ? `${table(input, place)}/index/${text(input, "IndexName")}` : table(input, place);
const tagged = (input: Input) => text(input, "ResourceArn");

/** To get at a table's items, DynamoDB decrypts the table's own key under its caller's permissions. */
const decrypts = (of: (input: Input, place: Place) => string | string[]) => (input: Input, place: Place) =>
  [of(input, place)].flat().flatMap((each) => keyNeeds(each.replace(/\/index\/.*$/, ""), place, "dynamodb", "Decrypt"));

const hashKey = (place: Place, tableArn: string, index: unknown) =>
  place.factsOf(tableArn)?.hashKeys?.[typeof index === "string" ? index : ""];

const one: Rule = { on: table };

/** To encrypt a table with a customer's key, DynamoDB looks at it and gets a grant for it, in the name of whoever asks. */
const encryption = (input: Input, place: Place): Need[] => {
  const key = text((input["SSESpecification"] ?? {}) as Input, "KMSMasterKeyId");
  const uses = key.includes(":key/") ? ["DescribeKey", "CreateGrant"] : [];
  const context = {
    "kms:viaservice": `dynamodb.${place.region}.amazonaws.com`,
    "aws:viaawsservice": "true",
    "kms:grantisforawsresource": "true",
  };
  return uses.map((use) => ({ action: `kms:${use}`, resource: key, context }));
};
const tagging = (input: Input, place: Place): Need[] =>
  Array.isArray(input["Tags"]) && input["Tags"].length > 0 ? [{ action: "dynamodb:TagResource", resource: table(input, place) }] : [];

/** A call on items of one table, or of an index of it. */
const items = (operation: string, on = table): Rule => ({
  on,
  keys: (input, place) => dynamodbKeys(operation, input, hashKey(place, table(input, place), input["IndexName"])),
  also: decrypts(on),
});
/** Each table of a batch is judged by what is asked of it. */
const batch = (operation: string): Rule => ({
  on: () => [],
  also: (input, place) => {
    const asked = Object.entries((input["RequestItems"] as Record<string, Input | Input[]> | undefined) ?? {});
    const needs = asked.map(([name, of]) => {
      const resource = arn(place, name);
      const onTable = Array.isArray(of) ? { Writes: of } : of;
      return { action: `dynamodb:${operation}`, resource, context: dynamodbKeys(operation, onTable, hashKey(place, resource, undefined)) };
    });
    return [...needs, ...decrypts(tables)(input, place)];
  },
});

/** Members of a transaction's items, and the action that each needs. */
const transacted: Readonly<Record<string, string>> = {
  Get: "GetItem",
  Put: "PutItem",
  Update: "UpdateItem",
  Delete: "DeleteItem",
  ConditionCheck: "ConditionCheckItem",
};

/** Each item of a transaction is judged by what it does to its table. */
const transaction: Rule = {
  on: () => [],
  also: (input, place) => {
    const { TransactItems: items } = input;
    const asked = (Array.isArray(items) ? (items as Record<string, Input>[]) : []).flatMap((item) => Object.entries(item));
    const needs = asked.flatMap(([member, of]) => {
      const action = transacted[member];
      const resource = table(of, place);
      const context = action === undefined ? {} : dynamodbKeys(action, of, hashKey(place, resource, undefined));
      return action === undefined ? [] : [{ action: `dynamodb:${action}`, resource, context }, ...decrypts(table)(of, place)];
    });
    // A transaction of nothing is refused by the service, and only to who may use it at all.
    return needs.length > 0 ? needs : [{ action: "dynamodb:GetItem", resource: arn(place, "*") }];
  },
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html */
export const dynamodb = judgedBy(
  "dynamodb",
  {
    BatchGetItem: batch("BatchGetItem"),
    BatchWriteItem: batch("BatchWriteItem"),
    CreateTable: { on: table, also: (input, place) => [...tagging(input, place), ...encryption(input, place)] },
    DeleteItem: items("DeleteItem"),
    DeleteTable: one,
    DescribeContinuousBackups: one,
    DescribeTable: one,
    DescribeTimeToLive: one,
    GetItem: items("GetItem"),
    ListTables: { on: anything },
    ListTagsOfResource: { on: tagged },
    PutItem: items("PutItem"),
    Query: items("Query", tableOrIndex),
    Scan: items("Scan", tableOrIndex),
    TagResource: { on: tagged },
    TransactGetItems: transaction,
    TransactWriteItems: transaction,
    UntagResource: { on: tagged },
    UpdateContinuousBackups: one,
    UpdateItem: items("UpdateItem"),
    UpdateTable: { on: table, also: encryption },
    UpdateTimeToLive: one,
  },
  readJson,
);
