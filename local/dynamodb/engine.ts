import { createRequire } from "node:module";
import { unkept, unusable } from "../kept";
import { notSupported, ServiceError } from "../wire";

/** Parameters or answer of a call, in DynamoDB's JSON. */
export type Document = Record<string, unknown>;

/** An answer of the engine: status 200, or DynamoDB's own error as status and body. */
export interface EngineAnswer {
  status: number;
  body: Document;
}

/** Where the engine keeps tables and items; dynalite's own, or what a caller makes in its place. */
export interface Store {
  tableDb: { awsAccountId: string; awsRegion: string };
  lifecycleManager: { gracefulClose(): Promise<void> };
}

/** One whose tables can be defined anew: dynalite's own. */
interface TableStore extends Store {
  tableDb: Store["tableDb"] & {
    get(name: string, callback: (error: Error | null, table: Document) => void): void;
    put(name: string, table: Document, callback: (error: Error | null) => void): void;
    del(name: string, callback: (error: Error | null) => void): void;
  };
  db: { open(): Promise<void> };
  deleteIndexDb(type: "Local" | "Global", tableName: string, indexName: string, callback: (error?: Error | null) => void): void;
}

interface Validation {
  types: Document;
  custom?: unknown;
}

interface Validations {
  checkTypes(data: Document, types: Document): Document;
  checkValidations(data: Document, types: Document, custom: unknown, store: Store): void;
}

type Action = (store: Store, data: Document, callback: (error: EngineError | null, answer: Document) => void) => void;

/** An error with what goes over the wire. */
interface EngineError extends Error {
  statusCode?: number;
  body?: Document;
}

const load = createRequire(__filename);

/** What dynalite does, and all that it does. */
const operations = [
  "BatchGetItem",
  "BatchWriteItem",
  "CreateTable",
  "DeleteItem",
  "DeleteTable",
  "DescribeTable",
  "GetItem",
  "ListTables",
  "PutItem",
  "Query",
  "Scan",
  "UpdateItem",
  "UpdateTable",
];

/** Parameters with which a call asks for what happens anyway. */
const neutral: Document = { ReturnValuesOnConditionCheckFailure: "NONE", TableClass: "STANDARD" };

/** Dynalite's own store. @param path of the folder that it keeps everything in. @default in memory */
export function createStore(region: string, accountId: string, path?: string): TableStore {
  const database = load("dynalite/db") as { create(options: object): TableStore };
  const store = database.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0, path });
  Object.assign(store.tableDb, { awsRegion: region, awsAccountId: accountId });
  return store;
}

/** Opens what is kept on a disk: dynalite would read on without it, and end the process. @throws Error that says what is wrong with it */
export async function openStore({ db }: TableStore, directory: string): Promise<void> {
  try {
    await db.open();
  } catch (error) {
    throw unusable(directory, error);
  }
}

/**
 * Dynalite without its server: the front has read the request already. Its HTTP handler would drop the parameters
 * that it doesn't know; here they are refused.
 */
export class DynamoDbEngine {
  private readonly validations = load("dynalite/validations") as Validations;
  private readonly underWay = new Set<Promise<unknown>>();
  private closing = false;
  private readonly known = new Map<string, { action: Action; validation: Validation }>();

  constructor(protected readonly store: Store) {
    for (const operation of operations) {
      const file = operation.charAt(0).toLowerCase() + operation.slice(1);
      this.known.set(operation, {
        action: load(`dynalite/actions/${file}`) as Action,
        validation: load(`dynalite/validations/${file}`) as Validation,
      });
    }
  }

  /** @throws ServiceError for an operation or parameter that isn't honoured */
  call(operation: string, parameters: Document): Promise<EngineAnswer> {
    const found = this.known.get(operation);
    if (!found) throw notSupported(`DynamoDB's ${operation}`);
    const { action, validation } = found;
    for (const [name, value] of Object.entries(parameters)) {
      if (!(name in validation.types) && neutral[name] !== value) throw notSupported(`"${name}" in DynamoDB's ${operation}`);
    }
    // Dynalite would throw out of a callback, which ends the process.
    if (this.closing) throw new ServiceError("InternalServerError", "The embedded cloud is closing.", 500);
    const answer = new Promise<EngineAnswer>((resolve, reject) => {
      const settle = (error: EngineError | null, answer: Document) => {
        if (!error) resolve({ status: 200, body: answer });
        else if (error.statusCode !== undefined && error.body !== undefined) resolve({ status: error.statusCode, body: error.body });
        else reject(error);
      };
      try {
        action(this.store, this.checked(validation, parameters), settle);
      } catch (error) {
        settle(error as EngineError, {});
      }
    });
    this.track(answer);
    return answer;
  }

  /** Validates the parameters of a call without making it. @throws ServiceError in the service's words */
  check(operation: string, parameters: Document): void {
    const { validation } = this.known.get(operation) as { validation: Validation };
    try {
      this.checked(validation, parameters);
    } catch (error) {
      const { body, message } = error as EngineError;
      throw new ServiceError(codeOf(body) ?? "ValidationException", messageOf(body) ?? message);
    }
  }

  /** Keys of a table's items, or of those that the parameters of a scan leave. */
  async *keys(TableName: string, scan: Document = {}): AsyncGenerator<Document> {
    const { body: description } = await this.call("DescribeTable", { TableName });
    const schema = (description["Table"] as { KeySchema: { AttributeName: string }[] }).KeySchema;
    let ExclusiveStartKey: unknown;
    do {
      const { body: page } = await this.call("Scan", { TableName, ...scan, ...(ExclusiveStartKey !== undefined && { ExclusiveStartKey }) });
      for (const item of (page["Items"] ?? []) as Document[]) {
        yield Object.fromEntries(schema.map(({ AttributeName: name }) => [name, item[name]]));
      }
      ExclusiveStartKey = page["LastEvaluatedKey"];
    } while (ExclusiveStartKey !== undefined);
  }

