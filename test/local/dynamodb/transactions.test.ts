import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactGetItemsCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  waitUntilTableExists,
  type AttributeValue,
  type ConditionalCheckFailedException,
  type TransactWriteItem,
} from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { VirtualClock } from "../../../local/clock";
import { createDynamoDb } from "../../../local/dynamodb";
import { Turns } from "../../../local/dynamodb/transactions";
import { keepInDirectory, type Keeper } from "../../../local/kept";
import { startTestCloud } from "../../support/cloudContext";
import { refusal } from "../../support/refusal";

const TableName = "orders";
type Item = Record<string, AttributeValue>;
const item = (id: string, count: number): Item => ({ id: { S: id }, count: { N: String(count) } });

async function start(keeper?: Keeper) {
  const clock = new VirtualClock(Date.UTC(2026, 0, 25));
  const cloud = await startTestCloud({ clock, ...(keeper && { keeper }) });
  cloud.add(await createDynamoDb(cloud.context));
  const client = new DynamoDBClient({ ...cloud.client, maxAttempts: 1 });
  return {
    clock,
    client,
    createTable: async () => {
      await client.send(table);
      await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { TableName });
    },
    read: async (id: string) => (await client.send(new GetItemCommand({ TableName, Key: { id: { S: id } } }))).Item,
    close: async () => {
      client.destroy();
      await cloud.close();
    },
  };
}

const table = new CreateTableCommand({
  TableName,
  AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
  KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  BillingMode: "PAY_PER_REQUEST",
});

