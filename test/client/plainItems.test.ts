import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { plainItems, plainReads } from "../../client/plainItems";
import type { PreparedWrite } from "../../client/preparedWrites";

interface Command {
  input: object;
  middlewareStack: { identify(): string[] };
}

describe("items of the job table", () => {
  let sent: Command[];
  let tried: unknown[];
  /** DynamoDB's client with one answer. */
  const items = (answer: object = {}, outcome?: Awaited<ReturnType<PreparedWrite>>) => {
    [sent, tried] = [[], []];
    const client = { send: async (command: Command) => (sent.push(command), answer) } as unknown as DynamoDBClient;
    if (outcome === undefined) return plainItems(client);
    return plainItems(client, async (...given) => (tried.push(given), outcome));
  };
  const commands = () => sent.map(({ constructor, input }) => [constructor.name, { ...input }]);
  const at = { TableName: "jobs", Key: { jobId: "a" } };
  const key = { jobId: { S: "a" } };

  it("are written and read as plain values, without what is undefined", async () => {
    const put = { TableName: "jobs", Item: { jobId: "a", attempt: 1, metadata: { tenant: "acme", none: undefined }, error: undefined } };
    const wire = { jobId: { S: "a" }, attempt: { N: "1" }, metadata: { M: { tenant: { S: "acme" } } } };

    await items().put({ ...put, ConditionExpression: "attribute_not_exists(jobId)" });
    expect(commands()).to.deep.equal([
      ["PutItemCommand", { TableName: "jobs", Item: wire, ConditionExpression: "attribute_not_exists(jobId)" }],
    ]);
    expect(await items({ Item: wire }).get({ ...at, ConsistentRead: true })).to.deep.equal({
      Item: { jobId: "a", attempt: 1, metadata: { tenant: "acme" } },
    });
    expect(commands()).to.deep.equal([["GetItemCommand", { TableName: "jobs", Key: key, ConsistentRead: true }]]);
    expect(await items({}).get(at)).to.deep.equal({ Item: undefined });
  });

  const change = { ...at, UpdateExpression: "SET #s = :s", ExpressionAttributeNames: { "#s": "state" } };

  it("are changed, with what they were or are where that is asked for", async () => {
    const values = { ExpressionAttributeValues: { ":s": "FAILED", ":none": undefined } };
    const update = { ...change, ...values, ReturnValues: "ALL_NEW" } as const;

    expect(await items({ Attributes: { jobId: { S: "a" } } }, "happened").update(update)).to.deep.equal({ Attributes: { jobId: "a" } });
    expect(commands()).to.deep.equal([
      ["UpdateItemCommand", { ...change, Key: key, ExpressionAttributeValues: { ":s": { S: "FAILED" } }, ReturnValues: "ALL_NEW" }],
    ]);
    expect(tried, "only a write whose answer says nothing is made by another").to.deep.equal([]);
    await items().update({ ...change, UpdateExpression: "REMOVE #s" });
    expect(commands()[0]?.[1]).to.deep.include({ ExpressionAttributeValues: undefined });
  });

  it("are written once: what was made like the SDK's last is not sent again", async () => {
    const update = { ...change, ReturnValues: "NONE" } as const;

    expect(await items({}, "happened").put({ TableName: "jobs", Item: { jobId: "a" } })).to.deep.equal({});
    expect([sent, tried]).to.deep.equal([[], [["PutItem", { TableName: "jobs", Item: key }]]]);
    expect(await items({}, "happened").update(update)).to.deep.equal({});
    expect([sent, tried]).to.deep.equal([[], [["UpdateItem", { ...update, Key: key, ExpressionAttributeValues: undefined }]]]);
  });

  it("are the SDK's to write where none was tried, and its second try where one went wrong", async () => {
    const isSecond = () => sent[0]?.middlewareStack.identify().some((name) => name.startsWith("firstTry"));
    const failed = () => Promise.reject(new Error("reset"));

    await items({}, "untried").put({ TableName: "jobs", Item: { jobId: "a" } });
    expect([sent.length, isSecond()]).to.deep.equal([1, false]);
    await items({}, failed).put({ TableName: "jobs", Item: { jobId: "a" } });
    expect([sent.length, isSecond()]).to.deep.equal([1, true]);
    await items({}, failed).update({ ...change, ReturnValues: "NONE" });
    expect([sent.length, isSecond()]).to.deep.equal([1, true]);
  });
});

describe("many items of the job table", () => {
  let sent: Command[];
  const reads = (answer: object) => {
    sent = [];
    return plainReads({ send: async (command: Command) => (sent.push(command), answer) } as unknown as DynamoDBClient);
  };
  const inputs = () => sent.map(({ constructor, input }) => [constructor.name, { ...input }]);
  const job = { jobId: { S: "a" }, attempt: { N: "2" }, metadata: { M: { tenant: { S: "acme" } } } };
  const plainJob = { jobId: "a", attempt: 2, metadata: { tenant: "acme" } };

  it("are found by an index, as plain values, and the next page where the last one ended", async () => {
    const last = { jobId: { S: "a" }, endedAt: { S: "2026" } };
    const query = { TableName: "jobs", IndexName: "ended", ExpressionAttributeValues: { ":waiter": "w", ":turn": 1, ":none": undefined } };
    const page = await reads({ Items: [job], Count: 1, LastEvaluatedKey: last }).query(query);
    expect(page).to.deep.equal({ Items: [plainJob], Count: 1, LastEvaluatedKey: last });
    await reads({ Count: 0 }).query({ ...query, ExclusiveStartKey: page.LastEvaluatedKey });

    expect(inputs()).to.deep.equal([
      ["QueryCommand", { ...query, ExpressionAttributeValues: { ":waiter": { S: "w" }, ":turn": { N: "1" } }, ExclusiveStartKey: last }],
    ]);
  });

  it("are read by their keys, with the keys that the table had no time for, by whatever name it answers", async () => {
    const Responses = { "arn:aws:dynamodb:eu-west-1:123456789012:table/jobs": [{ jobId: { S: "b" }, state: { S: "" } }, {}, job] };
    const answer = { Responses, UnprocessedKeys: { jobs: { Keys: [{ jobId: { S: "c" } }] } } };

    expect(await reads(answer).batchGet({ TableName: "jobs", Keys: ["a", "b", "c"], ConsistentRead: true })).to.deep.equal({
      Items: [{ jobId: "b", state: "" }, {}, plainJob],
      UnprocessedKeys: ["c"],
    });
    const Keys = ["a", "b", "c"].map((jobId) => ({ jobId: { S: jobId } }));
    expect(inputs()).to.deep.equal([["BatchGetItemCommand", { RequestItems: { jobs: { Keys, ConsistentRead: true } } }]]);
    expect(await reads({}).batchGet({ TableName: "jobs", Keys: ["a"] })).to.deep.equal({ Items: [], UnprocessedKeys: [] });
  });
});
