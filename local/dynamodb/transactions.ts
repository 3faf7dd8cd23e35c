import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../clock";
import type { Keeper, Kept } from "../kept";
import { notSupported, ServiceError } from "../wire";
import { codeOf, messageOf, type Document, type EngineAnswer, type TableEngine } from "./engine";

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const mostItems = 100;
const tokenMilliseconds = 10 * 60_000;

/** What an item of a transaction does, by the name of its member. A check writes nothing that stays. */
const writes = { Put: "PutItem", Update: "UpdateItem", Delete: "DeleteItem", ConditionCheck: "UpdateItem" } as const;

/** Whether an operation writes one item under a condition. */
export function isWrite(operation: string): boolean {
  return Object.values<string>(writes).includes(operation);
}

interface Write {
  member: keyof typeof writes;
  tableName: string;
  key: Document;
  /** Of the engine's operation. */
  parameters: Document;
  givesOld: boolean;
}

/** An item as it was; undefined for one that was not there. Plain values only. */
interface Before {
  tableName: string;
  key: Document;
  item?: Document | undefined;
}

/** Why one item of a transaction stands in its way; `None` for one that does not. */
interface Reason {
  Code: string;
  Message?: string;
  Item?: Document;
}

/** Lets calls run beside each other, and a transaction by itself: nobody sees half of one. */
export class Turns {
  private readonly running = new Set<Promise<unknown>>();
  private alone: Promise<unknown> | undefined;

  /** Beside others, and never within a transaction. */
  async beside<Result>(work: () => Promise<Result>): Promise<Result> {
    while (this.alone) await this.alone.catch(() => undefined);
    return this.track(work());
  }

  /** When all that runs has ended. */
  async byItself<Result>(work: () => Promise<Result>): Promise<Result> {
    while (this.alone) await this.alone.catch(() => undefined);
    const before = Promise.allSettled(this.running);
    const turn = before.then(work).finally(() => (this.alone = undefined));
    this.alone = turn;
    return turn;
  }

  private track<Result>(work: Promise<Result>): Promise<Result> {
    this.running.add(work);
    void work.catch(() => undefined).finally(() => this.running.delete(work));
    return work;
  }
}

/**
 * Transactions over the items of any tables. The engine has none: each write is made for itself, under its own condition, and all of
 * them are taken back when one is refused, or when the cloud was killed in between.
 */
export class Transactions {
  /** What the items of the transaction under way were before. */
  private readonly undo: Kept<Before[]>;
  private readonly tokens = new Map<string, { items: unknown; at: number }>();

  constructor(
    private readonly engine: TableEngine,
    private readonly clock: Clock,
    keeper: Keeper,
  ) {
    this.undo = keeper.map<Before[]>("dynamodb.transaction");
  }

  /** Takes back the half of a transaction in which the cloud was killed. */
  async recover(): Promise<void> {
    const before = this.undo.get("now");
    if (before) await this.restore(before);
  }

  /** TransactWriteItems, to be called by itself. */
  async write(parameters: Document): Promise<EngineAnswer> {
    const { TransactItems: items, ClientRequestToken: given, ...others } = parameters;
    const token = typeof given === "string" ? given : undefined;
    refuseOthers("TransactWriteItems", others);
    const listed = requireItems(items);
    if (token !== undefined && this.isRepeated(token, items)) return { status: 200, body: {} };
    const planned: Write[] = [];
    for (const item of listed) planned.push(await this.plan(item));
    const places = new Set(planned.map(({ tableName, key }) => JSON.stringify([tableName, key])));
    if (places.size < planned.length) throw invalid("Transaction request cannot include multiple operations on one item");
    const reasons = await this.carryOut(planned);
    if (reasons.every(({ Code }) => Code === "None")) {
      if (token !== undefined) this.tokens.set(token, { items, at: this.clock.now() });
      return { status: 200, body: {} };
    }
    return cancelled(reasons);
  }

  /** TransactGetItems, to be called by itself. */
  async get(parameters: Document): Promise<EngineAnswer> {
    const { TransactItems: items, ...others } = parameters;
    refuseOthers("TransactGetItems", others);
    const Responses: Document[] = [];
    for (const item of requireItems(items)) {
      const { Get: get, ...rest } = item;
      if (get === undefined || Object.keys(rest).length > 0) throw oneOf("TransactGetItem", ["Get"]);
      const { status, body } = await this.engine.call("GetItem", { ...(get as Document), ConsistentRead: true });
      if (status !== 200) return { status, body };
      Responses.push(body);
    }
    return { status: 200, body: { Responses } };
  }

  /** A write that answers a refused condition with the item that is there, to be called by itself. */
  async withOld(operation: string, parameters: Document): Promise<EngineAnswer> {
    const answer = await this.engine.call(operation, parameters);
    if (codeOf(answer.body) !== "ConditionalCheckFailedException") return answer;
    const tableName = String(parameters["TableName"]);
    const key = await this.keyOf(tableName, parameters);
    const item = await this.read(tableName, key);
    return item ? { ...answer, body: { ...answer.body, Item: item } } : answer;
  }

  private isRepeated(token: string, items: unknown): boolean {
    const now = this.clock.now();
    for (const [known, { at }] of this.tokens) if (now - at > tokenMilliseconds) this.tokens.delete(known);
    const before = this.tokens.get(token);
    if (before && !isDeepStrictEqual(before.items, items)) {
      throw new ServiceError("IdempotentParameterMismatchException", "The provided client token has been used with different parameters");
    }
    return before !== undefined;
  }