describe("transactions of DynamoDB", () => {
  let cloud: Awaited<ReturnType<typeof start>>;
  before(async () => {
    cloud = await start();
    await cloud.createTable();
  });
  after(() => cloud.close());

  const Key = (id: string) => ({ id: { S: id } });
  const write = (TransactItems: TransactWriteItem[] | undefined, ClientRequestToken?: string) =>
    cloud.client.send(new TransactWriteItemsCommand({ TransactItems, ...(ClientRequestToken && { ClientRequestToken }) }));
  const put = (id: string, count: number, more: object = {}) => ({ Put: { TableName, Item: item(id, count), ...more } });
  const add = (id: string) => ({
    Update: {
      TableName,
      Key: Key(id),
      UpdateExpression: "ADD #count :one",
      ExpressionAttributeNames: { "#count": "count" },
      ExpressionAttributeValues: { ":one": { N: "1" } },
    },
  });
  const check = (id: string, ConditionExpression: string) => ({ ConditionCheck: { TableName, Key: Key(id), ConditionExpression } });

  it("write all of their items, or none and say which stood in the way: no half of an order is left", async () => {
    await write([put("a", 1), put("b", 1), put("c", 1)]);
    await write([
      add("a"),
      { Delete: { TableName, Key: Key("b") } },
      put("d", 4),
      check("c", "attribute_exists(id)"),
      check("e", "attribute_not_exists(id)"),
    ]);
    const all = () => Promise.all(["a", "b", "c", "d", "e"].map(cloud.read));
    const after = [item("a", 2), undefined, item("c", 1), item("d", 4), undefined];
    expect(await all()).to.deep.equal(after);

    const failed = write([
      add("a"),
      put("d", 9, { ConditionExpression: "attribute_not_exists(id)", ReturnValuesOnConditionCheckFailure: "ALL_OLD" }),
      { Delete: { TableName, Key: Key("c") } },
      check("e", "attribute_exists(id)"),
    ]);
    const error = await failed.then(
      () => expect.fail("was accepted"),
      (caught: unknown) => caught as TransactionCanceledException,
    );
    const message = "The conditional request failed";
    expect([error.name, error.message, error.CancellationReasons]).to.deep.equal([
      "TransactionCanceledException",
      "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, None, ConditionalCheckFailed]",
      [
        { Code: "None" },
        { Code: "ConditionalCheckFailed", Message: message, Item: item("d", 4) },
        { Code: "None" },
        { Code: "ConditionalCheckFailed", Message: message },
      ],
    ]);
    expect(await all()).to.deep.equal(after);
  });

  it("are not needed to see what stands in the way of one write", async () => {
    await cloud.client.send(new PutItemCommand({ TableName, Item: item("here", 1) }));
    const refusedWith = (id: string, ConditionExpression: string) =>
      cloud.client
        .send(new PutItemCommand({ TableName, Item: item(id, 2), ConditionExpression, ReturnValuesOnConditionCheckFailure: "ALL_OLD" }))
        .then(
          () => "written",
          (error: unknown) => [(error as Error).name, (error as ConditionalCheckFailedException).Item],
        );
    expect([
      await refusedWith("here", "attribute_not_exists(id)"),
      await refusedWith("missing", "attribute_exists(id)"),
      await refusedWith("here", "attribute_exists(id)"),
    ]).to.deep.equal([["ConditionalCheckFailedException", item("here", 1)], ["ConditionalCheckFailedException", undefined], "written"]);
  });

  it("are made once for one token, for ten minutes", async () => {
    await cloud.client.send(new PutItemCommand({ TableName, Item: item("once", 0) }));
    const again = () => write([add("once")], "token");
    await again();
    await again();
    expect(await refusal(write([add("a")], "token"))).to.contain("IdempotentParameterMismatchException");
    const counted = await cloud.read("once");
    await cloud.clock.advance(10 * 60_000 + 1);
    await again();
    expect([counted, await cloud.read("once")]).to.deep.equal([item("once", 1), item("once", 2)]);
  });

  it("read items as they are at one time, and are refused in the service's words", async () => {
    await write([put("x", 1)]);
    const get = (...ids: string[]) =>
      cloud.client.send(new TransactGetItemsCommand({ TransactItems: ids.map((id) => ({ Get: { TableName, Key: Key(id) } })) }));
    expect((await get("x", "none")).Responses).to.deep.equal([{ Item: item("x", 1) }, {}]);
    expect([
      await refusal(write([put("x", 1), add("x")])),
      await refusal(write([])),
      await refusal(write([{ Put: { TableName: "none", Item: item("x", 1) } }])),
      await refusal(write([{ Put: { TableName, Item: { count: { N: "1" } } } }])),
      await refusal(write([{ Delete: { TableName, Key: { count: { N: "1" } } } }])),
      await refusal(cloud.client.send(new TransactGetItemsCommand({ TransactItems: undefined }))).then((words) => words.split(":")[0]),
    ]).to.deep.equal([
      "ValidationException: Transaction request cannot include multiple operations on one item",
      "ValidationException: 1 validation error detected: Value '[]' at 'transactItems' failed to satisfy constraint: Member must have length " +
        "greater than or equal to 1",
      "ResourceNotFoundException: Requested resource not found",
      "ValidationException: One or more parameter values were invalid: Missing the key id in the item",
      "ValidationException: The provided key element does not match the schema",
      "ValidationException",
    ]);
  });

  it("are seen whole or not at all by whoever reads meanwhile", async () => {
    const turns = new Turns();
    const happened: string[] = [];
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const call =
      (name: string, until: Promise<void> = Promise.resolve()) =>
      async () => {
        happened.push(`${name} begins`);
        await until;
        happened.push(`${name} ends`);
      };
    const reading = turns.beside(call("read", held));
    const both = [turns.byItself(call("first")), turns.beside(call("late read")), turns.byItself(call("second"))];
    release();
    await Promise.all([reading, ...both]);
    expect(happened).to.deep.equal(["read", "first", "late read", "second"].flatMap((name) => [`${name} begins`, `${name} ends`]));
  });

  it("leave nothing half-made when the cloud is killed in one: the next start takes it back", async () => {
    const directory = mkdtempSync(path.join(tmpdir(), "transactions-"));
    try {
      let keeper = keepInDirectory(directory);
      let kept = await start(keeper);
      await kept.createTable();
      for (const id of ["old", "new"]) await kept.client.send(new PutItemCommand({ TableName, Item: item(id, 2) }));
      // As a cloud leaves it that is killed after both writes.
      keeper.map<object[]>("dynamodb.transaction").set("now", [
        { tableName: TableName, key: Key("old"), item: item("old", 1) },
        { tableName: TableName, key: Key("new") },
      ]);
      await kept.close();
      keeper.close();
      keeper = keepInDirectory(directory);
      kept = await start(keeper);
      expect([await kept.read("old"), await kept.read("new"), keeper.map("dynamodb.transaction").size]).to.deep.equal([
        item("old", 1),
        undefined,
        0,
      ]);
      await kept.close();
      keeper.close();
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
