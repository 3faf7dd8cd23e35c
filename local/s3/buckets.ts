import { notifyOfTest, type NotificationSettings } from "./events";
import type { Objects } from "./objects";
import * as rules from "./settings";
import type { BucketSettings, DefaultEncryption, Lifecycle, ObjectOwnership } from "./settings";
import type { Kept } from "../kept";
import type { CloudContext, EventTargets } from "../ports";
import { internalFailure, ServiceError } from "../wire";

/** The buckets with what is set on them: the one place that has rules for it, whoever asks. */
export class Buckets {
  private readonly kept: Kept<BucketSettings>;

  constructor(
    private readonly context: CloudContext,
    private readonly objects: Objects,
    private readonly targets: EventTargets,
  ) {
    this.kept = context.keeper.map<BucketSettings>("s3.buckets");
  }

  /** @throws ServiceError for a name that is taken, or none */
  create(name: string, options: { tags?: Record<string, string>; objectOwnership?: ObjectOwnership | undefined } = {}): void {
    const { tags = {}, objectOwnership } = options;
    if (this.objects.store.hasBucket(name)) {
      const message = "Your previous request to create the named bucket succeeded and you already own it.";
      throw new ServiceError("BucketAlreadyOwnedByYou", message, 409);
    }
    rules.requireTags(tags);
    this.kept.set(name, rules.newBucketSettings(tags, objectOwnership));
    try {
      this.objects.store.createBucket(name);
    } catch (error) {
      this.kept.note(name, undefined);
      if (error instanceof ServiceError) throw error;
      throw new ServiceError("InvalidBucketName", (error as Error).message, 400);
    }
  }

  /** @param emptied true takes the objects in it away first @throws ServiceError for one that is not there, or not empty */
  delete(name: string, emptied: boolean): void {
    this.of(name);
    if (!emptied && this.objects.list(name, "").length > 0) {
      throw new ServiceError("BucketNotEmpty", "The bucket you tried to delete is not empty", 409);
    }
    // Parts of uploads that nobody completed are no objects.
    this.objects.abortUploads(name, "", 0);
    if (emptied) this.objects.store.emptyBucket(name);
    this.objects.store.deleteBucket(name);
    this.kept.note(name, undefined);
  }

  /** Ends what the cloud's last end has interrupted: nobody was answered yet for a bucket that has no settings, or settings alone. */
  recover(): void {
    for (const { name } of this.names()) {
      if (!this.kept.has(name)) this.objects.store.deleteBucket(name);
    }
    for (const [name] of [...this.kept.entries()]) {
      if (!this.objects.store.hasBucket(name)) this.kept.delete(name);
    }
  }

  /** In the order of their names, as S3 lists them. */
  names(): { name: string; createdAt: Date }[] {
    const known = this.objects.store.listBuckets();
    return known.map(({ name, creationDate }) => ({ name, createdAt: creationDate })).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(name: string): BucketSettings | undefined {
    return this.kept.get(name);
  }

  /** @throws ServiceError for a bucket that is not there */
  of(name: string): BucketSettings {
    const found = this.kept.get(name);
    if (!found) throw new ServiceError("NoSuchBucket", `The specified bucket does not exist: ${name}`, 404);
    return found;
  }

  entries(): IterableIterator<[string, BucketSettings]> {
    return this.kept.entries();
  }

  /** Sets what has no rules but its own form; undefined takes it away. */
  set(name: string, change: Pick<Partial<BucketSettings>, "publicAccessBlock" | "objectOwnership" | "versioning">): void {
    this.change(name, change);
  }

  /** @param text undefined takes it away */
  setPolicy(name: string, text: string | undefined): void {
    const { publicAccessBlock } = this.of(name);
    if (text !== undefined) rules.requirePolicy(name, text, publicAccessBlock, `arn:aws:iam::${this.context.accountId}:root`);
    this.change(name, { policy: text });
  }

  setEncryption(name: string, encryption: DefaultEncryption | undefined): void {
    if (encryption) rules.requireEncryption(encryption);
    this.change(name, { encryption });
  }

  setLifecycle(name: string, lifecycle: Lifecycle | undefined): void {
    if (lifecycle) rules.requireLifecycle(lifecycle.rules);
    this.change(name, { lifecycle });
  }

  setTags(name: string, tags: Record<string, string>): void {
    rules.requireTags(tags);
    this.change(name, { tags });
  }

  /**
   * Replaces where a bucket's events go; topics and queues get S3's test event.
   *
   * @param unchecked true for destinations that need not be there yet
   * @throws ServiceError for a destination that is not there, or does not let S3 in
   */
  async setNotification(name: string, notification: NotificationSettings, unchecked = false): Promise<void> {
    this.of(name);
    rules.requireNotification(notification);
    if (!unchecked) await this.requireDestinations(name, notification);
    this.change(name, { notification });
  }

  private async requireDestinations(name: string, notification: NotificationSettings): Promise<void> {
    const source = { principal: "s3.amazonaws.com", sourceArn: `arn:aws:s3:::${name}` };
    try {
      for (const { kind, targetArn } of notification) {
        if (kind === "function") this.context.access.requireService(source, { action: "lambda:InvokeFunction", resource: targetArn });
      }
      await notifyOfTest(this.context, this.targets, notification, name);
    } catch (error) {
      if (error instanceof ServiceError && error.code === internalFailure) throw error;
      const message = `Unable to validate the following destination configurations: ${(error as Error).message}`;
      throw new ServiceError("InvalidArgument", message, 400);
    }
  }

  private change(name: string, change: Partial<BucketSettings>): void {
    this.kept.set(name, { ...this.of(name), ...change });
  }
}
