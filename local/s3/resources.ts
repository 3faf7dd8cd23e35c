import * as z from "zod";
import type { Buckets } from "./buckets";
import { encryptionAlgorithms, eventNames, objectOwnerships, type LifecycleRule } from "./settings";
import type { CloudContext } from "../ports";
import { recorded, regionArgument } from "../recorded";
import { autoName, resourceType, updatable, type ResourceType } from "../resources";

const days = z.number().int().positive();

const lifecycleRule = z
  .strictObject({
    id: z.string(),
    status: z.enum(["Enabled", "Disabled"]),
    prefix: z.string().optional(),
    filter: z.strictObject({ prefix: z.string().optional() }).optional(),
    expiration: z.strictObject({ days }).optional(),
    abortIncompleteMultipartUpload: z.strictObject({ daysAfterInitiation: days }).optional(),
  })
  .transform(({ id, status, prefix, filter, expiration, abortIncompleteMultipartUpload }): LifecycleRule => ({
    id,
    status,
    // A rule for all objects may say so by leaving both out.
    ...(filter === undefined && prefix !== undefined ? { prefix } : { filter: { prefix: filter?.prefix ?? "" } }),
    expirationDays: expiration?.days,
    abortUploadsDays: abortIncompleteMultipartUpload?.daysAfterInitiation,
  }));

const filter = {
  id: z.string().optional(),
  events: z.array(z.enum(eventNames, { error: "not an event of the embedded cloud" })),
  filterPrefix: z.string().optional(),
  filterSuffix: z.string().optional(),
};

