import * as z from "zod";
import { readPolicy, type PolicyDocument } from "../identity/policyDocument";
import type { CloudContext } from "../ports";
import { recorded, regionArgument } from "../recorded";
import { autoName, resourceType, type ResourceType } from "../resources";
import type { NotificationSettings } from "./events";

/** What a program has set on a bucket, beside the objects in it. */
export interface BucketSettings {
  publicAccessBlock?: Record<"BlockPublicAcls" | "IgnorePublicAcls" | "BlockPublicPolicy" | "RestrictPublicBuckets", boolean>;
  /** As the program gave it, and as it is judged by. */
  policy?: { text: string; document: PolicyDocument };
  encryption?: { sseAlgorithm: string; kmsMasterKeyId?: string | undefined; bucketKeyEnabled?: boolean | undefined };
  lifecycle?: LifecycleRule[];
  objectOwnership?: string;
  versioning?: string;
  notification?: NotificationSettings;
}

/** One rule of a lifecycle. */
export interface LifecycleRule {
  id: string;
  status: "Enabled" | "Disabled";
  prefix: string;
  expirationDays?: number | undefined;
  abortUploadsDays?: number | undefined;
}

/** What a bucket's resources need of the service. */
export interface Buckets {
  create(name: string): void;
  /** Throws when the embedded cloud has no such bucket. */
  settings(bucket: string): BucketSettings;
  /** Called after the settings have changed. */
  changed(bucket: string): Promise<void>;
}

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
    prefix: filter?.prefix ?? prefix ?? "",
    expirationDays: expiration?.days,
    abortUploadsDays: abortIncompleteMultipartUpload?.daysAfterInitiation,
  }));

const eventName = z.enum(
  [
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete",
  ],
  { error: "not an event of the embedded cloud" },
);

const filter = {
  id: z.string().optional(),
  events: z.array(eventName),
  filterPrefix: z.string().optional(),
  filterSuffix: z.string().optional(),
};

/** The resource types of buckets and their settings, by Pulumi token. */
export function bucketResources({ region }: CloudContext, buckets: Buckets): Record<string, ResourceType> {
  const common = { bucket: z.string(), region: regionArgument(region) };

  /** A resource that sets one thing on a bucket, and whose id is the bucket's name. */
  function setting<Shape extends z.ZodRawShape>(
    shape: Shape,
    apply: (settings: BucketSettings, inputs: z.infer<z.ZodObject<Shape>>) => void,
  ): ResourceType {
    const type = resourceType(z.strictObject({ ...common, ...shape }), async ({ inputs }) => {
      const { bucket } = inputs as { bucket: string };
      apply(buckets.settings(bucket), inputs as z.infer<z.ZodObject<Shape>>);
      await buckets.changed(bucket);
      return { id: bucket, state: {} };
    });
    // The state is what the program gave, not what the schema made of it.
    return {
      create: async (registration) => ({ ...(await type.create(registration)), state: { region, ...registration.inputs } }),
    };
  }

  return {
    "aws:s3/bucket:Bucket": resourceType(
      z.strictObject({
        bucket: z.string().optional(),
        bucketPrefix: z.string().optional(),
        forceDestroy: recorded.destroyBehaviour,
        tags: recorded.tags,
        tagsAll: recorded.tags,
        region: common.region,
      }),
      async ({ name, inputs }) => {
        const bucket = inputs.bucket ?? (inputs.bucketPrefix === undefined ? autoName(name) : `${inputs.bucketPrefix}${Date.now()}`);
        buckets.create(bucket);
        return {
          id: bucket,
          state: {
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
          },
        };
      },
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": setting(
      {
        blockPublicAcls: z.boolean().default(false),
        ignorePublicAcls: z.boolean().default(false),
        blockPublicPolicy: z.boolean().default(false),
        restrictPublicBuckets: z.boolean().default(false),
        skipDestroy: recorded.destroyBehaviour,
      },
      (settings, inputs) => {
        settings.publicAccessBlock = {
          BlockPublicAcls: inputs.blockPublicAcls,
          IgnorePublicAcls: inputs.ignorePublicAcls,
          BlockPublicPolicy: inputs.blockPublicPolicy,
          RestrictPublicBuckets: inputs.restrictPublicBuckets,
        };
      },
    ),
    "aws:s3/bucketPolicy:BucketPolicy": setting(
      { policy: z.union([z.string(), z.record(z.string(), z.unknown())]) },
      (settings, { policy }) => {
        settings.policy = { text: typeof policy === "string" ? policy : JSON.stringify(policy), document: readPolicy(policy) };
      },
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": setting(
      {
        rules: z
          .array(
            z.strictObject({
              applyServerSideEncryptionByDefault: z.strictObject({
                sseAlgorithm: z.enum(["AES256", "aws:kms", "aws:kms:dsse"]),
                kmsMasterKeyId: recorded.kmsKey,
              }),
              bucketKeyEnabled: z.boolean().optional(),
            }),
          )
          .length(1),
      },
      (settings, { rules: [rule] }) => {
        settings.encryption = { ...rule!.applyServerSideEncryptionByDefault, bucketKeyEnabled: rule!.bucketKeyEnabled };
      },
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": setting(
      { rules: z.array(lifecycleRule).min(1), timeouts: recorded.timeouts },
      (settings, { rules }) => {
        settings.lifecycle = rules;
      },
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": setting(
      // The third one turns access control lists on, which nothing here reads.
      { rule: z.strictObject({ objectOwnership: z.enum(["BucketOwnerEnforced", "BucketOwnerPreferred"]) }) },
      (settings, { rule }) => {
        settings.objectOwnership = rule.objectOwnership;
      },
    ),
    "aws:s3/bucketVersioning:BucketVersioning": setting(
      {
        versioningConfiguration: z.strictObject({
          status: z.enum(["Suspended", "Disabled"], { error: "the embedded cloud keeps no versions" }),
        }),
      },
      (settings, { versioningConfiguration: { status } }) => {
        settings.versioning = status;
      },
    ),
    "aws:s3/bucketNotification:BucketNotification": setting(
      {
        eventbridge: z.literal(false, { error: "the embedded cloud has no EventBridge" }).optional(),
        lambdaFunctions: z.array(z.strictObject({ ...filter, lambdaFunctionArn: z.string() })).default([]),
        topics: z.array(z.strictObject({ ...filter, topicArn: z.string() })).default([]),
        queues: z.array(z.strictObject({ ...filter, queueArn: z.string() })).default([]),
      },
      (settings, { lambdaFunctions, topics, queues }) => {
        const rules = [
          ...lambdaFunctions.map(({ lambdaFunctionArn: targetArn, ...rule }) => ({ kind: "function" as const, targetArn, ...rule })),
          ...topics.map(({ topicArn: targetArn, ...rule }) => ({ kind: "topic" as const, targetArn, ...rule })),
          ...queues.map(({ queueArn: targetArn, ...rule }) => ({ kind: "queue" as const, targetArn, ...rule })),
        ];
        settings.notification = rules.map(({ id, filterPrefix = "", filterSuffix = "", ...rule }) => ({
          ...rule,
          id: id ?? `tf-s3-${rule.kind}-${autoName("rule")}`,
          prefix: filterPrefix,
          suffix: filterSuffix,
        }));
      },
    ),
  };
}
