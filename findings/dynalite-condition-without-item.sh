#!/usr/bin/env bash
# dynalite 4.0.0, a table of jobs with a conditional put, asked by @aws-sdk/client-dynamodb 3.1169.0. Node.js 22 or later.
#
# Guess:     what the emulator doesn't have is refused, as transactions are; a parameter that it takes has its effect.
# Behaviour: ReturnValuesOnConditionCheckFailure is taken and does nothing: a job that exists is refused without its item, and code that
#            reads the state of the existing job from the error fails here and works on AWS. A stream is taken and isn't there. A table's
#            id has four digits too few at its end to be a UUID, which AWS gives.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . dynalite@4.0.0 @aws-sdk/client-dynamodb@3.1169.0
cat >jobs.mjs <<'JAVASCRIPT'
import * as dynamodb from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";

const server = dynalite({ createTableMs: 0 });
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const endpoint = `http://127.0.0.1:${server.address().port}`;
const client = new dynamodb.DynamoDBClient({ endpoint, region: "eu-west-1", credentials: { accessKeyId: "a", secretAccessKey: "b" } });
const TableName = "jobs";
await client.send(
  new dynamodb.CreateTableCommand({
    TableName,
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    BillingMode: "PAY_PER_REQUEST",
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
  }),
);
await dynamodb.waitUntilTableExists({ client, minDelay: 1, maxWaitTime: 60 }, { TableName });
const { Table } = await client.send(new dynamodb.DescribeTableCommand({ TableName }));
console.log("stream:", Table.StreamSpecification ?? "none");
console.log("groups of the id:", Table.TableId.split("-").map((group) => group.length).join(" "));
const Item = { id: { S: "order-17" }, state: { S: "RUNNING" } };
await client.send(new dynamodb.PutItemCommand({ TableName, Item }));
const ConditionExpression = "attribute_not_exists(id)";
const once = { TableName, Item, ConditionExpression, ReturnValuesOnConditionCheckFailure: "ALL_OLD" };
for (const command of [new dynamodb.PutItemCommand(once), new dynamodb.TransactWriteItemsCommand({ TransactItems: [{ Put: once }] })])
  await client.send(command).catch((error) => console.log(`${error.name}:`, error.Item ?? "no item"));
server.close();
JAVASCRIPT
seen=$(node --no-warnings jobs.mjs)
expected="stream: none
groups of the id: 8 4 4 4 8
ConditionalCheckFailedException: no item
UnknownOperationException: no item"

printf 'dynalite 4.0.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
