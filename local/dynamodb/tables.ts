import { randomUUID } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Kept } from "../kept";
import { managedKeyArn } from "../kms/managedKeys";
import type { CloudContext } from "../ports";
import { notSupported, ServiceError } from "../wire";
import { codeOf, messageOf, type Document, type TableEngine, type EngineAnswer } from "./engine";
import { Expiry } from "./expiry";
import { backups, described, hashKeysOf, invalid, readTags, recovery, requireTags, timeToLive, type TableSettings } from "./settings";

/** What DynamoDB needs of a customer's key at least. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html */
const keyUses = [
  "Encrypt",
  "Decrypt",
  "ReEncryptFrom",
  "ReEncryptTo",
  "GenerateDataKey",
  "GenerateDataKeyWithoutPlaintext",
  "DescribeKey",
  "CreateGrant",
];

/** Parameters of CreateTable and UpdateTable that the engine doesn't know. */
const ownParameters = ["DeletionProtectionEnabled", "SSESpecification", "Tags"];
/** The only class of tables: whoever asks for it asks for nothing. */
const onlyClass = { TableClass: "STANDARD" };

type Index = { IndexName: string; IndexStatus: string; KeySchema: { AttributeName: string }[] } & Document;

/** The tables of one embedded cloud: the one place that has rules for them, whoever asks. Parameters and answers are DynamoDB's own. */
export class Tables {
  private readonly kept: Kept<TableSettings>;
  private readonly expiry: Expiry;
  private readonly filling = new Set<Promise<void>>();

  constructor(
    private readonly engine: TableEngine,
    private readonly context: CloudContext,
  ) {
    this.kept = context.keeper.map<TableSettings>("dynamodb.tables");
    engine.mend = (tableName) => this.mend(tableName);
    this.expiry = new Expiry(engine, context.clock, () =>
      [...this.kept.entries()].flatMap(([name, { ttlAttribute }]) => (ttlAttribute === undefined ? [] : [[name, ttlAttribute]])),
    );
  }

  find(tableName: string): TableSettings | undefined {
    return this.kept.get(tableName);
  }

  /** @throws ServiceError as the service does when there is no such table */
  of(tableName: string): TableSettings {
    const found = this.kept.get(tableName);
    if (found) return found;
    throw new ServiceError("ResourceNotFoundException", `Requested resource not found: Table: ${tableName} not found`);
  }

  /** CreateTable. */
  async create(parameters: Document): Promise<Document> {
    const name = String(parameters["TableName"]);
    const tags = readTags(parameters["Tags"]);
    const serverSideEncryption = this.encryption(parameters["SSESpecification"] as Document | undefined);
    const engineParameters = without(parameters, ownParameters);
    this.engine.check("CreateTable", engineParameters);
    // What is left of one of that name goes, which is known by its not being kept.
    await this.engine.makeWhole([name]);
    if (this.kept.has(name)) throw new ServiceError("ResourceInUseException", `Table already exists: ${name}`);
    const settings: TableSettings = {
      tableId: randomUUID(),
      createdAt: this.context.clock.now(),
      hashKeys: hashKeysOf(parameters),
      serverSideEncryption,
      deletionProtection: parameters["DeletionProtectionEnabled"] === true,
      tags,
    };
    this.kept.set(name, settings);
    try {
      const created = await this.called("CreateTable", engineParameters);
      return { TableDescription: this.description(created["TableDescription"] as Document, settings) };
    } catch (error) {
      this.kept.note(name, undefined);
      throw error;
    }
  }

  /** DescribeTable. */
  async describe(tableName: string): Promise<Document> {
    const { Table: table } = await this.called("DescribeTable", { TableName: tableName });
    return { Table: this.description(table as Document, this.of(tableName)) };
  }