  private async plan(item: Document): Promise<Write> {
    const [member, ...more] = Object.keys(item);
    if (member === undefined || more.length > 0 || !Object.hasOwn(writes, member)) throw oneOf("TransactWriteItem", Object.keys(writes));
    const { ReturnValuesOnConditionCheckFailure: returned, ...parameters } = item[member] as Document;
    const write = member as keyof typeof writes;
    if (write === "ConditionCheck" && parameters["ConditionExpression"] === undefined) {
      throw invalid("The expression can not be empty; ConditionCheck needs a ConditionExpression");
    }
    const tableName = String(parameters["TableName"]);
    this.engine.check(writes[write], parameters);
    const key = await this.keyOf(tableName, parameters);
    return { member: write, tableName, key, parameters, givesOld: returned === "ALL_OLD" };
  }

  /** The key of an item that is written whole, or that is named by its key. */
  private async keyOf(TableName: string, { Item: item, Key: key }: Document): Promise<Document> {
    const { status, body } = await this.engine.call("DescribeTable", { TableName });
    if (status !== 200) throw new ServiceError(codeOf(body) ?? "ResourceNotFoundException", "Requested resource not found");
    const { KeySchema: schema } = body["Table"] as { KeySchema: { AttributeName: string }[] };
    const from = (item ?? key) as Document;
    const missing = schema.find(({ AttributeName: name }) => from[name] === undefined)?.AttributeName;
    if (missing !== undefined && item === undefined) throw invalid("The provided key element does not match the schema");
    if (missing !== undefined) throw invalid(`One or more parameter values were invalid: Missing the key ${missing} in the item`);
    return Object.fromEntries(schema.map(({ AttributeName: name }) => [name, from[name]]));
  }

  /** Makes all writes, or none. @returns a reason for each of them */
  private async carryOut(planned: readonly Write[]): Promise<Reason[]> {
    const before: Before[] = [];
    for (const { tableName, key } of planned) before.push({ tableName, key, item: await this.read(tableName, key) });
    this.undo.set("now", before);
    const reasons: Reason[] = [];
    try {
      for (const [at, write] of planned.entries()) reasons.push(await this.attempt(write, before[at]?.item));
    } catch (error) {
      await this.restore(before);
      throw error;
    }
    const isDone = reasons.every(({ Code }) => Code === "None");
    // A check of an item that is not there has made an empty one.
    await this.restore(isDone ? before.filter((_, at) => planned[at]?.member === "ConditionCheck") : before);
    return reasons;
  }

  private async attempt({ member, parameters, givesOld }: Write, old: Document | undefined): Promise<Reason> {
    const { status, body } = await this.engine.call(writes[member], parameters);
    if (status === 200) return { Code: "None" };
    const code = codeOf(body);
    const message = messageOf(body) ?? "";
    if (code === "ConditionalCheckFailedException") {
      return { Code: "ConditionalCheckFailed", Message: "The conditional request failed", ...(givesOld && old && { Item: old }) };
    }
    if (code === "ValidationException") return { Code: "ValidationError", Message: message };
    throw new ServiceError(code ?? "InternalServerError", message, status);
  }

  private async read(TableName: string, Key: Document): Promise<Document | undefined> {
    const { status, body } = await this.engine.call("GetItem", { TableName, Key, ConsistentRead: true });
    if (status !== 200) throw invalid(messageOf(body) ?? "The provided key element does not match the schema");
    return body["Item"] as Document | undefined;
  }

  private async restore(before: readonly Before[]): Promise<void> {
    for (const { tableName: TableName, key: Key, item: Item } of before) {
      await (Item ? this.engine.call("PutItem", { TableName, Item }) : this.engine.call("DeleteItem", { TableName, Key }));
    }
    this.undo.delete("now");
  }
}

function refuseOthers(operation: string, others: Document): void {
  const neutral: Document = { ReturnConsumedCapacity: "NONE", ReturnItemCollectionMetrics: "NONE" };
  const other = Object.entries(others).find(([name, value]) => neutral[name] !== value);
  if (other) throw notSupported(`"${other[0]}" in DynamoDB's ${operation}`);
}

function requireItems(items: unknown): Document[] {
  const given = Array.isArray(items) ? (items as Document[]) : [];
  const bound = given.length === 0 ? "greater than or equal to 1" : `less than or equal to ${mostItems}`;
  if (given.length > 0 && given.length <= mostItems) return given;
  const words = `Member must have length ${bound}`;
  throw invalid(`1 validation error detected: Value '${JSON.stringify(given)}' at 'transactItems' failed to satisfy constraint: ${words}`);
}

function oneOf(member: string, names: readonly string[]): ServiceError {
  return invalid(`${member}s must contain exactly one of ${names.join(", ")}`);
}

function cancelled(reasons: readonly Reason[]): EngineAnswer {
  const codes = reasons.map(({ Code }) => Code).join(", ");
  return {
    status: 400,
    body: {
      __type: "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
      Message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
      CancellationReasons: reasons,
    },
  };
}

function invalid(message: string): ServiceError {
  return new ServiceError("ValidationException", message);
}
