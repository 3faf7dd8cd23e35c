import { isoTime } from "../../core/records/isoTime";
import type { JobRecord } from "../../core/records/job";
import { jobTable } from "../../core/records/table";
import type { ItemReads } from "../plainItems";
import { call } from "./calls";
import type { ServiceClock } from "../../core/serviceClock";

/** The job table and who asks it. */
export interface Table {
  items: ItemReads;
  tableName: string;
  tableArn: string;
  clock: ServiceClock;
}

/**
 * How far each look reaches back behind the one before. An end is stamped before it is written, a write
 * that the SDK sends again comes seconds later, and the index follows the table by a fraction of a second.
 */
const overlapMilliseconds = 5000;

/**
 * How far one look a minute reaches back: the stamp is the writer's clock, and AWS takes no signature of a clock
 * that is further off than 15 minutes. Costs by ends, not by jobs that are open.
 */
const skewMilliseconds = 15 * 60_000;
const wideIntervalMilliseconds = 60_000;

/**
 * The ends of one waiter's jobs, as they come.
 *
 * What time it is for those who stamp ends is told by the ends: it is no earlier than the newest stamp, and goes on from there.
 * The service's time keeps an end from the future, which a fast clock has stamped, from hiding those to come.
 */
export class EndedIndex {
  /** The newest stamp, and when it was seen. */
  private newest: { stamp: number; seenAt: number } | undefined;
  /** When the last look began that was answered. */
  private lookedAt: number;
  private readonly startedAt: number;
  private wideAt = 0;

  constructor(
    private readonly table: Table,
    private readonly waiter: string,
  ) {
    this.startedAt = this.lookedAt = table.clock.now();
  }

  /** Tells of every end since the last look, and of some again. @throws AsyncInferenceError */
  async look(tell: (job: JobRecord) => void, signal: AbortSignal): Promise<void> {
    const { items, tableName, tableArn, clock } = this.table;
    const { name, hashKey, rangeKey } = jobTable.indexes.ended;
    const now = clock.now();
    const isWide = now >= this.wideAt;
    const after = isoTime(this.from(now, isWide));
    const needed = { action: "dynamodb:Query", resource: `${tableArn}/index/${name}` };
    let ExclusiveStartKey: object | undefined;
    do {
      const query = {
        TableName: tableName,
        IndexName: name,
        KeyConditionExpression: "#waiter = :waiter AND #endedAt > :after",
        ExpressionAttributeNames: { "#waiter": hashKey, "#endedAt": rangeKey },
        ExpressionAttributeValues: { ":waiter": this.waiter, ":after": after },
        ExclusiveStartKey,
      };
      const page = await call(clock, signal, needed, (options) => items.query(query, options));
      for (const job of (page.Items ?? []) as unknown as JobRecord[]) {
        this.see(Date.parse(job.endedAt as string), now);
        tell(job);
      }
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    // A look that failed half-way is made again as it was.
    this.lookedAt = now;
    if (isWide) this.wideAt = now + wideIntervalMilliseconds;
  }

  private see(stamp: number, seenAt: number): void {
    if (this.newest === undefined || stamp > this.writersTime(this.newest, seenAt)) this.newest = { stamp, seenAt };
  }

  private writersTime({ stamp, seenAt }: { stamp: number; seenAt: number }, time: number): number {
    return stamp + time - seenAt;
  }

  private from(now: number, isWide: boolean): number {
    // Nothing seen yet: the waiter's part of the index is empty, or new to us, so that reaching far costs nothing.
    const { clock } = this.table;
    if (this.newest === undefined) return clock.stamp(this.startedAt) - skewMilliseconds - overlapMilliseconds;
    const narrow = Math.min(this.writersTime(this.newest, this.lookedAt), clock.stamp(now)) - overlapMilliseconds;
    return isWide ? narrow - skewMilliseconds - wideIntervalMilliseconds : narrow;
  }
}
