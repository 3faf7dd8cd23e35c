import { ServiceError } from "../wire";
import type { Document } from "./engine";

/** What a table has that the engine doesn't know of. Kept as it is: plain values only. */
export interface TableSettings {
  /** A UUID of its own. */
  tableId: string;
  /** Milliseconds of the cloud's clock. */
  createdAt: number;
  /** Partition keys: the table's as "", and each index's. */
  hashKeys: Readonly<Record<string, string>>;
  /** Attribute that holds the second at which an item expires. */
  ttlAttribute?: string | undefined;
  pointInTimeRecovery?: { recoveryPeriodInDays: number; since: number } | undefined;
  /** Undefined for a table that is encrypted with a key of DynamoDB's own, which nobody sees. */
  serverSideEncryption?: { kmsKeyArn?: string | undefined } | undefined;
  deletionProtection: boolean;
  tags: Readonly<Record<string, string>>;
}

type Key = { AttributeName: string; KeyType: string };

/** Partition keys of a table as CreateTable and DescribeTable have them. */
export function hashKeysOf(table: Document): Record<string, string> {
  const indexes = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"].flatMap((name) => (table[name] ?? []) as Document[]);
  const named = indexes.map((index): [string, string] => [index["IndexName"] as string, hashKeyOf(index)]);
  return { "": hashKeyOf(table), ...Object.fromEntries(named) };
}

function hashKeyOf({ KeySchema: keys }: Document): string {
  return (keys as Key[]).find(({ KeyType }) => KeyType === "HASH")?.AttributeName ?? "";
}

/** Adds to the engine's description of a table what the engine doesn't know. @param managedKeyArn DynamoDB's own key of the account */
export function described(table: Document, settings: TableSettings, managedKeyArn: string): Document {
  const { tableId, createdAt, deletionProtection, serverSideEncryption } = settings;
  // The engine has a summary that DynamoDB doesn't, and ids that are no UUIDs.
  const { TableThroughputModeSummary: _, ...own } = table;
  const indexes = table["GlobalSecondaryIndexes"] as Document[] | undefined;
  return {
    ...own,
    TableId: tableId,
    CreationDateTime: createdAt / 1000,
    DeletionProtectionEnabled: deletionProtection,
    WarmThroughput: warmThroughput(table, table["TableStatus"]),
    ...(indexes && {
      GlobalSecondaryIndexes: indexes.map((index) => ({ ...index, WarmThroughput: warmThroughput(index, index["IndexStatus"]) })),
    }),
    ...(serverSideEncryption && {
      SSEDescription: { Status: "ENABLED", SSEType: "KMS", KMSMasterKeyArn: serverSideEncryption.kmsKeyArn ?? managedKeyArn },
    }),
  };
}

/**
 * What a table takes at once: its capacity, and what AWS starts a table with that has none of its own. The provider waits for it.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html
 */
function warmThroughput({ ProvisionedThroughput: capacity }: Document, status: unknown): Document {
  const { ReadCapacityUnits: read = 0, WriteCapacityUnits: write = 0 } = (capacity ?? {}) as Record<string, number>;
  const Status = status === "ACTIVE" ? "ACTIVE" : "UPDATING";
  return read === 0 && write === 0
    ? { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 4_000, Status }
    : { ReadUnitsPerSecond: read, WriteUnitsPerSecond: write, Status };
}

/** What DescribeContinuousBackups answers. */
export function backups({ pointInTimeRecovery }: TableSettings, now: number): Document {
  const recovery = pointInTimeRecovery
    ? {
        PointInTimeRecoveryStatus: "ENABLED",
        RecoveryPeriodInDays: pointInTimeRecovery.recoveryPeriodInDays,
        EarliestRestorableDateTime: pointInTimeRecovery.since / 1000,
        LatestRestorableDateTime: now / 1000,
      }
    : { PointInTimeRecoveryStatus: "DISABLED" };
  return { ContinuousBackupsDescription: { ContinuousBackupsStatus: "ENABLED", PointInTimeRecoveryDescription: recovery } };
}

/** The attribute that expires items after a change. @throws ServiceError as the service does for what is no change, or two at once */
export function timeToLive(current: string | undefined, specification: Document | undefined): string | undefined {
  const { Enabled: enabled, AttributeName: name } = specification ?? {};
  if (typeof enabled !== "boolean" || typeof name !== "string" || name === "") {
    throw invalid("TimeToLiveSpecification must have Enabled and AttributeName");
  }
  if (current === undefined && !enabled) throw invalid("TimeToLive is already disabled");
  if (current !== undefined && current !== name) {
    throw invalid(`TimeToLive is active on a different AttributeName: current AttributeName is ${current}`);
  }
  if (current !== undefined && enabled) throw invalid("TimeToLive is already enabled");
  return enabled ? name : undefined;
}

/** @throws ServiceError as the service refuses a specification */
export function recovery(specification: Document | undefined, now: number): TableSettings["pointInTimeRecovery"] {
  const { PointInTimeRecoveryEnabled: enabled, RecoveryPeriodInDays: days = 35 } = specification ?? {};
  if (typeof enabled !== "boolean") throw invalid("PointInTimeRecoveryEnabled must not be null");
  if (typeof days !== "number" || !Number.isInteger(days) || days < 1 || days > 35) {
    throw invalid("RecoveryPeriodInDays must be between 1 and 35");
  }
  return enabled ? { recoveryPeriodInDays: days, since: now } : undefined;
}

/** Tags from a list of them. @throws ServiceError as the service refuses them */
export function readTags(list: unknown): Record<string, string> {
  const tags = Object.fromEntries(((list ?? []) as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value]));
  requireTags(tags);
  return tags;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Tagging.html */
export function requireTags(tags: Readonly<Record<string, string>>): void {
  const pairs = Object.entries(tags);
  if (pairs.length > 50) throw invalid("The number of tags exceeds the limit of 50");
  for (const [key, value] of pairs) {
    if (key === "" || key.length > 128) throw invalid("Tag keys must have 1 to 128 characters");
    if (typeof value !== "string" || value.length > 256) throw invalid("Tag values must have at most 256 characters");
    if (key.startsWith("aws:")) throw invalid("Tag keys that begin with aws: are reserved");
  }
}

/** A refusal in the service's manner. */
export function invalid(reason: string): ServiceError {
  return new ServiceError("ValidationException", `One or more parameter values were invalid: ${reason}`);
}