  /** UpdateTable. */
  async update(parameters: Document): Promise<Document> {
    const name = String(parameters["TableName"]);
    const before = this.of(name);
    const { GlobalSecondaryIndexUpdates: updates, AttributeDefinitions: definitions, ...others } = parameters;
    const same = others["TableClass"] === onlyClass.TableClass ? Object.keys(onlyClass) : [];
    const engineParameters = without(others, [...ownParameters, ...same]);
    if (parameters["Tags"] !== undefined) throw notSupported(`"Tags" in DynamoDB's UpdateTable`);
    const changes = Object.keys(parameters).filter((each) => each !== "TableName" && each !== "AttributeDefinitions");
    if (changes.length === 0) {
      throw new ServiceError(
        "ValidationException",
        "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required",
      );
    }
    const change: Partial<TableSettings> = {};
    if ("SSESpecification" in parameters) change.serverSideEncryption = this.changedEncryption(before, parameters["SSESpecification"]);
    if (typeof parameters["DeletionProtectionEnabled"] === "boolean") change.deletionProtection = parameters["DeletionProtectionEnabled"];
    const capacities = ((updates ?? []) as Document[]).filter((each) => "Update" in each);
    if (Object.keys(engineParameters).length > 1 || capacities.length > 0) {
      await this.called("UpdateTable", { ...engineParameters, ...(capacities.length > 0 && { GlobalSecondaryIndexUpdates: capacities }) });
    }
    this.kept.set(name, { ...before, ...change });
    await this.changeIndexes(
      name,
      ((updates ?? []) as Document[]).filter((each) => !("Update" in each)),
      definitions as Document[] | undefined,
    );
    return { TableDescription: (await this.describe(name))["Table"] };
  }

  /** DeleteTable. */
  async delete(tableName: string): Promise<Document> {
    const settings = this.of(tableName);
    if (settings.deletionProtection) {
      const message = "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.";
      throw new ServiceError("ValidationException", message);
    }
    await this.engine.makeWhole([tableName]);
    this.kept.delete(tableName);
    try {
      const deleted = await this.called("DeleteTable", { TableName: tableName });
      return { TableDescription: this.description(deleted["TableDescription"] as Document, settings) };
    } catch (error) {
      this.kept.note(tableName, settings);
      throw error;
    }
  }

  /** DescribeTimeToLive. */
  describeTimeToLive(tableName: string): Document {
    const { ttlAttribute } = this.of(tableName);
    const description =
      ttlAttribute === undefined ? { TimeToLiveStatus: "DISABLED" } : { TimeToLiveStatus: "ENABLED", AttributeName: ttlAttribute };
    return { TimeToLiveDescription: description };
  }

  /** UpdateTimeToLive. */
  updateTimeToLive(tableName: string, specification: Document | undefined): Document {
    const before = this.of(tableName);
    const ttlAttribute = timeToLive(before.ttlAttribute, specification);
    this.kept.set(tableName, { ...before, ttlAttribute });
    if (ttlAttribute !== undefined) this.expiry.start();
    return { TimeToLiveSpecification: specification };
  }

  /** DescribeContinuousBackups. */
  describeBackups(tableName: string): Document {
    return backups(this.of(tableName), this.context.clock.now());
  }

  /** UpdateContinuousBackups. */
  updateBackups(tableName: string, specification: Document | undefined): Document {
    const before = this.of(tableName);
    this.kept.set(tableName, { ...before, pointInTimeRecovery: recovery(specification, this.context.clock.now()) });
    return this.describeBackups(tableName);
  }

  /** ListTagsOfResource, in one page, so that no token leads anywhere. */
  tags(resourceArn: unknown, nextToken?: unknown): Document {
    const { tags } = this.tagged(resourceArn).settings;
    if (nextToken !== undefined) throw new ServiceError("ValidationException", "The provided starting key is invalid");
    return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
  }

  /** TagResource and UntagResource. */
  changeTags(resourceArn: unknown, change: (tags: Record<string, string>) => Record<string, string>): void {
    const { name, settings } = this.tagged(resourceArn);
    const tags = change({ ...settings.tags });
    requireTags(tags);
    this.kept.set(name, { ...settings, tags });
  }

  /** Ends what the cloud's last end has interrupted, so that every table is whole. @param unclean true after a killed process */
  async recover(unclean: boolean): Promise<void> {
    const { TableNames: names = [] } = (await this.called("ListTables", {})) as { TableNames?: string[] };
    for (const name of names) {
      const { Table: table } = (await this.called("DescribeTable", { TableName: name })) as { Table: Document };
      const leaving = table["TableStatus"] === "DELETING";
      if (unclean || !isActive(table)) await this.makeWhole(name);
      // What was never acknowledged, or was on its way out.
      if (leaving || !this.kept.has(name)) await this.called("DeleteTable", { TableName: name });
      if (leaving) this.kept.delete(name);
    }
    for (const [name, { ttlAttribute }] of [...this.kept.entries()]) {
      if (!names.includes(name)) this.kept.delete(name);
      else if (ttlAttribute !== undefined) this.expiry.start();
    }
  }

