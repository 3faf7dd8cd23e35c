import path from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Clock } from "./clock";
import type { EmulatorState, EmulatorStateClass, SnsStore, SqsQueue } from "./fauxqs";
import { keptOnDisk, unusable } from "./kept";
import { ServiceError } from "./wire";

/** The longest blob that SQLite takes by default. https://www.sqlite.org/limits.html */
const blobLimitBytes = 1_000_000_000;

/**
 * Opens what fauxqs keeps of one service in a database of SQLite, and mends what it would lose.
 *
 * @param directory of the cloud's state
 * @param service name of the folder in it
 * @param reload brings back what is on the disk where the emulator has changed what it remembers before it wrote. @default nothing
 */
export function openEmulatorState(
  State: EmulatorStateClass,
  directory: string,
  service: string,
  clock: Clock,
  reload: () => void = () => undefined,
): EmulatorState {
  class MendedState extends State {
    private readonly ready: StatementSync;
    private readonly queue: StatementSync;

    constructor() {
      super(path.join(directory, service));
      const { db } = this as unknown as { db: DatabaseSync };
      // Enough for a killed process, and a good deal faster.
      db.exec("PRAGMA synchronous = NORMAL");
      this.ready = db.prepare("UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?");
      this.queue = db.prepare(
        "INSERT INTO sqs_queues (name, url, arn, attributes, tags, created_timestamp, last_modified_timestamp, sequence_counter) " +
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET attributes = excluded.attributes, tags = excluded.tags",
      );
    }

    /** The emulator's own sets the count of receives to NULL, which its table refuses. */
    override updateMessageReady(messageId: string): void {
      this.ready.run(messageId);
    }

    /** The emulator's own replaces the queue's row, and so deletes its messages. */
    override insertQueue(queue: SqsQueue): void {
      const { name, url, arn, attributes, tags, createdTimestamp, lastModifiedTimestamp, sequenceCounter } = queue;
      const texts = [JSON.stringify(attributes), JSON.stringify(Object.fromEntries(tags))] as const;
      this.queue.run(name, url, arn, ...texts, createdTimestamp, lastModifiedTimestamp, sequenceCounter);
    }

    override upsertObject(...[bucket, object]: Parameters<EmulatorState["upsertObject"]>): void {
      requireBlob(object.body);
      // The emulator goes by the wall's time, and keeps a copy of what it hands over here.
      object.lastModified = new Date(clock.now());
      super.upsertObject(bucket, object);
    }

    override upsertMultipartPart(...[uploadId, part]: Parameters<EmulatorState["upsertMultipartPart"]>): void {
      requireBlob(part.body);
      super.upsertMultipartPart(uploadId, part);
    }

    override insertMultipartUpload(...[upload]: Parameters<EmulatorState["insertMultipartUpload"]>): void {
      upload.initiated = new Date(clock.now());
      super.insertMultipartUpload(upload);
    }
  }
  return writing(
    opened(directory, () => new MendedState()),
    directory,
    reload,
  );
}

/** Has a write that the disk does not take be the service's own failure, with nothing changed. */
function writing(state: EmulatorState, directory: string, reload: () => void): EmulatorState {
  return new Proxy(state, {
    get: (target, name, proxy) => {
      const value = Reflect.get(target, name, proxy) as unknown;
      if (typeof name !== "string" || typeof value !== "function") return value;
      const call = value as (...values: unknown[]) => unknown;
      if (!/^(insert|update|upsert|delete|complete|transaction)/.test(name)) return call.bind(target);
      return (...values: unknown[]) => {
        try {
          return keptOnDisk(directory, () => call.apply(proxy, values));
        } catch (error) {
          reload();
          throw error;
        }
      };
    },
  });
}

function opened<State>(directory: string, open: () => State): State {
  try {
    return open();
  } catch (error) {
    throw unusable(directory, error);
  }
}

/** Brings back the topics and subscriptions that are on the disk, and no others. */
export function reloadTopics(state: EmulatorState, topics: SnsStore): void {
  topics.topics.clear();
  topics.subscriptions.clear();
  const loading = state as unknown as Record<"loadSnsTopics" | "loadSnsSubscriptions", (topics: SnsStore) => void>;
  loading.loadSnsTopics(topics);
  loading.loadSnsSubscriptions(topics);
}

/** Does what writes several times as one: all of it is there after a killed process, or nothing. */
export function atOnce<Result>(state: EmulatorState | undefined, write: () => Result): Result {
  if (state === undefined) return write();
  let result: Result | undefined;
  (state as unknown as { transaction(write: () => void): void }).transaction(() => {
    result = write();
  });
  return result as Result;
}

function requireBlob({ length }: Buffer): void {
  if (length <= blobLimitBytes) return;
  const message = `An embedded cloud that keeps its state takes objects of up to ${blobLimitBytes} bytes; this one has ${length}.`;
  throw new ServiceError("EntityTooLarge", message, 400);
}