  private checked({ types, custom }: Validation, parameters: Document): Document {
    const data = this.validations.checkTypes({ ...parameters }, types);
    this.validations.checkValidations(data, types, custom, this.store);
    return data;
  }

  protected track(promise: Promise<unknown>): void {
    this.underWay.add(promise);
    void promise.catch(() => undefined).finally(() => this.underWay.delete(promise));
  }

  /** Waits for what is under way, and takes nothing more. */
  async close(): Promise<void> {
    this.closing = true;
    await Promise.allSettled(this.underWay);
    await this.store.lifecycleManager.gracefulClose();
  }
}

/** The engine with what dynalite has no operations for: indexes that come and go, and a disk that does not take everything. */
export class TableEngine extends DynamoDbEngine {
  /** Tables of which a write has failed, which may be half-made. */
  private readonly broken = new Set<string>();
  /** Makes a table whole again, before the next call to it. */
  mend: (tableName: string) => Promise<void> = () => Promise.resolve();
  private readonly define: TableStore["tableDb"]["put"];

  /** @param directory of the cloud's state; undefined where nothing is kept */
  constructor(
    protected override readonly store: TableStore,
    private readonly directory?: string,
  ) {
    super(store);
    const { tableDb } = store;
    this.define = tableDb.put.bind(tableDb);
    const remove = tableDb.del.bind(tableDb);
    // A table becomes ACTIVE, or goes, after the answer to the call that does it: nobody else hears when that fails.
    tableDb.put = (name, table, done) =>
      this.define(name, table, (error) => {
        if (error) this.broken.add(name);
        done(table["TableStatus"] === "ACTIVE" ? null : error);
      });
    tableDb.del = (name, done) =>
      remove(name, (error) => {
        if (error) this.broken.add(name);
        done(null);
      });
  }

  /** Mends those of the tables that may be half-made. @throws ServiceError when the disk still does not take it */
  async makeWhole(names: readonly string[]): Promise<void> {
    for (const name of names.filter((each) => this.broken.delete(each))) {
      try {
        await this.mend(name);
      } catch (error) {
        this.broken.add(name);
        throw error;
      }
    }
  }

  override async call(operation: string, parameters: Document): Promise<EngineAnswer> {
    const names = tablesOf(parameters);
    await this.makeWhole(names);
    try {
      return await super.call(operation, parameters);
    } catch (error) {
      if (error instanceof ServiceError || this.directory === undefined) throw error;
      for (const name of names) this.broken.add(name);
      throw unkept(this.directory, error);
    }
  }

  /**
   * Changes a table's description and the indexes that are no longer in it. Whoever adds an index fills it by {@link reindex}.
   *
   * @param change of what DescribeTable answers
   */
  async redefine(tableName: string, change: (table: Document) => Document): Promise<void> {
    const { tableDb } = this.store;
    const before = await called<Document | undefined>((done) => tableDb.get(tableName, done));
    if (before === undefined)
      throw new ServiceError("ResourceNotFoundException", `Requested resource not found: Table: ${tableName} not found`);
    const after = change(before);
    await called<void>((done) => this.define(tableName, after, done)).catch((error: unknown) => {
      throw this.directory === undefined ? error : unkept(this.directory, error);
    });
    const kept = indexNames(after, "Global");
    for (const name of indexNames(before, "Global")) {
      if (!kept.includes(name)) await called<void>((done) => this.store.deleteIndexDb("Global", tableName, name, done));
    }
  }

  /** Makes a table's indexes anew from its items. */
  async rebuild(tableName: string): Promise<void> {
    const table = await called<Document>((done) => this.store.tableDb.get(tableName, done));
    for (const type of ["Local", "Global"] as const) {
      for (const name of indexNames(table, type)) await called<void>((done) => this.store.deleteIndexDb(type, tableName, name, done));
    }
    await this.reindex(tableName);
  }

  /** Writes every item into the table's indexes once more, while others read and write. */
  async reindex(TableName: string): Promise<void> {
    const filling = (async () => {
      for await (const Key of this.keys(TableName)) {
        const [hashKey] = Object.keys(Key);
        const unchanged = { ConditionExpression: "attribute_exists(#key)", ExpressionAttributeNames: { "#key": hashKey } };
        await this.call("UpdateItem", { TableName, Key, ...unchanged });
      }
    })();
    this.track(filling);
    await filling;
  }
}

/** The tables that a call is about. */
function tablesOf({ TableName: name, RequestItems: batch }: Document): string[] {
  return typeof name === "string" ? [name] : Object.keys(batch ?? {});
}

/** An error's code, without the namespace before it. */
export function codeOf(body: Document | undefined): string | undefined {
  const type = body?.["__type"];
  return typeof type === "string" ? type.split("#").at(-1) : undefined;
}

/** An error's words; undefined where the engine has none. */
export function messageOf(body: Document | undefined): string | undefined {
  const message = body?.["message"] ?? body?.["Message"];
  return typeof message === "string" && message !== "" ? message : undefined;
}

function indexNames(table: Document, type: "Local" | "Global"): string[] {
  return ((table[`${type}SecondaryIndexes`] ?? []) as { IndexName: string }[]).map(({ IndexName }) => IndexName);
}

function called<Value>(call: (done: (error?: Error | null, value?: Value) => void) => void): Promise<Value> {
  return new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value as Value))));
}
