import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ListTagsOfResourceCommand,
  paginateQuery,
  PutItemCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  type CreateTableCommandInput,
} from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDynamoDb } from "../../../local/dynamodb";
import { createStore } from "../../../local/dynamodb/engine";
import { keepInDirectory, type Keeper } from "../../../local/kept";
import { managedKeyArn } from "../../../local/kms/managedKeys";
import type { CloudService } from "../../../local/ports";
import { startTestCloud, type TestCloud } from "../../support/cloudContext";
import { refusal } from "../../support/refusal";

const place = { region: "us-east-1", accountId: "000000000000" };
const tableType = "aws:dynamodb/table:Table";

describe("DynamoDB over the wire, as the AWS provider uses it", () => {
  let cloud: TestCloud;
  let dynamodb: DynamoDBClient;
  let service: CloudService;

  before(async () => {
    cloud = await startTestCloud();
    service = cloud.add(await createDynamoDb(cloud.context));
    dynamodb = new DynamoDBClient(cloud.client);
  });
  after(async () => {
    dynamodb.destroy();
    await cloud.close();
  });

  const created = async (TableName: string, more: Partial<CreateTableCommandInput> = {}) => {
    const { TableDescription } = await dynamodb.send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        ...more,
      }),
    );
    return TableDescription?.TableArn ?? "";
  };
  const table = async (TableName: string) => (await dynamodb.send(new DescribeTableCommand({ TableName }))).Table;
  /** As the provider waits: until the service says that it is done. */
  const active = async (TableName: string) => {
    for (;;) {
      const found = await table(TableName);
      if (found?.GlobalSecondaryIndexes?.every(({ IndexStatus }) => IndexStatus === "ACTIVE") ?? true) return found;
    }
  };

  it("describes a table with all that it was created with, and the throughput that the provider waits for", async () => {
    const kmsKeyArn = "arn:aws:kms:us-east-1:000000000000:key/k";
    const TableArn = await created("whole", {
      SSESpecification: { Enabled: true, SSEType: "KMS", KMSMasterKeyId: kmsKeyArn },
      DeletionProtectionEnabled: true,
      TableClass: "STANDARD",
      Tags: [{ Key: "team", Value: "ml" }],
    });
    const shown = await table("whole");

    expect(shown?.SSEDescription).to.deep.equal({ Status: "ENABLED", SSEType: "KMS", KMSMasterKeyArn: kmsKeyArn });
    expect(shown?.DeletionProtectionEnabled).to.equal(true);
    expect(shown?.WarmThroughput).to.deep.equal({ ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 4_000, Status: "ACTIVE" });
    expect((await dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn: TableArn }))).Tags).to.deep.equal([
      { Key: "team", Value: "ml" },
    ]);
  });

  it("changes encryption and protection in place, and refuses what is so already in DynamoDB's words", async () => {
    await created("changing", { DeletionProtectionEnabled: true });
    const update = (more: object) => dynamodb.send(new UpdateTableCommand({ TableName: "changing", ...more }));
    expect(await refusal(dynamodb.send(new DeleteTableCommand({ TableName: "changing" })))).to.equal(
      "ValidationException: Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
    );
    await update({ SSESpecification: { Enabled: true } });
    expect((await table("changing"))?.SSEDescription?.KMSMasterKeyArn).to.equal(managedKeyArn(place, "dynamodb"));
    expect(await refusal(update({ SSESpecification: { Enabled: true } }))).to.contain(
      "Table is already encrypted with given KMSMasterKeyId",
    );
    await update({ SSESpecification: { Enabled: false } });
    expect((await table("changing"))?.SSEDescription).to.equal(undefined);
    expect(await refusal(update({ SSESpecification: { Enabled: false } }))).to.contain("Table is already encrypted by default");
    expect(await refusal(update({}))).to.contain("ValidationException: At least one of ProvisionedThroughput, BillingMode");
    expect(await refusal(update({ StreamSpecification: { StreamEnabled: true, StreamViewType: "KEYS_ONLY" } }))).to.contain(
      "NotImplemented",
    );
    await update({ DeletionProtectionEnabled: false });
    await update({ BillingMode: "PROVISIONED", ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 6 } });
    expect((await table("changing"))?.WarmThroughput).to.deep.equal({ ReadUnitsPerSecond: 5, WriteUnitsPerSecond: 6, Status: "ACTIVE" });
    await dynamodb.send(new DeleteTableCommand({ TableName: "changing" }));

    expect(await refusal(dynamodb.send(new DescribeContinuousBackupsCommand({ TableName: "changing" })))).to.equal(
      "ResourceNotFoundException: Requested resource not found: Table: changing not found",
    );
  });

  it("refuses a second table of a name with words, which the engine has not", async () => {
    await created("twice");
    expect(await refusal(created("twice"))).to.equal("ResourceInUseException: Table already exists: twice");
  });

  it("switches backups and expiry on and off by the service's rules", async () => {
    const TableName = "kept";
    await created(TableName);
    const backups = (PointInTimeRecoveryEnabled: boolean, RecoveryPeriodInDays?: number) =>
      dynamodb.send(
        new UpdateContinuousBackupsCommand({
          TableName,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled, RecoveryPeriodInDays },
        }),
      );
    const expiry = (Enabled: boolean, AttributeName: string) =>
      dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { Enabled, AttributeName } }));
    const description = (await backups(true, 7)).ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
    expect(description?.PointInTimeRecoveryStatus).to.equal("ENABLED");
    expect(description?.RecoveryPeriodInDays).to.equal(7);
    expect(await refusal(backups(true, 36))).to.contain("RecoveryPeriodInDays must be between 1 and 35");
    await backups(false);
    expect((await dynamodb.send(new DescribeContinuousBackupsCommand({ TableName }))).ContinuousBackupsDescription).to.deep.equal({
      ContinuousBackupsStatus: "ENABLED",
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: "DISABLED" },
    });
    expect(await refusal(expiry(false, "end"))).to.contain("TimeToLive is already disabled");
    await expiry(true, "end");
    expect(await refusal(expiry(true, "end"))).to.contain("TimeToLive is already enabled");
    expect(await refusal(expiry(true, "other"))).to.contain(
      "TimeToLive is active on a different AttributeName: current AttributeName is end",
    );
    await expiry(false, "end");
    expect((await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription).to.deep.equal({
      TimeToLiveStatus: "DISABLED",
    });
  });

  it("keeps tags apart from those of other tables, which the engine mixes", async () => {
    await created("others", { Tags: [{ Key: "z", Value: "other" }] });
    const ResourceArn = await created("tagged", { Tags: [{ Key: "b", Value: "1" }] });
    await dynamodb.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: "a", Value: "2" }] }));
    await dynamodb.send(new UntagResourceCommand({ ResourceArn, TagKeys: ["b"] }));

    expect((await dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn }))).Tags).to.deep.equal([{ Key: "a", Value: "2" }]);
    const missing = ResourceArn.replace("tagged", "none");
    expect(await refusal(dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn: missing })))).to.equal(
      `ResourceNotFoundException: Requested resource not found: ResourcArn: ${missing} not found`,
    );
  });

  it("fills an index that is added to a table with items, and forgets it when it goes", async () => {
    const TableName = "indexed";
    await created(TableName);
    for (const [id, kind] of [
      ["1", "a"],
      ["2", "b"],
      ["3", "a"],
      ["4", undefined],
    ] as const) {
      await dynamodb.send(new PutItemCommand({ TableName, Item: { id: { S: id }, ...(kind && { kind: { S: kind } }) } }));
    }
    const Create = {
      IndexName: "byKind",
      KeySchema: [{ AttributeName: "kind", KeyType: "HASH" as const }],
      Projection: { ProjectionType: "KEYS_ONLY" as const },
    };
    const AttributeDefinitions = ["id", "kind"].map((AttributeName) => ({ AttributeName, AttributeType: "S" as const }));
    const change = (update: object, definitions = AttributeDefinitions) =>
      dynamodb.send(new UpdateTableCommand({ TableName, AttributeDefinitions: definitions, GlobalSecondaryIndexUpdates: [update] }));
    expect(await refusal(change({ Create }, AttributeDefinitions.slice(0, 1)))).to.contain("ValidationException: ");
    expect((await change({ Create })).TableDescription?.GlobalSecondaryIndexes?.[0]?.IndexStatus).to.equal("CREATING");
    expect((await active(TableName))?.AttributeDefinitions?.map(({ AttributeName }) => AttributeName)).to.deep.equal(["id", "kind"]);
    const found: unknown[] = [];
    const query = {
      TableName,
      IndexName: "byKind",
      KeyConditionExpression: "kind = :kind",
      ExpressionAttributeValues: { ":kind": { S: "a" } },
    };
    for await (const { Items = [] } of paginateQuery({ client: dynamodb }, query)) found.push(...Items.map(({ id }) => id?.S));
    expect(found.sort()).to.deep.equal(["1", "3"]);
    expect(await refusal(change({ Create }))).to.contain("Attempting to create an index which already exists: byKind");
    await change({ Delete: { IndexName: "byKind" } });

    expect((await table(TableName))?.GlobalSecondaryIndexes).to.equal(undefined);
    expect((await table(TableName))?.AttributeDefinitions).to.deep.equal([{ AttributeName: "id", AttributeType: "S" }]);
    expect(await refusal(change({ Delete: { IndexName: "byKind" } }))).to.equal("ResourceNotFoundException: Requested resource not found");
  });

  it("updates and deletes a program's table by the same rules", async () => {
    const type = service.resources?.[tableType];
    const before = {
      name: "program",
      billingMode: "PAY_PER_REQUEST",
      hashKey: "id",
      attributes: [{ name: "id", type: "S" }],
      ttl: { attributeName: "end", enabled: true },
      deletionProtectionEnabled: true,
      tags: { a: "1" },
    };
    const registered = (inputs: Record<string, unknown>) => ({
      urn: "urn:pulumi:local::test::table::x",
      type: tableType,
      name: "x",
      inputs,
      program: { directory: ".", project: "test", stack: "local", localSettings: {} },
    });
    const made = await cloud.create(tableType, "x", before);
    const now = {
      ...before,
      attributes: [...before.attributes, { name: "kind", type: "S" }],
      globalSecondaryIndexes: [{ name: "byKind", projectionType: "ALL", hashKey: "kind" }],
      ttl: { attributeName: "expiresAt", enabled: true },
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true },
      tags: { a: "2" },
    };
    expect(await type?.update?.(registered(before), made, before)).to.equal(undefined);
    const updated = await type?.update?.(registered(now), made, before);

    const shown = await table("program");
    expect(shown?.GlobalSecondaryIndexes?.map(({ IndexName, IndexStatus }) => `${IndexName} ${IndexStatus}`)).to.deep.equal([
      "byKind ACTIVE",
    ]);
    expect(shown?.SSEDescription?.Status).to.equal("ENABLED");
    expect(updated?.state["tagsAll"]).to.deep.equal({ a: "2" });
    expect((await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: "program" }))).TimeToLiveDescription?.AttributeName).to.equal(
      "expiresAt",
    );
    expect(type?.fixed).to.deep.equal(["name", "hashKey", "rangeKey", "localSecondaryIndexes"]);
    expect(await refusal(type?.delete?.(made) ?? Promise.resolve())).to.contain("Resource cannot be deleted");
    await type?.update?.(registered({ ...now, deletionProtectionEnabled: false }), made, now);
    await type?.delete?.(made);

    expect(await refusal(table("program"))).to.contain("ResourceNotFoundException");
  });

  describe("in a directory", () => {
    let directory: string;
    let keeper: Keeper;
    before(async () => {
      directory = await mkdtemp(join(tmpdir(), "dynamodb-"));
    });
    after(async () => {
      await rm(directory, { recursive: true, force: true });
    });

    /** A cloud over the directory. Calls are made as the front makes them. */
    const open = async () => {
      keeper = keepInDirectory(directory);
      const opened = await createDynamoDb({ ...cloud.context, keeper });
      const call = async (operation: string, input: object) => {
        const headers = { "x-amz-target": `DynamoDB_20120810.${operation}` };
        const body = Buffer.from(JSON.stringify(input));
        const answer = await opened.wire!["dynamodb"]!({ method: "POST", path: "/", query: new URLSearchParams(), headers, body });
        return JSON.parse(String(answer.body)) as Record<string, unknown>;
      };
      const create = async (input: object) => {
        await call("CreateTable", input);
        while (((await call("DescribeTable", input)) as { Table: { TableStatus: string } }).Table.TableStatus !== "ACTIVE");
      };
      const close = async () => {
        await opened.close();
        keeper.close();
      };
      return { call, create, close };
    };

    /** As a killed process leaves it: an item whose entry in the index was taken away, and a table that nobody was answered for. */
    const leaveAsKilled = async () => {
      const keptBefore = keepInDirectory(directory);
      keptBefore.map("dynamodb.running").set("now", true);
      keptBefore.map("dynamodb.tables").delete("untold");
      keptBefore.close();
      const store = createStore("us-east-1", "000000000000", join(directory, "dynamodb"));
      await new Promise((done) => store.deleteIndexDb("Global", "jobs", "due", done));
      await store.lifecycleManager.gracefulClose();
    };

    it("goes on with tables, items, indexes and settings where the last cloud ended", async () => {
      const first = await open();
      await first.create({
        TableName: "jobs",
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        AttributeDefinitions: ["id", "due"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
        GlobalSecondaryIndexes: [
          { IndexName: "due", KeySchema: [{ AttributeName: "due", KeyType: "HASH" }], Projection: { ProjectionType: "KEYS_ONLY" } },
        ],
        Tags: [{ Key: "a", Value: "1" }],
      });
      await first.call("UpdateTimeToLive", { TableName: "jobs", TimeToLiveSpecification: { Enabled: true, AttributeName: "end" } });
      await first.call("PutItem", { TableName: "jobs", Item: { id: { S: "1" }, due: { S: "now" } } });
      await first.close();
      const second = await open();
      const query = {
        TableName: "jobs",
        IndexName: "due",
        KeyConditionExpression: "due = :due",
        ExpressionAttributeValues: { ":due": { S: "now" } },
      };

      expect((await second.call("GetItem", { TableName: "jobs", Key: { id: { S: "1" } } }))["Item"]).to.deep.equal({
        id: { S: "1" },
        due: { S: "now" },
      });
      expect((await second.call("Query", query))["Items"]).to.deep.equal([{ due: { S: "now" }, id: { S: "1" } }]);
      expect(await second.call("DescribeTimeToLive", { TableName: "jobs" })).to.deep.equal({
        TimeToLiveDescription: { TimeToLiveStatus: "ENABLED", AttributeName: "end" },
      });
      const { Table } = (await second.call("DescribeTable", { TableName: "jobs" })) as { Table: { TableArn: string } };
      expect(await second.call("ListTagsOfResource", { ResourceArn: Table.TableArn })).to.deep.equal({ Tags: [{ Key: "a", Value: "1" }] });
      await second.create({
        TableName: "untold",
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      });
      await second.close();
      await leaveAsKilled();
      const third = await open();

      expect((await third.call("Query", query))["Items"]).to.deep.equal([{ due: { S: "now" }, id: { S: "1" } }]);
      expect(await third.call("ListTables", {})).to.deep.equal({ TableNames: ["jobs"] });
      await third.close();
    });
  });
});