  /** Waits until a table and its indexes can be used. */
  async active(tableName: string): Promise<void> {
    for (;;) {
      if (isActive((await this.describe(tableName))["Table"] as Document)) return;
      await Promise.race([...this.filling, nextTurn()]);
    }
  }

  async close(): Promise<void> {
    await this.expiry.close();
    await Promise.allSettled(this.filling);
  }

  /** Ends what a failed write has interrupted. */
  private async mend(tableName: string): Promise<void> {
    try {
      await this.makeWhole(tableName);
      if (!this.kept.has(tableName)) await this.called("DeleteTable", { TableName: tableName });
    } catch (error) {
      if (!(error instanceof ServiceError && error.code === "ResourceNotFoundException")) throw error;
    }
  }

  /** Entries of an index are written before the item: a killed process may have left the one without the other. */
  private async makeWhole(tableName: string): Promise<void> {
    await this.engine.redefine(tableName, (table) => {
      const indexes = table["GlobalSecondaryIndexes"] as Index[] | undefined;
      const active = indexes?.map((index) => ({ ...index, IndexStatus: "ACTIVE" }));
      const billing = table["BillingModeSummary"] as Document | undefined;
      return {
        ...table,
        TableStatus: "ACTIVE",
        ...(active && { GlobalSecondaryIndexes: active }),
        ...(billing && { BillingModeSummary: { LastUpdateToPayPerRequestDateTime: table["CreationDateTime"], ...billing } }),
      };
    });
    await this.engine.rebuild(tableName);
  }

  private async changeIndexes(tableName: string, updates: readonly Document[], definitions: Document[] | undefined): Promise<void> {
    const [update] = updates;
    if (update === undefined) return;
    if (updates.length > 1) {
      const message = "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table";
      throw new ServiceError("LimitExceededException", message);
    }
    const { Table: table } = (await this.called("DescribeTable", { TableName: tableName })) as { Table: Document };
    const indexes = (table["GlobalSecondaryIndexes"] ?? []) as Index[];
    const { Create: create, Delete: remove } = update as { Create?: Document; Delete?: Document };
    const name = String((create ?? remove)?.["IndexName"]);
    const existing = indexes.find(({ IndexName }) => IndexName === name);
    if (indexes.some(({ IndexStatus }) => IndexStatus !== "ACTIVE")) {
      throw new ServiceError(
        "ResourceInUseException",
        `Attempt to change a resource which is still in use: Table is being updated: ${tableName}`,
      );
    }
    if (remove) {
      if (!existing) throw new ServiceError("ResourceNotFoundException", "Requested resource not found");
      await this.redefine(
        tableName,
        indexes.filter((each) => each !== existing),
        undefined,
      );
    }
    if (!create) return;
    if (existing) throw invalid(`Attempting to create an index which already exists: ${name}`);
    await this.addIndex(table, indexes, create, definitions);
  }

  private async addIndex(table: Document, indexes: Index[], create: Document, definitions: Document[] | undefined): Promise<void> {
    const tableName = table["TableName"] as string;
    const attributes = merged(table["AttributeDefinitions"] as Document[], definitions ?? []);
    const own = { TableName: tableName, KeySchema: table["KeySchema"], BillingMode: "PAY_PER_REQUEST" };
    const used = usedBy([create as Index], attributes, table["KeySchema"] as Index["KeySchema"]);
    this.engine.check("CreateTable", {
      ...own,
      AttributeDefinitions: used,
      GlobalSecondaryIndexes: [without(create, ["ProvisionedThroughput"])],
    });
    const index = {
      ProvisionedThroughput: { ReadCapacityUnits: 0, WriteCapacityUnits: 0, NumberOfDecreasesToday: 0 },
      ...create,
      IndexArn: `${String(table["TableArn"])}/index/${String(create["IndexName"])}`,
      IndexSizeBytes: 0,
      ItemCount: 0,
      IndexStatus: "CREATING",
    } as unknown as Index;
    await this.redefine(tableName, [...indexes, index], attributes);
    const filled = this.engine.reindex(tableName).then(() => this.engine.redefine(tableName, withActive(index.IndexName)));
    // One that is interrupted is filled by the next start.
    const settled = filled.catch(() => undefined);
    this.filling.add(settled);
    void settled.finally(() => this.filling.delete(settled));
  }