/** The resource types of buckets and their settings, by Pulumi token. */
export function bucketResources({ region }: CloudContext, buckets: Buckets): Record<string, ResourceType> {
  const common = { bucket: z.string(), region: regionArgument(region) };

  /** A resource that sets one thing on a bucket, and whose id is the bucket's name. */
  function setting<Shape extends z.ZodRawShape>(
    shape: Shape,
    apply: (bucket: string, inputs: z.infer<z.ZodObject<Shape>>) => void | Promise<void>,
    remove: (bucket: string) => void | Promise<void>,
  ): ResourceType {
    const type = resourceType(z.strictObject({ ...common, ...shape }), async ({ inputs }) => {
      const { bucket } = inputs as { bucket: string };
      await apply(bucket, inputs as z.infer<z.ZodObject<Shape>>);
      return { id: bucket, state: {} };
    });
    // The state is what the program gave, not what the schema made of it.
    const create: ResourceType["create"] = async (registration) => ({
      ...(await type.create(registration)),
      state: { region, ...registration.inputs },
    });
    return updatable({ create, update: create, delete: async ({ id }) => remove(id) }, ["bucket"]);
  }

  const bucketSchema = z.strictObject({
    bucket: z.string().optional(),
    bucketPrefix: z.string().optional(),
    forceDestroy: recorded.destroyBehaviour,
    tags: recorded.tags,
    tagsAll: recorded.tags,
    region: common.region,
  });
  const bucketState = (bucket: string, inputs: z.infer<typeof bucketSchema>) => ({
    ...inputs,
    bucket,
    arn: `arn:aws:s3:::${bucket}`,
    bucketDomainName: `${bucket}.s3.amazonaws.com`,
    bucketRegionalDomainName: `${bucket}.s3.${region}.amazonaws.com`,
    bucketRegion: region,
    region,
    forceDestroy: inputs.forceDestroy ?? false,
    objectLockEnabled: false,
    tagsAll: inputs.tagsAll ?? inputs.tags ?? {},
  });
  const bucketType = resourceType(
    bucketSchema,
    async ({ name, inputs }) => {
      const bucket = inputs.bucket ?? (inputs.bucketPrefix === undefined ? autoName(name) : `${inputs.bucketPrefix}${Date.now()}`);
      const state = bucketState(bucket, inputs);
      buckets.create(bucket, { tags: state.tagsAll });
      return { id: bucket, state };
    },
    async ({ inputs }, { id }) => {
      const state = bucketState(id, inputs);
      buckets.setTags(id, state.tagsAll);
      return { id, state };
    },
    async ({ id, state }) => buckets.delete(id, state["forceDestroy"] === true),
  );

  return {
    "aws:s3/bucket:Bucket": updatable(bucketType, ["bucket", "bucketPrefix"]),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": setting(
      {
        blockPublicAcls: z.boolean().default(false),
        ignorePublicAcls: z.boolean().default(false),
        blockPublicPolicy: z.boolean().default(false),
        restrictPublicBuckets: z.boolean().default(false),
        skipDestroy: recorded.destroyBehaviour,
      },
      (bucket, inputs) =>
        buckets.set(bucket, {
          publicAccessBlock: {
            BlockPublicAcls: inputs.blockPublicAcls,
            IgnorePublicAcls: inputs.ignorePublicAcls,
            BlockPublicPolicy: inputs.blockPublicPolicy,
            RestrictPublicBuckets: inputs.restrictPublicBuckets,
          },
        }),
      (bucket) => buckets.set(bucket, { publicAccessBlock: undefined }),
    ),
    "aws:s3/bucketPolicy:BucketPolicy": setting(
      { policy: z.union([z.string(), z.record(z.string(), z.unknown())]) },
      (bucket, { policy }) => buckets.setPolicy(bucket, typeof policy === "string" ? policy : JSON.stringify(policy)),
      (bucket) => buckets.setPolicy(bucket, undefined),
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": setting(
      {
        rules: z
          .array(
            z.strictObject({
              applyServerSideEncryptionByDefault: z.strictObject({
                sseAlgorithm: z.enum(encryptionAlgorithms),
                kmsMasterKeyId: recorded.kmsKey,
              }),
              bucketKeyEnabled: z.boolean().optional(),
            }),
          )
          .length(1),
      },
      (bucket, { rules: [rule] }) =>
        buckets.setEncryption(bucket, { ...rule!.applyServerSideEncryptionByDefault, bucketKeyEnabled: rule!.bucketKeyEnabled }),
      (bucket) => buckets.setEncryption(bucket, undefined),
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": setting(
      { rules: z.array(lifecycleRule).min(1), timeouts: recorded.timeouts },
      (bucket, { rules }) => buckets.setLifecycle(bucket, { rules, minimumObjectSize: "all_storage_classes_128K" }),
      (bucket) => buckets.setLifecycle(bucket, undefined),
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": setting(
      { rule: z.strictObject({ objectOwnership: z.enum(objectOwnerships) }) },
      (bucket, { rule }) => buckets.set(bucket, { objectOwnership: rule.objectOwnership }),
      (bucket) => buckets.set(bucket, { objectOwnership: undefined }),
    ),
    "aws:s3/bucketVersioning:BucketVersioning": setting(
      {
        versioningConfiguration: z.strictObject({
          status: z.enum(["Suspended", "Disabled"], { error: "the embedded cloud keeps no versions" }),
        }),
      },
      (bucket, { versioningConfiguration: { status } }) =>
        buckets.set(bucket, { versioning: status === "Suspended" ? "Suspended" : undefined }),
      () => undefined,
    ),
    "aws:s3/bucketNotification:BucketNotification": setting(
      {
        eventbridge: z.literal(false, { error: "the embedded cloud has no EventBridge" }).optional(),
        lambdaFunctions: z.array(z.strictObject({ ...filter, lambdaFunctionArn: z.string() })).default([]),
        topics: z.array(z.strictObject({ ...filter, topicArn: z.string() })).default([]),
        queues: z.array(z.strictObject({ ...filter, queueArn: z.string() })).default([]),
      },
      async (bucket, { lambdaFunctions, topics, queues }) => {
        const rules = [
          ...lambdaFunctions.map(({ lambdaFunctionArn: targetArn, ...rule }) => ({ kind: "function" as const, targetArn, ...rule })),
          ...topics.map(({ topicArn: targetArn, ...rule }) => ({ kind: "topic" as const, targetArn, ...rule })),
          ...queues.map(({ queueArn: targetArn, ...rule }) => ({ kind: "queue" as const, targetArn, ...rule })),
        ];
        const named = rules.map(({ id, filterPrefix = "", filterSuffix = "", ...rule }) => ({
          ...rule,
          id: id ?? `tf-s3-${rule.kind}-${autoName("rule")}`,
          prefix: filterPrefix,
          suffix: filterSuffix,
        }));
        await buckets.setNotification(bucket, named);
      },
      async (bucket) => buckets.setNotification(bucket, []),
    ),
  };
}
