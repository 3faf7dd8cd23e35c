import { notifyOfTest } from "./events";
import * as rules from "./settings";
import { ServiceError } from "../wire";
/** The buckets with what is set on them: the one place that has rules for it, whoever asks. */
export class Buckets {
    context;
    objects;
    targets;
    kept;
    constructor(context, objects, targets) {
        this.context = context;
        this.objects = objects;
        this.targets = targets;
        this.kept = context.keeper.map("s3.buckets");
    }
    /** @throws ServiceError for a name that is taken, or none */
    create(name, options = {}) {
        const { tags = {}, objectOwnership } = options;
        if (this.objects.store.hasBucket(name)) {
            const message = "Your previous request to create the named bucket succeeded and you already own it.";
            throw new ServiceError("BucketAlreadyOwnedByYou", message, 409);
        }
        rules.requireTags(tags);
        try {
            this.objects.store.createBucket(name);
        }
        catch (error) {
            throw new ServiceError("InvalidBucketName", error.message, 400);
        }
        this.kept.set(name, rules.newBucketSettings(tags, objectOwnership));
    }
    /** @param emptied true takes the objects in it away first @throws ServiceError for one that is not there, or not empty */
    delete(name, emptied) {
        this.of(name);
        if (!emptied && this.objects.list(name, "").length > 0) {
            throw new ServiceError("BucketNotEmpty", "The bucket you tried to delete is not empty", 409);
        }
        // Parts of uploads that nobody completed are no objects.
        this.objects.abortUploads(name, "", 0);
        if (emptied)
            this.objects.store.emptyBucket(name);
        this.objects.store.deleteBucket(name);
        this.kept.delete(name);
    }
    /** In the order of their names, as S3 lists them. */
    names() {
        const known = this.objects.store.listBuckets();
        return known.map(({ name, creationDate }) => ({ name, createdAt: creationDate })).sort((a, b) => (a.name < b.name ? -1 : 1));
    }
    find(name) {
        return this.kept.get(name);
    }
    /** @throws ServiceError for a bucket that is not there */
    of(name) {
        const found = this.kept.get(name);
        if (!found)
            throw new ServiceError("NoSuchBucket", `The specified bucket does not exist: ${name}`, 404);
        return found;
    }
    entries() {
        return this.kept.entries();
    }
    /** Sets what has no rules but its own form; undefined takes it away. */
    set(name, change) {
        this.change(name, change);
    }
    /** @param text undefined takes it away */
    setPolicy(name, text) {
        const { publicAccessBlock } = this.of(name);
        if (text !== undefined)
            rules.requirePolicy(name, text, publicAccessBlock, `arn:aws:iam::${this.context.accountId}:root`);
        this.change(name, { policy: text });
    }
    setEncryption(name, encryption) {
        if (encryption)
            rules.requireEncryption(encryption);
        this.change(name, { encryption });
    }
    setLifecycle(name, lifecycle) {
        if (lifecycle)
            rules.requireLifecycle(lifecycle.rules);
        this.change(name, { lifecycle });
    }
    setTags(name, tags) {
        rules.requireTags(tags);
        this.change(name, { tags });
    }
    /**
     * Replaces where a bucket's events go; topics and queues get S3's test event.
     *
     * @param unchecked true for destinations that need not be there yet
     * @throws ServiceError for a destination that is not there, or does not let S3 in
     */
    async setNotification(name, notification, unchecked = false) {
        this.of(name);
        rules.requireNotification(notification);
        if (!unchecked)
            await this.requireDestinations(name, notification);
        this.change(name, { notification });
    }
    async requireDestinations(name, notification) {
        const source = { principal: "s3.amazonaws.com", sourceArn: `arn:aws:s3:::${name}` };
        try {
            for (const { kind, targetArn } of notification) {
                if (kind === "function")
                    this.context.access.requireService(source, { action: "lambda:InvokeFunction", resource: targetArn });
            }
            await notifyOfTest(this.context, this.targets, notification, name);
        }
        catch (error) {
            const message = `Unable to validate the following destination configurations: ${error.message}`;
            throw new ServiceError("InvalidArgument", message, 400);
        }
    }
    change(name, change) {
        this.kept.set(name, { ...this.of(name), ...change });
    }
}
