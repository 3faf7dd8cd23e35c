import type { Clock, Timer } from "../clock";
import { ServiceError } from "../wire";
import type { Document, DynamoDbEngine } from "./engine";

/** What a table has that the engine doesn't know of. */
export interface TableSettings {
  createdAt: number;
  /** Partition keys: the table's as "", and each index's. */
  hashKeys: Readonly<Record<string, string>>;
  /** Attribute that holds the second at which an item expires. */
  ttlAttribute?: string | undefined;
  pointInTimeRecovery?: { recoveryPeriodInDays: number } | undefined;
  serverSideEncryption?: { kmsKeyArn?: string | undefined } | undefined;
  deletionProtection: boolean;
}

/** Partition keys of a table as CreateTable is told them. */
export function hashKeysOf(input: Document): Record<string, string> {
  const indexes = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"].flatMap((name) => (input[name] ?? []) as Document[]);
  const named = indexes.map((index): [string, string] => [index["IndexName"] as string, hashKeyOf(index)]);
  return { "": hashKeyOf(input), ...Object.fromEntries(named) };
}

function hashKeyOf({ KeySchema: keys }: Document): string {
  return (keys as { AttributeName: string; KeyType: string }[]).find(({ KeyType }) => KeyType === "HASH")?.AttributeName ?? "";
}

/** How often expired items are looked for. The service promises days and takes minutes. */
const sweepMilliseconds = 60_000;
/** Items that expired longer ago are left alone, as the service leaves them. */
const fiveYearsSeconds = 5 * 365 * 86_400;

/** The tables' settings, and time to live by the cloud's clock. */
export class Tables {
  private readonly settings = new Map<string, TableSettings>();
  private timer: Timer;
  private sweeping = Promise.resolve();
  private closed = false;

  constructor(
    private readonly engine: DynamoDbEngine,
    private readonly clock: Clock,
  ) {}

  /** @throws ServiceError as the service does when there is no such table */
  of(tableName: string): TableSettings {
    const found = this.settings.get(tableName);
    if (found) return found;
    throw new ServiceError("ResourceNotFoundException", `Requested resource not found: Table: ${tableName} not found`);
  }

  has(tableName: string): boolean {
    return this.settings.has(tableName);
  }

  set(tableName: string, settings: TableSettings): void {
    this.settings.set(tableName, settings);
    if (settings.ttlAttribute !== undefined) this.timer ??= this.clock.setTimeout(() => this.sweep(), sweepMilliseconds);
  }

  delete(tableName: string): void {
    this.settings.delete(tableName);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.clock.clearTimeout(this.timer);
    await this.sweeping;
  }

  private sweep(): void {
    this.sweeping = this.expireAll().finally(() => {
      if (!this.closed) this.timer = this.clock.setTimeout(() => this.sweep(), sweepMilliseconds);
    });
  }

  private async expireAll(): Promise<void> {
    for (const [tableName, { ttlAttribute }] of this.settings) {
      if (ttlAttribute !== undefined) await this.expire(tableName, ttlAttribute);
    }
  }

  private async expire(TableName: string, ttlAttribute: string): Promise<void> {
    const { body: description } = await this.engine.call("DescribeTable", { TableName });
    const keys = (description["Table"] as { KeySchema: { AttributeName: string }[] }).KeySchema.map(({ AttributeName }) => AttributeName);
    const now = Math.floor(this.clock.now() / 1000);
    const expired = {
      ExpressionAttributeNames: { "#ttl": ttlAttribute },
      ExpressionAttributeValues: { ":now": { N: String(now) }, ":old": { N: String(now - fiveYearsSeconds) } },
    };
    let ExclusiveStartKey: unknown;
    do {
      const { body: page } = await this.engine.call("Scan", {
        TableName,
        ...expired,
        FilterExpression: "#ttl < :now AND #ttl > :old",
        ...(ExclusiveStartKey !== undefined && { ExclusiveStartKey }),
      });
      for (const item of (page["Items"] ?? []) as Document[]) {
        const Key = Object.fromEntries(keys.map((key) => [key, item[key]]));
        // An item that was given more time meanwhile stays.
        await this.engine.call("DeleteItem", { TableName, Key, ...expired, ConditionExpression: "#ttl < :now AND #ttl > :old" });
      }
      ExclusiveStartKey = page["LastEvaluatedKey"];
    } while (ExclusiveStartKey !== undefined);
  }
}
