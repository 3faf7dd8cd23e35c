import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketEncryptionCommand,
  DeleteBucketLifecycleCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteBucketPolicyCommand,
  DeleteBucketTaggingCommand,
  DeleteObjectsCommand,
  DeletePublicAccessBlockCommand,
  GetBucketAccelerateConfigurationCommand,
  GetBucketAclCommand,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketLoggingCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  GetBucketReplicationCommand,
  GetBucketRequestPaymentCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetBucketWebsiteCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  ListBucketIntelligentTieringConfigurationsCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
  type LifecycleRule,
  type PutBucketNotificationConfigurationCommandInput,
} from "@aws-sdk/client-s3";
import { ListTagsForResourceCommand, S3ControlClient, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-s3-control";
import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import { createS3 } from "../../../local/s3";
import { startTestCloud, type TestCloud } from "../../support/cloudContext";
import { refusalWithStatus as refusal } from "../../support/refusal";

const Bucket = "jobs";
const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:inbox";
const closedFunctionArn = "arn:aws:lambda:us-east-1:000000000000:function:closed";

async function answer<Answer extends { $metadata: unknown }>(call: Promise<Answer>): Promise<Omit<Answer, "$metadata">> {
  const { $metadata: _, ...rest } = await call;
  return rest;
}

describe("S3 over the wire, as the AWS provider uses it", () => {
  let cloud: TestCloud;
  let clock: VirtualClock;
  let s3: S3Client;
  let sent: string[];

  before(async () => {
    clock = new VirtualClock(Date.UTC(2026, 0, 25));
    cloud = await startTestCloud({ clock });
    const Statement = [{ Effect: "Allow" as const, Principal: { Service: "s3.amazonaws.com" }, Action: "lambda:InvokeFunction" }];
    cloud.add({ factsOf: (arn) => (arn === functionArn ? { policy: { Statement } } : undefined) });
    const targets = {
      invokeFunction: async (target: string) => void sent.push(`function ${target}`),
      publish: async (target: string) => void sent.push(`topic ${target}`),
      sendMessage: async (target: string) => {
        if (target.endsWith("closed")) throw new Error("no access");
        sent.push(`queue ${target}`);
      },
      executePolicy: async () => expect.fail("S3 has no policies of Application Auto Scaling"),
    };
    cloud.add(await createS3(cloud.context, { targets }));
    s3 = new S3Client(cloud.client);
  });
  after(async () => {
    s3.destroy();
    await cloud.close();
  });
  beforeEach(async () => {
    sent = [];
    await s3.send(new CreateBucketCommand({ Bucket }));
  });
  afterEach(async () => {
    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    if (Versions.length > 0)
      await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: Versions.map(({ Key, VersionId }) => ({ Key, VersionId })) } }));
    await s3.send(new DeleteBucketCommand({ Bucket }));
  });

  it("says of a new bucket what S3 says: a provider that reads something else plans a change", async () => {
    const blocked = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };

    expect(await answer(s3.send(new HeadBucketCommand({ Bucket })))).to.deep.equal({
      BucketArn: "arn:aws:s3:::jobs",
      BucketRegion: "us-east-1",
      AccessPointAlias: false,
    });
    expect(await answer(s3.send(new GetBucketLocationCommand({ Bucket })))).to.deep.equal({});
    expect(await answer(s3.send(new GetBucketAccelerateConfigurationCommand({ Bucket })))).to.deep.equal({});
    expect(await answer(s3.send(new GetBucketAclCommand({ Bucket })))).to.deep.equal({
      Owner: { ID: "000000000000" },
      Grants: [{ Grantee: { ID: "000000000000", Type: "CanonicalUser" }, Permission: "FULL_CONTROL" }],
    });
    expect(await answer(s3.send(new GetBucketLoggingCommand({ Bucket })))).to.deep.equal({});
    expect(await answer(s3.send(new GetBucketRequestPaymentCommand({ Bucket })))).to.deep.equal({ Payer: "BucketOwner" });
    expect(await answer(s3.send(new GetBucketVersioningCommand({ Bucket })))).to.deep.equal({});
    expect(await answer(s3.send(new GetBucketNotificationConfigurationCommand({ Bucket })))).to.deep.equal({});
    expect(await answer(s3.send(new ListBucketIntelligentTieringConfigurationsCommand({ Bucket })))).to.deep.equal({ IsTruncated: false });
    expect(await answer(s3.send(new GetBucketEncryptionCommand({ Bucket })))).to.deep.equal({
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" }, BucketKeyEnabled: false }],
      },
    });
    expect(await answer(s3.send(new GetBucketOwnershipControlsCommand({ Bucket })))).to.deep.equal({
      OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
    });
    expect(await answer(s3.send(new GetPublicAccessBlockCommand({ Bucket })))).to.deep.equal({ PublicAccessBlockConfiguration: blocked });
  });

  it("answers for what nobody has set with S3's own errors", async () => {
    const unset = await Promise.all(
      [
        new GetBucketCorsCommand({ Bucket }),
        new GetBucketWebsiteCommand({ Bucket }),
        new GetBucketReplicationCommand({ Bucket }),
        new GetObjectLockConfigurationCommand({ Bucket }),
        new GetBucketTaggingCommand({ Bucket }),
        new GetBucketLifecycleConfigurationCommand({ Bucket }),
        new GetBucketPolicyCommand({ Bucket }),
        new GetBucketPolicyStatusCommand({ Bucket }),
      ].map(async (command) => refusal(s3.send(command as GetBucketCorsCommand))),
    );

    expect(unset).to.deep.equal([
      "404 NoSuchCORSConfiguration: The CORS configuration does not exist",
      "404 NoSuchWebsiteConfiguration: The specified bucket does not have a website configuration",
      "404 ReplicationConfigurationNotFoundError: The replication configuration was not found",
      "404 ObjectLockConfigurationNotFoundError: Object Lock configuration does not exist for this bucket",
      "404 NoSuchTagSet: The TagSet does not exist",
      "404 NoSuchLifecycleConfiguration: The lifecycle configuration does not exist",
      "404 NoSuchBucketPolicy: The bucket policy does not exist",
      "404 NoSuchBucketPolicy: The bucket policy does not exist",
    ]);
  });

  it("gives back each setting as it was put, and its absence when it was deleted", async () => {
    const Policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::jobs/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`;
    const ServerSideEncryptionConfiguration = {
      Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" as const, KMSMasterKeyID: "k<1>" }, BucketKeyEnabled: true }],
    };
    const OwnershipControls = { Rules: [{ ObjectOwnership: "BucketOwnerPreferred" as const }] };
    const PublicAccessBlockConfiguration = {
      BlockPublicAcls: true,
      IgnorePublicAcls: false,
      BlockPublicPolicy: false,
      RestrictPublicBuckets: true,
    };
    const Tagging = { TagSet: [{ Key: "team", Value: "a + b" }] };
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));
    await s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }));
    await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
    await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging }));
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Suspended" } }));

    expect(await answer(s3.send(new GetBucketPolicyCommand({ Bucket })))).to.deep.equal({ Policy });
    expect(await answer(s3.send(new GetBucketPolicyStatusCommand({ Bucket })))).to.deep.equal({ PolicyStatus: { IsPublic: false } });
    expect(await answer(s3.send(new GetBucketEncryptionCommand({ Bucket })))).to.deep.equal({ ServerSideEncryptionConfiguration });
    expect(await answer(s3.send(new GetBucketOwnershipControlsCommand({ Bucket })))).to.deep.equal({ OwnershipControls });
    expect(await answer(s3.send(new GetPublicAccessBlockCommand({ Bucket })))).to.deep.equal({ PublicAccessBlockConfiguration });
    expect(await answer(s3.send(new GetBucketTaggingCommand({ Bucket })))).to.deep.equal(Tagging);
    expect(await answer(s3.send(new GetBucketVersioningCommand({ Bucket })))).to.deep.equal({ Status: "Suspended" });

    await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
    await s3.send(new DeleteBucketEncryptionCommand({ Bucket }));
    await s3.send(new DeleteBucketOwnershipControlsCommand({ Bucket }));
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
    await s3.send(new DeleteBucketTaggingCommand({ Bucket }));

    expect(await refusal(s3.send(new GetBucketPolicyCommand({ Bucket })))).to.contain("404 NoSuchBucketPolicy");
    expect((await s3.send(new GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration?.Rules).to.deep.equal([
      { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" }, BucketKeyEnabled: false },
    ]);
    expect(await refusal(s3.send(new GetBucketOwnershipControlsCommand({ Bucket })))).to.equal(
      "404 OwnershipControlsNotFoundError: The bucket ownership controls were not found",
    );
    expect(await refusal(s3.send(new GetPublicAccessBlockCommand({ Bucket })))).to.contain("404 NoSuchPublicAccessBlockConfiguration");
    expect(await refusal(s3.send(new GetBucketTaggingCommand({ Bucket })))).to.contain("404 NoSuchTagSet");
  });

  describe("the lifecycle", () => {
    const set = (Rules: LifecycleRule[], more = {}) =>
      s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules }, ...more }));
    const inputs: LifecycleRule = { ID: "inputs", Status: "Enabled", Filter: { Prefix: "input/" }, Expiration: { Days: 1 } };

    it("comes back with the header that the provider waits three minutes for", async () => {
      const uploads: LifecycleRule = {
        ID: "uploads",
        Status: "Disabled",
        Prefix: "",
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
      };

      expect((await set([inputs, uploads])).TransitionDefaultMinimumObjectSize).to.equal("all_storage_classes_128K");
      expect(await answer(s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })))).to.deep.equal({
        Rules: [inputs, uploads],
        TransitionDefaultMinimumObjectSize: "all_storage_classes_128K",
      });
      await set([inputs], { TransitionDefaultMinimumObjectSize: "varies_by_storage_class" });
      expect((await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).TransitionDefaultMinimumObjectSize).to.equal(
        "varies_by_storage_class",
      );
    });

    it("acts from then on as it was changed, and not at all after it was deleted", async () => {
      const kept = async () => ((await s3.send(new ListObjectVersionsCommand({ Bucket }))).Versions ?? []).map(({ Key }) => Key);
      await s3.send(new PutObjectCommand({ Bucket, Key: "input/a", Body: "x" }));
      await s3.send(new PutObjectCommand({ Bucket, Key: "output/a", Body: "x" }));
      await set([inputs]);
      await s3.send(new DeleteBucketLifecycleCommand({ Bucket }));
      await clock.advance(2 * 86_400_000);
      expect(await kept()).to.deep.equal(["input/a", "output/a"]);

      await set([{ ...inputs, Filter: { Prefix: "output/" } }]);
      await clock.advance(86_400_000);

      expect(await kept()).to.deep.equal(["input/a"]);
    });

    it("is refused in S3's words when it could never act", async () => {
      const { Expiration: _, ...idle } = inputs;
      expect(await refusal(set([idle]))).to.equal("400 InvalidRequest: At least one action needs to be specified in a rule.");
      expect(await refusal(set([{ ...inputs, Expiration: { Days: 0 } }]))).to.equal(
        "400 InvalidArgument: 'Days' for Expiration action must be a positive integer",
      );
      expect(await refusal(set([inputs, { ...inputs, Filter: { Prefix: "b" } }]))).to.equal(
        "400 InvalidArgument: Rule ID must be unique. Found same ID for more than one rule",
      );
      expect(await refusal(set([{ ...inputs, Prefix: "a" }]))).to.contain("400 MalformedXML");
      expect(await refusal(set([{ ...inputs, NoncurrentVersionExpiration: { NoncurrentDays: 1 } }]))).to.equal(
        "501 NotImplemented: The embedded cloud does not support <NoncurrentVersionExpiration> in a rule of a bucket's lifecycle.",
      );
      expect(await refusal(s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })))).to.contain("NoSuchLifecycleConfiguration");
    });
  });

  describe("notifications", () => {
    type Configuration = PutBucketNotificationConfigurationCommandInput["NotificationConfiguration"];
    const set = (NotificationConfiguration: Configuration, more = {}) =>
      s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration, ...more }));
    const created = ["s3:ObjectCreated:*" as const];
    const under = (Value: string) => ({ Key: { FilterRules: [{ Name: "prefix" as const, Value }] } });

    it("come back as they were put, and go where the last change says", async () => {
      const LambdaFunctionConfigurations = [{ Id: "fn", LambdaFunctionArn: functionArn, Events: created, Filter: under("inbox/") }];
      const QueueConfigurations = [{ Id: "q", QueueArn: "arn:aws:sqs:us-east-1:000000000000:q", Events: created, Filter: under("other/") }];
      await set({ LambdaFunctionConfigurations, QueueConfigurations });
      expect(await answer(s3.send(new GetBucketNotificationConfigurationCommand({ Bucket })))).to.deep.equal({
        LambdaFunctionConfigurations,
        QueueConfigurations,
      });
      await s3.send(new PutObjectCommand({ Bucket, Key: "inbox/a", Body: "x" }));
      await set({});
      await s3.send(new PutObjectCommand({ Bucket, Key: "inbox/b", Body: "x" }));

      expect(sent).to.deep.equal(["queue arn:aws:sqs:us-east-1:000000000000:q", `function ${functionArn}`]);
    });

    it("are refused when S3 could not deliver them, unless whoever sets them doesn't want to know", async () => {
      const closed = { LambdaFunctionConfigurations: [{ Id: "fn", LambdaFunctionArn: closedFunctionArn, Events: created }] };
      const closedQueue = { QueueConfigurations: [{ QueueArn: "arn:aws:sqs:us-east-1:000000000000:closed", Events: created }] };

      expect(await refusal(set(closed))).to.match(/^400 InvalidArgument: Unable to validate the following destination configurations: /);
      expect(await refusal(set(closedQueue))).to.equal(
        "400 InvalidArgument: Unable to validate the following destination configurations: no access",
      );
      expect(await answer(s3.send(new GetBucketNotificationConfigurationCommand({ Bucket })))).to.deep.equal({});
      await set(closed, { SkipDestinationValidation: true });
      expect((await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }))).LambdaFunctionConfigurations?.length).to.equal(1);
      await set({});
    });

    it("are refused when one object would go to two places", async () => {
      const rule = { LambdaFunctionArn: functionArn, Events: created };
      const overlapping = [
        { ...rule, Filter: under("inbox/") },
        { ...rule, Events: ["s3:ObjectCreated:Put" as const], Filter: under("inbox/pages/") },
      ];

      expect(await refusal(set({ LambdaFunctionConfigurations: overlapping }))).to.contain(
        "400 InvalidArgument: Configuration is ambiguously defined.",
      );
    });
  });

  describe("policies", () => {
    const set = (Statement: object) => s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Statement }) }));

    it("are refused in S3's words when they are of another bucket, of nobody, or no policy", async () => {
      const allow = { Effect: "Allow", Principal: { AWS: "000000000000" }, Action: "s3:GetObject", Resource: "arn:aws:s3:::jobs/*" };
      expect(await refusal(set({ ...allow, Resource: "arn:aws:s3:::others/*" }))).to.equal(
        "400 MalformedPolicy: Policy has invalid resource",
      );
      expect(await refusal(set({ ...allow, Principal: undefined }))).to.equal("400 MalformedPolicy: Missing required field Principal");
      expect(await refusal(s3.send(new PutBucketPolicyCommand({ Bucket, Policy: "{" })))).to.contain(
        "400 MalformedPolicy: policy: not JSON",
      );
      await set(allow);
    });

    it("that let everybody in are refused as long as the bucket blocks them", async () => {
      const open = { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::jobs/*" };
      expect(await refusal(set(open))).to.equal(
        '403 AccessDenied: User: arn:aws:iam::000000000000:root is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::jobs" ' +
          "because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
      );
      await set({ ...open, Condition: { StringEquals: { "aws:SourceAccount": "000000000000" } } });
      await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
      await set(open);

      expect((await s3.send(new GetBucketPolicyStatusCommand({ Bucket }))).PolicyStatus).to.deep.equal({ IsPublic: true });
    });
  });

  it("reads and writes tags by S3 Control too, with which the provider has read them since its version 6", async () => {
    const control = new S3ControlClient({ ...cloud.client, endpoint: cloud.client.endpoint.replace("127.0.0.1", "localhost") });
    // The account stands before the host, where no laptop has a name for it: whoever calls comes through a proxy.
    control.middlewareStack.add(
      (next) => async (call) => {
        (call.request as { hostname: string }).hostname = "127.0.0.1";
        return next(call);
      },
      { step: "finalizeRequest", priority: "low" },
    );
    const of = { AccountId: "000000000000", ResourceArn: `arn:aws:s3:::${Bucket}` };
    const tags = async () => (await control.send(new ListTagsForResourceCommand(of))).Tags;
    await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: "a", Value: "1" }] } }));
    await control.send(new TagResourceCommand({ ...of, Tags: [{ Key: "b", Value: "é:2" }] }));
    expect(await tags()).to.deep.equal([
      { Key: "a", Value: "1" },
      { Key: "b", Value: "é:2" },
    ]);
    await control.send(new UntagResourceCommand({ ...of, TagKeys: ["a"] }));

    expect((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).to.deep.equal([{ Key: "b", Value: "é:2" }]);
    const missing = { ...of, ResourceArn: "arn:aws:s3:::none" };
    expect(await refusal(control.send(new ListTagsForResourceCommand(missing)))).to.contain("404 NoSuchBucket");
    expect(await refusal(s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: "aws:x", Value: "1" }] } })))).to.equal(
      "400 InvalidTag: System tags cannot be added/updated by requester",
    );
    control.destroy();
  });

  it("deletes no bucket that has objects, and lists each of them with its version for whoever empties it", async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: "a/1", Body: "x" }));
    await s3.send(new PutObjectCommand({ Bucket, Key: "a/2", Body: "xy" }));
    await s3.send(new PutObjectCommand({ Bucket, Key: "b", Body: "x" }));

    expect(await refusal(s3.send(new DeleteBucketCommand({ Bucket })))).to.equal(
      "409 BucketNotEmpty: The bucket you tried to delete is not empty",
    );
    const first = await s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 2 }));
    const second = await s3.send(new ListObjectVersionsCommand({ Bucket, KeyMarker: first.NextKeyMarker, VersionIdMarker: "null" }));
    const shown = ({ Versions = [] }: typeof first) =>
      Versions.map(({ Key, VersionId, IsLatest, Size }) => ({ Key, VersionId, IsLatest, Size }));
    expect(shown(first)).to.deep.equal([
      { Key: "a/1", VersionId: "null", IsLatest: true, Size: 1 },
      { Key: "a/2", VersionId: "null", IsLatest: true, Size: 2 },
    ]);
    expect({ more: first.IsTruncated, second: shown(second), end: second.IsTruncated }).to.deep.equal({
      more: true,
      second: [{ Key: "b", VersionId: "null", IsLatest: true, Size: 1 }],
      end: false,
    });
  });

  it("makes a bucket once, and elsewhere only where it was asked to", async () => {
    await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: "kept", Value: "1" }] } }));
    await s3.send(new CreateBucketCommand({ Bucket }));
    expect((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).to.deep.equal([{ Key: "kept", Value: "1" }]);
    const elsewhere = { LocationConstraint: "eu-west-1" as const };
    expect(await refusal(s3.send(new CreateBucketCommand({ Bucket: "far", CreateBucketConfiguration: elsewhere })))).to.equal(
      "400 IllegalLocationConstraintException: The eu-west-1 location constraint is incompatible for the region specific endpoint this request was sent to.",
    );
    expect(await refusal(s3.send(new CreateBucketCommand({ Bucket: "Jobs" })))).to.contain("400 InvalidBucketName");
    const CreateBucketConfiguration = { Tags: [{ Key: "from", Value: "start" }] };
    await s3.send(new CreateBucketCommand({ Bucket: "tagged", CreateBucketConfiguration }));

    expect((await s3.send(new GetBucketTaggingCommand({ Bucket: "tagged" }))).TagSet).to.deep.equal(CreateBucketConfiguration.Tags);
    const page = await s3.send(new ListBucketsCommand({ MaxBuckets: 1 }));
    const next = await s3.send(new ListBucketsCommand({ ContinuationToken: page.ContinuationToken }));
    expect([page, next].map(({ Buckets = [] }) => Buckets.map(({ Name, BucketRegion }) => `${Name} ${BucketRegion}`))).to.deep.equal([
      ["jobs us-east-1"],
      ["tagged us-east-1"],
    ]);
    expect(await refusal(s3.send(new ListBucketsCommand({ ContinuationToken: "bm9uZQ" })))).to.equal(
      "400 InvalidArgument: The continuation token provided is incorrect",
    );
    await s3.send(new DeleteBucketCommand({ Bucket: "tagged" }));
    expect(await refusal(s3.send(new HeadBucketCommand({ Bucket: "tagged" })))).to.contain("404 NotFound");
  });

  it("updates and deletes what a program has, by the same rules as the wire", async () => {
    const { resources = {} } = cloud.services.find((service) => service.resources?.["aws:s3/bucket:Bucket"]) ?? {};
    const registered = (type: string, inputs: Record<string, unknown>) => ({
      urn: `urn:pulumi:local::test::${type}::x`,
      type,
      name: "x",
      inputs,
      program: { directory: ".", project: "test", stack: "local", localSettings: {} },
    });
    const bucketType = "aws:s3/bucket:Bucket";
    const before = { bucket: "program", tags: { a: "1" } };
    const made = await cloud.create(bucketType, "x", before);
    const type = resources[bucketType];
    const changed = await type?.update?.(registered(bucketType, { ...before, tags: { a: "2" }, forceDestroy: true }), made, before);
    expect(await type?.update?.(registered(bucketType, before), made, before)).to.equal(undefined);
    expect((await s3.send(new GetBucketTaggingCommand({ Bucket: "program" }))).TagSet).to.deep.equal([{ Key: "a", Value: "2" }]);
    expect(type?.fixed).to.deep.equal(["bucket", "bucketPrefix"]);
    await s3.send(new PutObjectCommand({ Bucket: "program", Key: "a", Body: "x" }));
    await type?.delete?.(made).then(
      () => expect.fail("was accepted"),
      (error: Error) => expect(error.name).to.equal("BucketNotEmpty"),
    );
    await type?.delete?.(changed ?? made);

    expect(await refusal(s3.send(new HeadBucketCommand({ Bucket: "program" })))).to.contain("404 NotFound");
  });
});
