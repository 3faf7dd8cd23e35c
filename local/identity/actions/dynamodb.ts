import { anything, judgedBy, readJson, text, type Input, type Place, type Rule } from "./table";

const arn = (place: Place, table: string) =>
  table.startsWith("arn:") ? table : `arn:aws:dynamodb:${place.region}:${place.accountId}:table/${table}`;
const table = (input: Input, place: Place) => arn(place, text(input, "TableName"));
const tables = (input: Input, place: Place) =>
  Object.keys((input["RequestItems"] as object | undefined) ?? {}).map((name) => arn(place, name));
const tableOrIndex = (input: Input, place: Place) =>
  "IndexName" in input ? `${table(input, place)}/index/${text(input, "IndexName")}` : table(input, place);
const tagged = (input: Input) => text(input, "ResourceArn");

const one: Rule = { on: table };

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html */
export const dynamodb = judgedBy(
  "dynamodb",
  {
    BatchGetItem: { on: tables },
    BatchWriteItem: { on: tables },
    CreateTable: one,
    DeleteItem: one,
    DeleteTable: one,
    DescribeContinuousBackups: one,
    DescribeTable: one,
    DescribeTimeToLive: one,
    GetItem: one,
    ListTables: { on: anything },
    ListTagsOfResource: { on: tagged },
    PutItem: one,
    Query: { on: tableOrIndex },
    Scan: { on: tableOrIndex },
    TagResource: { on: tagged },
    UntagResource: { on: tagged },
    UpdateItem: one,
    UpdateTable: one,
    UpdateTimeToLive: one,
  },
  readJson,
);
