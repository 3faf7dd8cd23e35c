import { createRequire } from "node:module";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { DynamoDbEngine, type Document, type Store } from "../local/dynamodb/engine";
import { serviceError, type Caller, type Input, type ServiceDouble } from "./sdk";

type Item = Record<string, Record<string, unknown>>;
type Callback<Result> = (error: Error | null, result?: Result) => void;

/** One applied write of one item. */
export interface Write {
  at: number;
  by: string;
  key: string;
  before: Input | undefined;
  after: Input | undefined;
}

/** A table as CreateTable describes it. */
export interface TableDefinition {
  TableName: string;
  AttributeDefinitions: { AttributeName: string; AttributeType: string }[];
  KeySchema: { AttributeName: string; KeyType: string }[];
  GlobalSecondaryIndexes: {
    IndexName: string;
    KeySchema: { AttributeName: string; KeyType: string }[];
    Projection: { ProjectionType: string; NonKeyAttributes?: string[] };
  }[];
}

/** What dynalite's parser leaves in a query. */
interface Parsed extends Document {
  _keyCondition?: { expression: unknown };
  _filter?: { expression: unknown };
}

/** One for all: to collect its stack anew for every job that is not there yet takes a tenth of a simulation. */
const notFound = Object.assign(new Error("not found"), { name: "NotFoundError" });

const load = createRequire(__filename);
const { matchesExprFilter } = load("dynalite/db") as { matchesExprFilter: (item: Item, expression: unknown) => boolean };
/** Parses a call's expressions and leaves them in the call; answers with what is wrong with them. */
const { validateExpressions } = load("dynalite/validations") as { validateExpressions: (parsed: Parsed) => string | undefined };

/**
 * DynamoDB in memory: dynalite's own validation, condition and update expressions over a store that answers at once.
 * What it answers is held to real dynalite by a property test.
 */
export class DynamoDbDouble {
  readonly history: Write[] = [];
  private readonly items = new Map<string, Item>();
  /** What the indexes know: they follow the table. */
  private readonly indexed = new Map<string, Item>();
  private readonly engine: DynamoDbEngine;
  /** Items as the document client reads them: each is read many times, and written once. */
  private readonly records = new WeakMap<Item, Input>();
  private writer = "";
  /** Called with the key of each item that is read, and by whom. */
  onRead: (key: string, by: string) => void = () => undefined;
  /** Called with each write that was applied. */
  onWrite: (write: Write) => void = () => undefined;

  constructor(
    private readonly table: TableDefinition,
    private readonly now: () => number,
    /** Without, every condition holds: what the check of the check needs. */
    private readonly conditionalWrites = true,
    /** Runs something when an index has caught up. */
    private readonly later: (run: () => void) => void = (run) => run(),
  ) {
    this.engine = new DynamoDbEngine(this.store());
  }

  /** The record with a key, as the document client reads it. */
  item(key: string): Input | undefined {
    return this.read(this.items.get(key));
  }

  private read(item: Item | undefined): Input | undefined {
    if (item === undefined) return undefined;
    const record = this.records.get(item) ?? unmarshalled(item);
    this.records.set(item, record);
    return record;
  }

  /** Every key there is. */
  keys(): string[] {
    return [...this.items.keys()];
  }

  readonly operations: ServiceDouble = {
    Get: (input, { caller }) => {
      this.onRead(String((input["Key"] as Input)["jobId"]), caller.functionName);
      return this.call("GetItem", input);
    },
    Put: (input, { caller }) => this.write("PutItem", input, caller),
    Update: (input, { caller }) => this.write("UpdateItem", input, caller),
    Delete: (input, { caller }) => this.write("DeleteItem", input, caller),
    Query: async (input) => this.query(input),
  };

  private write(operation: string, input: Input, caller: Caller): Promise<Input> {
    this.writer = caller.functionName;
    if (this.conditionalWrites) return this.call(operation, input);
    const { ConditionExpression: ignored, ...rest } = input;
    return this.call(operation, unused(rest, String(ignored)));
  }

  private async call(operation: string, input: Input): Promise<Input> {
    const { status, body } = await this.engine.call(operation, wired(input));
    if (status === 200) return plain(body);
    throw serviceError(String(body["__type"]).split("#").at(-1) as string, String(body["message"] ?? body["Message"]), status);
  }

  /** Over a sparse index, in the order of its range key; every projected attribute is there to read. */
  private query(input: Input): Input {
    const index = this.table.GlobalSecondaryIndexes.find(({ IndexName }) => IndexName === input["IndexName"]);
    if (!index)
      throw serviceError("ValidationException", `The table does not have the specified index: ${String(input["IndexName"])}`, 400);
    const keys = index.KeySchema.map(({ AttributeName }) => AttributeName);
    const range = keys[1] as string;
    const tableKey = (this.table.KeySchema[0] as { AttributeName: string }).AttributeName;
    const parsed: Parsed = wired(input);
    const problem = validateExpressions(parsed);
    if (problem !== undefined) throw serviceError("ValidationException", problem, 400);
    const from = parsed["ExclusiveStartKey"] as Item | undefined;
    const matching = (condition: { expression: unknown } | undefined) => (item: Item) =>
      condition === undefined || matchesExprFilter(item, condition.expression);
    const orderOf = (item: Item) => `${String(Object.values(item[range] ?? {})[0])}\u0000${String(item[tableKey]?.["S"])}`;
    const direction = input["ScanIndexForward"] === false ? -1 : 1;
    const compare = (one: Item, other: Item) =>
      orderOf(one) < orderOf(other) ? -direction : orderOf(one) > orderOf(other) ? direction : 0;
    const rest = [...this.indexed.values()]
      .filter((item) => keys.every((key) => key in item) && matching(parsed._keyCondition)(item))
      .filter((item) => from === undefined || compare(item, from) > 0)
      .sort(compare);
    const limit = (input["Limit"] as number | undefined) ?? 1000;
    const page = rest.slice(0, limit);
    const last = page.at(-1);
    const shown = page.filter(matching(parsed._filter)).map((item) => projected(item, index.Projection, [...keys, tableKey]));
    return {
      ...(input["Select"] === "COUNT" ? {} : { Items: shown.map((item) => unmarshalled(item)) }),
      Count: shown.length,
      ScannedCount: page.length,
      // A full page is never known to be the last.
      ...(page.length === limit && last
        ? { LastEvaluatedKey: unmarshall(Object.fromEntries([...keys, tableKey].map((key) => [key, last[key]])) as never) }
        : {}),
    };
  }

