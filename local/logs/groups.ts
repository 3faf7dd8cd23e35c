import { isDenial } from "../identity/denials";
import type { Kept } from "../kept";
import type { CloudContext } from "../ports";
import { ServiceError } from "../wire";

/** One log event. */
export interface LogEvent {
  /** Milliseconds since the epoch. */
  timestamp: number;
  message: string;
  stream: string;
}

/** An event as it is stored. */
export interface StoredEvent extends LogEvent {
  /** Order of arrival. */
  sequence: number;
  ingestionTime: number;
}

/** A stream of a group; times in milliseconds since the epoch. */
export interface Stream {
  name: string;
  creationTime: number;
  firstEventTimestamp: number;
  lastEventTimestamp: number;
  lastIngestionTime: number;
}

/** A group's settings, which survive a restart with state; its events don't. */
export interface GroupSettings {
  name: string;
  arn: string;
  creationTime: number;
  /** 0: for ever. */
  retentionInDays: number;
  kmsKeyArn?: string | undefined;
  tags: Record<string, string>;
}

/** What a group holds. */
interface Content {
  streams: Map<string, Stream>;
  events: StoredEvent[];
  storedBytes: number;
}

const dayMilliseconds = 86_400_000;
/** How many events arrive between two looks at what the retention removes. */
const pruneEvery = 1024;
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html */
const keyUses = ["Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "DescribeKey"];

/** The log groups of one embedded cloud. */
export class Groups {
  private readonly kept: Kept<GroupSettings>;
  private readonly contents = new Map<string, Content>();
  /** Of the next event. */
  sequence = 0;

  constructor(private readonly context: CloudContext) {
    this.kept = context.keeper.map<GroupSettings>("logs.groups");
  }

  /** @throws ServiceError ResourceAlreadyExistsException, and AccessDeniedException for a key that Logs may not use */
  create(name: string, { kmsKeyArn, tags = {}, retentionInDays = 0 }: Partial<GroupSettings> = {}): GroupSettings {
    if (this.kept.has(name)) throw new ServiceError("ResourceAlreadyExistsException", "The specified log group already exists");
    const { clock, region, accountId } = this.context;
    const arn = `arn:aws:logs:${region}:${accountId}:log-group:${name}`;
    this.requireKey(arn, kmsKeyArn);
    const group = { name, arn, creationTime: clock.now(), retentionInDays, kmsKeyArn, tags };
    this.kept.set(name, group);
    return group;
  }

  /** @throws ServiceError ResourceNotFoundException */
  find(name: string): GroupSettings {
    const group = this.kept.get(name);
    if (!group) throw new ServiceError("ResourceNotFoundException", "The specified log group does not exist.");
    return group;
  }

  has(name: string): boolean {
    return this.kept.has(name);
  }

  /** In the order of their names. */
  all(): GroupSettings[] {
    return [...this.kept.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  change(name: string, changes: Partial<Pick<GroupSettings, "retentionInDays" | "kmsKeyArn" | "tags">>): void {
    const group = this.find(name);
    if (changes.kmsKeyArn !== undefined && changes.kmsKeyArn !== group.kmsKeyArn) this.requireKey(group.arn, changes.kmsKeyArn);
    this.kept.set(name, { ...group, ...changes });
  }

  /** Takes the group away, with all events. */
  delete(name: string): void {
    this.find(name);
    this.kept.delete(name);
    this.contents.delete(name);
  }

  /** Adds a line; group and stream come into being with their first one. @param at never before the stream's last event */
  append(name: string, streamName: string, message: string, at = this.context.clock.now()): void {
    if (!this.kept.has(name)) this.create(name);
    const content = this.content(name);
    const ingestionTime = this.context.clock.now();
    let stream = content.streams.get(streamName);
    if (!stream) {
      const times = { firstEventTimestamp: at, lastEventTimestamp: at, lastIngestionTime: ingestionTime };
      stream = { name: streamName, creationTime: ingestionTime, ...times };
      content.streams.set(streamName, stream);
    }
    const timestamp = Math.max(Math.floor(at), stream.lastEventTimestamp);
    stream.lastEventTimestamp = timestamp;
    stream.lastIngestionTime = ingestionTime;
    content.events.push({ timestamp, message, stream: streamName, sequence: this.sequence++, ingestionTime });
    // As CloudWatch counts: 26 bytes of its own with each event.
    content.storedBytes += Buffer.byteLength(message) + 26;
    if (this.sequence % pruneEvery === 0) this.prune(name, content);
  }

  /** Every event that the retention has not removed, in order of time. */
  events(name: string): StoredEvent[] {
    const content = this.content(name);
    this.prune(name, content);
    return content.events.toSorted(byTime);
  }

  streams(name: string): ReadonlyMap<string, Stream> {
    return this.content(name).streams;
  }

  storedBytes(name: string): number {
    return this.content(name).storedBytes;
  }

  close(): void {
    this.contents.clear();
  }

  private content(name: string): Content {
    let content = this.contents.get(name);
    if (!content) {
      content = { streams: new Map(), events: [], storedBytes: 0 };
      this.contents.set(name, content);
    }
    return content;
  }

  private prune(name: string, content: Content): void {
    const { retentionInDays } = this.find(name);
    if (retentionInDays === 0) return;
    const oldest = this.context.clock.now() - retentionInDays * dayMilliseconds;
    content.events = content.events.filter(({ timestamp }) => timestamp >= oldest);
  }

  private requireKey(groupArn: string, keyArn: string | undefined): void {
    const { access, region } = this.context;
    try {
      access.requireKeyOfService(`logs.${region}.amazonaws.com`, keyArn, { "kms:encryptioncontext:aws:logs:arn": groupArn }, keyUses);
    } catch (error) {
      if (!isDenial(error)) throw error;
      const message = `The specified KMS key does not exist or is not allowed to be used with Arn '${groupArn}'`;
      throw new ServiceError("AccessDeniedException", message);
    }
  }
}

/** By time, and by arrival within a millisecond. */
export function byTime(a: Pick<StoredEvent, "timestamp" | "sequence">, b: Pick<StoredEvent, "timestamp" | "sequence">): number {
  return a.timestamp - b.timestamp || a.sequence - b.sequence;
}
