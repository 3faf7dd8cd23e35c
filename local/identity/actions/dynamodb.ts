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

const one: Rule = { on: table };
const items: Rule = { on: table, also: decrypts(table) };
const query: Rule = { on: tableOrIndex, also: decrypts(tableOrIndex) };
const batch: Rule = { on: tables, also: decrypts(tables) };

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html */
export const dynamodb = judgedBy(
  "dynamodb",
  {
    BatchGetItem: batch,
    BatchWriteItem: batch,
    CreateTable: one,
    DeleteItem: items,
    DeleteTable: one,
    DescribeContinuousBackups: one,
    DescribeTable: one,
    DescribeTimeToLive: one,
    GetItem: items,
    ListTables: { on: anything },
    ListTagsOfResource: { on: tagged },
    PutItem: items,
    Query: query,
    Scan: query,
    TagResource: { on: tagged },
    UntagResource: { on: tagged },
    UpdateItem: items,
    UpdateTable: one,
    UpdateTimeToLive: one,
  },
  readJson,
);
