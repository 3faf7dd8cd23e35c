import {
  BatchGetItemCommand,
  CreateTableCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  paginateQuery,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
  type AttributeValue,
} from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { jobTable } from "../../../core/records/table";
import { VirtualClock } from "../../../local/clock";
import { createDynamoDb } from "../../../local/dynamodb";
import { managedKeyArn } from "../../../local/kms/managedKeys";
import { startTestCloud, type TestCloud } from "../../support/cloudContext";

const start = Date.UTC(2026, 0, 25, 22, 46);

async function refusal(call: Promise<unknown>) {
  try {
    await call;
  } catch (error) {
    const { name, message } = error as Error;
    return { name, message };
  }
  return expect.fail("was accepted");
}

describe("the embedded DynamoDB", () => {
  let cloud: TestCloud;
  let clock: VirtualClock;
  let dynamodb: DynamoDBClient;
  let TableName: string;

  beforeEach(async () => {
    clock = new VirtualClock(start);
    cloud = await startTestCloud({ clock, region: "eu-west-1" });
    cloud.add(await createDynamoDb(cloud.context));
    dynamodb = new DynamoDBClient(cloud.client);
    const { id } = await cloud.create("aws:dynamodb/table:Table", "jobs", {
      billingMode: "PAY_PER_REQUEST",
      hashKey: "jobId",
      attributes: [
        { name: "jobId", type: "S" },
        { name: "dueShard", type: "N" },
        { name: "dueAt", type: "S" },
        { name: "waiter", type: "S" },
      ],
      globalSecondaryIndexes: [
        {
          name: "due",
          projectionType: "KEYS_ONLY",
          keySchemas: [
            { attributeName: "dueShard", keyType: "HASH" },
            { attributeName: "dueAt", keyType: "RANGE" },
          ],
        },
        { name: "ended", projectionType: "INCLUDE", nonKeyAttributes: ["state"], hashKey: "waiter" },
      ],
      ttl: { attributeName: "expiresAt", enabled: true },
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true },
      deletionProtectionEnabled: true,
      tags: { team: "ml" },
    });
    TableName = id;
  });
  afterEach(async () => {
    dynamodb.destroy();
    await cloud.close();
  });

  const put = (jobId: string, more = {}) => dynamodb.send(new PutItemCommand({ TableName, Item: { jobId: { S: jobId }, ...more } }));
  const get = async (jobId: string) => (await dynamodb.send(new GetItemCommand({ TableName, Key: { jobId: { S: jobId } } }))).Item;

  it("makes a table ready to use, with the outputs that other programs read", async () => {
    const { id, state } = await cloud.create("aws:dynamodb/table:Table", "t", { hashKey: "k", attributes: [{ name: "k", type: "S" }] });

    expect({ id, name: state["name"], arn: state["arn"], billingMode: state["billingMode"] }).to.deep.equal({
      id: state["name"],
      name: id,
      arn: `arn:aws:dynamodb:eu-west-1:000000000000:table/${id}`,
      billingMode: "PROVISIONED",
    });
    await dynamodb.send(new PutItemCommand({ TableName: id, Item: { k: { S: "at once" } } }));
  });

  it("shows the settings that the program gave, or nobody could check them", async () => {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
    const { ContinuousBackupsDescription } = await dynamodb.send(new DescribeContinuousBackupsCommand({ TableName }));

    expect({
      arn: Table?.TableArn,
      status: Table?.TableStatus,
      created: Table?.CreationDateTime?.getTime(),
      billing: Table?.BillingModeSummary?.BillingMode,
      encryption: Table?.SSEDescription,
      protected: Table?.DeletionProtectionEnabled,
      indexes: Table?.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema, Projection, IndexStatus }) => ({
        IndexName,
        keys: KeySchema?.map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType}`),
        Projection,
        IndexStatus,
      })).sort((a, b) => String(a.IndexName).localeCompare(String(b.IndexName))),
    }).to.deep.equal({
      arn: `arn:aws:dynamodb:eu-west-1:000000000000:table/${TableName}`,
      status: "ACTIVE",
      created: start,
      billing: "PAY_PER_REQUEST",
      encryption: {
        Status: "ENABLED",
        SSEType: "KMS",
        KMSMasterKeyArn: managedKeyArn({ region: "eu-west-1", accountId: "000000000000" }, "dynamodb"),
      },
      protected: true,
      indexes: [
        { IndexName: "due", keys: ["dueShard HASH", "dueAt RANGE"], Projection: { ProjectionType: "KEYS_ONLY" }, IndexStatus: "ACTIVE" },
        {
          IndexName: "ended",
          keys: ["waiter HASH"],
          Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["state"] },
          IndexStatus: "ACTIVE",
        },
      ],
    });
    expect(TimeToLiveDescription).to.deep.equal({ TimeToLiveStatus: "ENABLED", AttributeName: "expiresAt" });
    expect(ContinuousBackupsDescription).to.deep.equal({
      ContinuousBackupsStatus: "ENABLED",
      PointInTimeRecoveryDescription: {
        PointInTimeRecoveryStatus: "ENABLED",
        RecoveryPeriodInDays: 35,
        EarliestRestorableDateTime: new Date(start),
        LatestRestorableDateTime: new Date(start),
      },
    });
  });

  it("lets one of many conditional writers win", async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) =>
        dynamodb.send(
          new PutItemCommand({
            TableName,
            Item: { jobId: { S: "j" }, by: { N: String(n) } },
            ConditionExpression: "attribute_not_exists(jobId)",
          }),
        ),
      ),
    );
    const update = new UpdateItemCommand({
      TableName,
      Key: { jobId: { S: "j" } },
      ConditionExpression: "attribute_not_exists(ended)",
      UpdateExpression: "SET ended = :yes REMOVE absent ADD attempts :one",
      ExpressionAttributeValues: { ":yes": { BOOL: true }, ":one": { N: "1" } },
      ReturnValues: "UPDATED_NEW",
    });

    expect(outcomes.filter(({ status }) => status === "fulfilled").length).to.equal(1);
    expect((await dynamodb.send(update)).Attributes).to.deep.equal({ ended: { BOOL: true }, attempts: { N: "1" } });
    expect((await refusal(dynamodb.send(update))).name).to.equal("ConditionalCheckFailedException");
  });

  it("answers queries of a sparse index in pages", async () => {
    for (const n of [3, 1, 2]) await put(`due-${n}`, { dueShard: { N: "0" }, dueAt: { S: `2026-0${n}` } });
    await put("done");
    const query = {
      TableName,
      IndexName: "due",
      KeyConditionExpression: "dueShard = :shard AND dueAt <= :now",
      ExpressionAttributeValues: { ":shard": { N: "0" }, ":now": { S: "2026-03" } },
      Limit: 2,
    };
    const first = await dynamodb.send(new QueryCommand(query));
    const second = await dynamodb.send(new QueryCommand({ ...query, ExclusiveStartKey: first.LastEvaluatedKey }));

    expect([first, second].map(({ Items }) => Items?.map(({ jobId }) => jobId?.S))).to.deep.equal([["due-1", "due-2"], ["due-3"]]);
  });

  it("answers every index of the job table in its order, forwards and backwards, over any number of pages", async () => {
    const { indexes, attributes } = jobTable;
    const { id: table } = await cloud.create("aws:dynamodb/table:Table", "service", {
      billingMode: "PAY_PER_REQUEST",
      hashKey: jobTable.hashKey,
      attributes: attributes.map((attribute) => ({ ...attribute })),
      globalSecondaryIndexes: Object.values(indexes).map(({ hashKey, rangeKey, ...index }) => ({
        ...index,
        keySchemas: [
          { attributeName: hashKey, keyType: "HASH" },
          { attributeName: rangeKey, keyType: "RANGE" },
        ],
      })),
    });
    const typed = (name: string, value: string) => ({ [attributes.find((attribute) => attribute.name === name)?.type ?? "S"]: value });
    for (const number of [3, 1, 2, 5, 4]) {
      const keys = Object.values(indexes).flatMap(({ hashKey, rangeKey }) => [
        [hashKey, typed(hashKey, "7")],
        [rangeKey, typed(rangeKey, `2026-01-25T22:46:00.${number}00Z`)],
      ]);
      const Item = { jobId: { S: `job-${number}` }, ...Object.fromEntries(keys) } as Record<string, AttributeValue>;
      await dynamodb.send(new PutItemCommand({ TableName: table, Item }));
    }
    for (const { name, hashKey } of Object.values(indexes)) {
      const found: (string | undefined)[] = [];
      const query = {
        TableName: table,
        IndexName: name,
        KeyConditionExpression: "#key = :key",
        ExpressionAttributeNames: { "#key": hashKey },
        ExpressionAttributeValues: { ":key": typed(hashKey, "7") as unknown as AttributeValue },
        ScanIndexForward: name !== "created",
      };
      for await (const page of paginateQuery({ client: dynamodb, pageSize: 2 }, query)) {
        found.push(...(page.Items ?? []).map((item) => item["jobId"]?.S));
      }
      const ordered = ["job-1", "job-2", "job-3", "job-4", "job-5"];
      expect(found, name).to.deep.equal(name === "created" ? ordered.reverse() : ordered);
    }
    const Keys = ["job-2", "job-4", "none"].map((jobId) => ({ jobId: { S: jobId } }));
    const { Responses } = await dynamodb.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ProjectionExpression: "jobId", ConsistentRead: true } } }),
    );
    expect(Responses?.[table]?.map(({ jobId }) => jobId?.S).sort()).to.deep.equal(["job-2", "job-4"]);
  });

  it("deletes expired items by the cloud's clock, and no others", async () => {
    const seconds = start / 1000;
    await put("expired", { expiresAt: { N: String(seconds + 30) } });
    await put("later", { expiresAt: { N: String(seconds + 86_400) } });
    await put("ancient", { expiresAt: { N: "1" } });
    await put("text", { expiresAt: { S: "1" } });
    await put("never");
    while (await get("expired")) await clock.advance(60_000);

    const Keys = ["expired", "later", "ancient", "text", "never"].map((jobId) => ({ jobId: { S: jobId } }));
    const { Responses } = await dynamodb.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys } } }));
    expect((Responses?.[TableName] ?? []).map(({ jobId }) => jobId?.S).sort()).to.deep.equal(["ancient", "later", "never", "text"]);
  });

  it("refuses what dynalite would ignore, so that no program believes in it", async () => {
    const Item = { jobId: { S: "j" } };

    expect(await refusal(dynamodb.send(new ExecuteStatementCommand({ Statement: "SELECT * FROM jobs" })))).to.deep.equal({
      name: "NotImplemented",
      message: "The embedded cloud does not support DynamoDB's ExecuteStatement.",
    });
    await dynamodb.send(new PutItemCommand({ TableName, Item, ReturnValuesOnConditionCheckFailure: "NONE" }));
    expect(
      (
        await refusal(
          cloud.create("aws:dynamodb/table:Table", "t", { hashKey: "k", attributes: [{ name: "k", type: "S" }], streamEnabled: true }),
        )
      ).message,
    ).to.equal('aws:dynamodb/table:Table "t": streamEnabled: not supported by the embedded cloud');
    expect((await refusal(cloud.create("aws:dynamodb/table:Table", "t", { hashKey: "k", attributes: [] }))).message).to.contain(
      "Invalid KeySchema: Some index key attribute have no definition",
    );
  });

  it("keeps a protected table, and says as the service does that another is missing", async () => {
    expect((await refusal(dynamodb.send(new DeleteTableCommand({ TableName })))).name).to.equal("ValidationException");
    expect((await refusal(dynamodb.send(new DescribeTimeToLiveCommand({ TableName: "none" })))).name).to.equal("ResourceNotFoundException");
    expect((await refusal(dynamodb.send(new GetItemCommand({ TableName: "none", Key: { jobId: { S: "j" } } })))).name).to.equal(
      "ResourceNotFoundException",
    );
  });

  it("ends what is under way when it closes, and answers what comes later", async () => {
    const other = await createDynamoDb(cloud.context);
    const call = (operation: string, input: object) =>
      other.wire!["dynamodb"]!({
        method: "POST",
        path: "/",
        query: new URLSearchParams(),
        headers: { "x-amz-target": `DynamoDB_20120810.${operation}` },
        body: Buffer.from(JSON.stringify(input)),
      });
    const AttributeDefinitions = [{ AttributeName: "jobId", AttributeType: "S" }];
    const KeySchema = [{ AttributeName: "jobId", KeyType: "HASH" }];
    await call("CreateTable", { TableName: "late", AttributeDefinitions, KeySchema, BillingMode: "PAY_PER_REQUEST" });
    const scans = [call("Scan", { TableName: "late" }), call("Scan", { TableName: "late" })];
    const closed = other.close();

    expect((await Promise.allSettled(scans)).map(({ status }) => status)).to.deep.equal(["fulfilled", "fulfilled"]);
    await closed;
    expect(await refusal(call("Scan", { TableName: "late" }))).to.deep.equal({
      name: "InternalServerError",
      message: "The embedded cloud is closing.",
    });
  });

  it("can be used without a program, as from boto3", async () => {
    await dynamodb.send(
      new CreateTableCommand({
        TableName: "mine",
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: "k", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "k", AttributeType: "S" }],
      }),
    );
    const TimeToLiveSpecification = { Enabled: true, AttributeName: "end" };
    await dynamodb.send(new UpdateTimeToLiveCommand({ TableName: "mine", TimeToLiveSpecification }));

    const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: "mine" }));
    expect(TimeToLiveDescription).to.deep.equal({ TimeToLiveStatus: "ENABLED", AttributeName: "end" });
  });
});