  private async redefine(tableName: string, indexes: Index[], attributes: Document[] | undefined): Promise<void> {
    await this.engine.redefine(tableName, ({ GlobalSecondaryIndexes: _, ...table }) => ({
      ...table,
      AttributeDefinitions: usedBy(
        [...indexes, ...((table["LocalSecondaryIndexes"] ?? []) as Index[])],
        attributes ?? (table["AttributeDefinitions"] as Document[]),
        table["KeySchema"] as Index["KeySchema"],
      ),
      ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes }),
    }));
    const { Table: table } = (await this.called("DescribeTable", { TableName: tableName })) as { Table: Document };
    this.kept.set(tableName, { ...this.of(tableName), hashKeys: hashKeysOf(table) });
  }

  private description(table: Document, settings: TableSettings): Document {
    return described(table, settings, managedKeyArn(this.context, "dynamodb"));
  }

  private encryption(specification: Document | undefined): TableSettings["serverSideEncryption"] {
    const { Enabled: enabled = false, SSEType: type = "KMS", KMSMasterKeyId: key } = specification ?? {};
    if (type !== "KMS") throw invalid(`SSEType ${JSON.stringify(type)} is not supported. Use KMS.`);
    if (!enabled) {
      if (key !== undefined) throw invalid("KMSMasterKeyId must not be specified when SSE is disabled");
      return undefined;
    }
    if (typeof key !== "string") return {};
    const { region, accountId, access } = this.context;
    const kmsKeyArn = key.startsWith("arn:") ? key : `arn:aws:kms:${region}:${accountId}:${key.startsWith("alias/") ? "" : "key/"}${key}`;
    access.requireKeyOfDeployer("dynamodb", kmsKeyArn, keyUses);
    return { kmsKeyArn };
  }

  private changedEncryption(
    { serverSideEncryption: before }: TableSettings,
    specification: unknown,
  ): TableSettings["serverSideEncryption"] {
    const after = this.encryption(specification as Document | undefined);
    if (after === undefined && before === undefined) throw invalid("Table is already encrypted by default");
    if (after && before && after.kmsKeyArn === before.kmsKeyArn) throw invalid("Table is already encrypted with given KMSMasterKeyId");
    return after;
  }

  private tagged(resourceArn: unknown): { name: string; settings: TableSettings } {
    const name = /^arn:aws:dynamodb:[^:]+:\d{12}:table\/([^/]+)$/.exec(String(resourceArn))?.[1];
    if (name === undefined) throw invalid(`Invalid TableArn: Invalid ResourceArn provided as input ${String(resourceArn)}`);
    const settings = this.kept.get(name);
    if (settings) return { name, settings };
    throw new ServiceError("ResourceNotFoundException", `Requested resource not found: ResourcArn: ${String(resourceArn)} not found`);
  }

  private async called(operation: string, parameters: Document): Promise<Document> {
    const { status, body }: EngineAnswer = await this.engine.call(operation, parameters);
    if (status === 200) return body;
    const code = codeOf(body) ?? "InternalServerError";
    const table = String(parameters["TableName"]);
    // The engine has no words for this one.
    throw new ServiceError(code, messageOf(body) ?? (code === "ResourceInUseException" ? `Table already exists: ${table}` : ""), status);
  }
}

function isActive(table: Document): boolean {
  const indexes = (table["GlobalSecondaryIndexes"] ?? []) as Index[];
  return [table["TableStatus"], ...indexes.map(({ IndexStatus }) => IndexStatus)].every((status) => status === "ACTIVE");
}

function without(parameters: Document, names: readonly string[]): Document {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !names.includes(name)));
}

/** Definitions by name; later ones win. */
function merged(known: Document[], given: Document[]): Document[] {
  return [...new Map([...known, ...given].map((definition) => [definition["AttributeName"], definition])).values()];
}

/** Only attributes that are keys of something are defined. */
function usedBy(indexes: readonly Index[], definitions: Document[], keys: Index["KeySchema"]): Document[] {
  const used = new Set([...keys, ...indexes.flatMap(({ KeySchema }) => KeySchema ?? [])].map(({ AttributeName }) => AttributeName));
  return definitions.filter(({ AttributeName }) => used.has(AttributeName as string));
}

function withActive(indexName: string): (table: Document) => Document {
  return (table) => ({
    ...table,
    GlobalSecondaryIndexes: (table["GlobalSecondaryIndexes"] as Index[]).map((index) =>
      index.IndexName === indexName ? { ...index, IndexStatus: "ACTIVE" } : index,
    ),
  });
}
