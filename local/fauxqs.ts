import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { BuildAppOptions } from "fauxqs" with { "resolution-mode": "import" };

type Stores = NonNullable<BuildAppOptions["stores"]>;

/** What fauxqs keeps of S3. */
export type S3Store = Stores["s3Store"];
/** What fauxqs keeps of SNS. */
export type SnsStore = Stores["snsStore"];
/** What fauxqs keeps of SQS. */
export type SqsStore = Stores["sqsStore"];
/** One queue of it. */
export type SqsQueue = ReturnType<SqsStore["createQueue"]>;
/** A message in a queue. */
export type SqsMessage = Parameters<SqsQueue["enqueue"]>[0];

/** What it keeps on a disk. */
export type EmulatorState = NonNullable<SqsStore["persistence"]>;
/** The class of {@link EmulatorState}. */
export type EmulatorStateClass = new (directory: string) => EmulatorState;

/** The class of {@link SqsStore}. */
export interface SqsStoreClass {
  new (): SqsStore;
  createMessage(body: string, messageAttributes?: SqsMessage["messageAttributes"], delaySeconds?: number): SqsMessage;
}

/** How the emulator answers a batch of SQS. @throws an error that has the code of SQS */
export type SqsBatch = (
  parameters: Readonly<Record<string, unknown>>,
  store: SqsStore,
) => Record<"Successful" | "Failed", readonly object[]>;

/** Puts together what the SDKs send in chunks (`aws-chunked`). */
export type DecodeChunks = (bytes: Buffer) => { body: Buffer; trailers: Record<string, string> };

/** The parts of an upload by their numbers, none for one that is unknown: the emulator has no other way to their bytes. */
export function partsOf(store: S3Store, uploadId: string): ReadonlyMap<number, { body: Buffer }> {
  const { multipartUploads } = store as unknown as { multipartUploads: ReadonlyMap<string, { parts: Map<number, { body: Buffer }> }> };
  return multipartUploads.get(uploadId)?.parts ?? new Map<number, { body: Buffer }>();
}

/**
 * Loads the emulator of S3, SNS and SQS. `buildApp` takes the stores it works on, but the package doesn't export
 * their classes; they are read from its files, since what it lacks (a clock, events, conditions) can only be added there.
 */
export async function loadFauxqs() {
  // Its exports map hides its files from `require.resolve`.
  const folder = require.resolve
    .paths("fauxqs")
    ?.map((each) => join(each, "fauxqs"))
    .find(existsSync);
  if (folder === undefined) throw new Error("the package fauxqs is not installed: run npm ci");
  const file = (path: string) => pathToFileURL(join(folder, "dist", path)).href;
  const [{ buildApp }, s3, sns, sqs, sending, hiding, persistence, chunks] = await Promise.all([
    import("fauxqs"),
    import(file("s3/s3Store.js")) as Promise<{ S3Store: new () => S3Store }>,
    import(file("sns/snsStore.js")) as Promise<{ SnsStore: new () => SnsStore }>,
    import(file("sqs/sqsStore.js")) as Promise<{ SqsStore: SqsStoreClass }>,
    import(file("sqs/actions/sendMessageBatch.js")) as Promise<{ sendMessageBatch: SqsBatch }>,
    import(file("sqs/actions/changeMessageVisibilityBatch.js")) as Promise<{ changeMessageVisibilityBatch: SqsBatch }>,
    import(file("persistence.js")) as Promise<{ PersistenceManager: EmulatorStateClass }>,
    import(file("s3/chunkedEncoding.js")) as Promise<{ decodeAwsChunked: DecodeChunks }>,
  ]);
  return {
    buildApp,
    S3Store: s3.S3Store,
    SnsStore: sns.SnsStore,
    SqsStore: sqs.SqsStore,
    sqsBatches: {
      SendMessageBatch: sending.sendMessageBatch,
      ChangeMessageVisibilityBatch: hiding.changeMessageVisibilityBatch,
    },
    decodeAwsChunked: chunks.decodeAwsChunked,
    EmulatorState: persistence.PersistenceManager,
  };
}