  /** What dynalite's actions ask of a store, answered synchronously: a call is one step of the simulation. */
  private store(): Store {
    const { items } = this;
    // Indexes are not kept but looked up: the actions then have nothing to do for them.
    const table = { ...this.table, TableStatus: "ACTIVE", GlobalSecondaryIndexes: undefined };
    // The table has no range key: dynalite's key is one way to write the hash key.
    const byKey = {
      lock: (_key: string, run: (release: <Of>(callback: Of) => Of) => void) => run((callback) => callback),
      get(key: string, callback: Callback<Item>) {
        const item = items.get(keyIn(key));
        if (item) callback(null, item);
        else callback(notFound);
      },
      put: (key: string, item: Item, callback: Callback<void>) => {
        this.record(keyIn(key), items.get(keyIn(key)), item);
        items.set(keyIn(key), item);
        this.later(() => this.index(keyIn(key)));
        callback(null);
      },
      del: (key: string, callback: Callback<void>) => {
        this.record(keyIn(key), items.get(keyIn(key)), undefined);
        items.delete(keyIn(key));
        this.later(() => this.index(keyIn(key)));
        callback(null);
      },
    };
    const store = {
      options: { maxItemSize: 400 * 1024 },
      tableDb: { awsAccountId: "", awsRegion: "" },
      lifecycleManager: { gracefulClose: () => Promise.resolve() },
      getTable: (_name: string, callback: Callback<object>) => callback(null, table),
      getItemDb: () => byKey,
    };
    return store;
  }

  private index(key: string): void {
    const item = this.items.get(key);
    if (item) this.indexed.set(key, item);
    else this.indexed.delete(key);
  }

  private record(key: string, before: Item | undefined, after: Item | undefined): void {
    const write = { at: this.now(), by: this.writer, key, before: this.read(before), after: this.read(after) };
    this.history.push(write);
    this.onWrite(write);
  }
}

/** Dynalite writes a string key as `<prefix>/<hexadecimal digits>/`. */
function keyIn(key: string): string {
  return Buffer.from(key.split("/")[1] ?? "", "hex").toString();
}

function projected(
  item: Item,
  { ProjectionType, NonKeyAttributes = [] }: TableDefinition["GlobalSecondaryIndexes"][number]["Projection"],
  keys: string[],
): Item {
  if (ProjectionType === "ALL") return item;
  return Object.fromEntries(Object.entries(item).filter(([name]) => keys.includes(name) || NonKeyAttributes.includes(name)));
}

const documents = ["Item", "Key", "ExpressionAttributeValues", "ExclusiveStartKey"];

/** A document client's input in DynamoDB's JSON. */
function wired(input: Input): Document {
  const marshalled = (value: unknown) => {
    const item = Object.entries(marshall(value, { removeUndefinedValues: true }) as Item);
    return Object.fromEntries(
      item.map(([name, of]) => [name, "B" in of ? { B: Buffer.from(of["B"] as Uint8Array).toString("base64") } : of]),
    );
  };
  return Object.fromEntries(given(input).map(([name, value]) => [name, documents.includes(name) ? marshalled(value) : value]));
}

/** DynamoDB's answer as a document client reads it. */
function plain(body: Document): Input {
  return Object.fromEntries(
    given(body).map(([name, value]) => [name, ["Item", "Attributes"].includes(name) ? unmarshalled(value as Item) : value]),
  );
}

/** Bytes are text on the wire, and in the table behind it. */
function unmarshalled(item: Item): Input {
  const read = Object.entries(item).map(([name, value]) => [name, "B" in value ? { B: Buffer.from(String(value["B"]), "base64") } : value]);
  return unmarshall(Object.fromEntries(read) as never) as Input;
}

/** As over the wire: what is undefined is not there. */
function given(object: object): [string, unknown][] {
  return Object.entries(object).filter(([, value]) => value !== undefined);
}

/** Without its condition a call may not name what only the condition used. */
function unused(input: Input, condition: string): Input {
  const text = (input["UpdateExpression"] as string | undefined) ?? "";
  const kept = (of: unknown) => {
    const named = Object.entries((of ?? {}) as Input).filter(
      ([name]) => !new RegExp(`${name}\\b`).test(condition) || new RegExp(`${name}\\b`).test(text),
    );
    return named.length === 0 ? undefined : Object.fromEntries(named);
  };
  return {
    ...input,
    ExpressionAttributeNames: kept(input["ExpressionAttributeNames"]),
    ExpressionAttributeValues: kept(input["ExpressionAttributeValues"]),
  };
}
