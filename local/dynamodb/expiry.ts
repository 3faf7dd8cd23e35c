import type { Clock, Timer } from "../clock";
import type { Document, DynamoDbEngine } from "./engine";

/** How often expired items are looked for. The service promises days and takes minutes. */
const sweepMilliseconds = 60_000;
/** Items that expired longer ago are left alone, as the service leaves them. */
const fiveYearsSeconds = 5 * 365 * 86_400;

/** Time to live by the cloud's clock. */
export class Expiry {
  private timer: Timer;
  private sweeping = Promise.resolve();
  private closed = false;

  /** @param attributes of the tables that have one, by table */
  constructor(
    private readonly engine: DynamoDbEngine,
    private readonly clock: Clock,
    private readonly attributes: () => [tableName: string, ttlAttribute: string][],
  ) {}

  /** From the first table that has one. */
  start(): void {
    this.timer ??= this.clock.setTimeout(() => this.sweep(), sweepMilliseconds);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.clock.clearTimeout(this.timer);
    await this.sweeping;
  }

  private sweep(): void {
    this.sweeping = this.expireAll()
      // What the disk does not let go is there for the next sweep.
      .catch(() => undefined)
      .then(() => {
        if (!this.closed) this.timer = this.clock.setTimeout(() => this.sweep(), sweepMilliseconds);
      });
  }

  private async expireAll(): Promise<void> {
    for (const [tableName, ttlAttribute] of this.attributes()) await this.expire(tableName, ttlAttribute);
  }

  private async expire(TableName: string, ttlAttribute: string): Promise<void> {
    const now = Math.floor(this.clock.now() / 1000);
    const expired = {
      ExpressionAttributeNames: { "#ttl": ttlAttribute },
      ExpressionAttributeValues: { ":now": { N: String(now) }, ":old": { N: String(now - fiveYearsSeconds) } },
    };
    const condition = "#ttl < :now AND #ttl > :old";
    for await (const Key of this.engine.keys(TableName, { ...expired, FilterExpression: condition })) {
      // An item that was given more time meanwhile stays.
      await this.engine.call("DeleteItem", { TableName, Key, ...expired, ConditionExpression: condition } satisfies Document);
    }
  }
}
