import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandOutput,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  GetPublicAccessBlockCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  paginateListObjectsV2,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import type { EventTargets } from "../../../local/ports";
import { createS3 } from "../../../local/s3";
import { formEncoded } from "../../../local/s3/events";
import { startTestCloud, type TestCloud } from "../../support/cloudContext";

const start = Date.UTC(2026, 0, 25, 22, 46);
const day = 86_400_000;

async function refusal(call: Promise<unknown>) {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata: { httpStatusCode?: number } };
    return { name, message, status: $metadata.httpStatusCode };
  }
  return expect.fail("was accepted");
}

describe("the embedded S3", () => {
  let cloud: TestCloud;
  let clock: VirtualClock;
  let s3: S3Client;
  let told: { target: string; event: unknown }[];

  beforeEach(async () => {
    clock = new VirtualClock(start);
    cloud = await startTestCloud({ clock });
    told = [];
    const targets: EventTargets = {
      invokeFunction: async (target, event) => void told.push({ target, event }),
      publish: async (target, message) => void told.push({ target, event: JSON.parse(message) }),
      sendMessage: async (target, body) => void told.push({ target, event: JSON.parse(body) }),
      executePolicy: async () => expect.fail("S3 has no policies of Application Auto Scaling"),
    };
    // A function that lets everybody in.
    const Statement = [{ Effect: "Allow" as const, Principal: { Service: "s3.amazonaws.com" }, Action: "lambda:InvokeFunction" }];
    cloud.add({ factsOf: (arn) => (arn.includes(":function:") ? { policy: { Statement } } : undefined) });
    cloud.add(await createS3(cloud.context, { targets }));
    s3 = new S3Client(cloud.client);
    await cloud.create("aws:s3/bucket:Bucket", "jobs", { bucket: "jobs" });
  });
  afterEach(async () => {
    s3.destroy();
    await cloud.close();
  });

  const put = (Key: string, Body: string | Buffer = "text", more = {}) =>
    s3.send(new PutObjectCommand({ Bucket: "jobs", Key, Body, ...more }));
  const text = async (Key: string) => (await s3.send(new GetObjectCommand({ Bucket: "jobs", Key }))).Body?.transformToString();
  const keys = async (Prefix = "") =>
    ((await s3.send(new ListObjectsV2Command({ Bucket: "jobs", Prefix }))).Contents ?? []).map(({ Key }) => Key);
  const presigned = (path: string, seconds: number, at = start) => {
    const date = new Date(at).toISOString().replace(/[-:]|\.\d+/g, "");
    return `${cloud.client.endpoint}${path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIATEST%2F20260125%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=${date}&X-Amz-Expires=${seconds}&X-Amz-Signature=0`;
  };

  describe("buckets", () => {
    it("have the outputs that other programs read", async () => {
      const { id, state } = await cloud.create("aws:s3/bucket:Bucket", "data", { forceDestroy: true, tags: { team: "ml" } });

      expect(id).to.match(/^data-[0-9a-f]{7}$/);
      expect(state).to.deep.equal({
        bucket: id,
        arn: `arn:aws:s3:::${id}`,
        bucketDomainName: `${id}.s3.amazonaws.com`,
        bucketRegionalDomainName: `${id}.s3.us-east-1.amazonaws.com`,
        bucketRegion: "us-east-1",
        region: "us-east-1",
        forceDestroy: true,
        objectLockEnabled: false,
        tags: { team: "ml" },
        tagsAll: { team: "ml" },
      });
    });

    it("refuse a property that would do nothing, by its name", async () => {
      const create = cloud.create("aws:s3/bucket:Bucket", "data", { accelerationStatus: "Enabled" });

      await create.then(
        () => expect.fail("was accepted"),
        (error: Error) =>
          expect(error.message).to.equal('aws:s3/bucket:Bucket "data": accelerationStatus: not supported by the embedded cloud'),
      );
    });

    it("give back over the wire what the program has set", async () => {
      const policy = '{"Version":"2012-10-17","Statement":[]}';
      await cloud.create("aws:s3/bucketPolicy:BucketPolicy", "p", { bucket: "jobs", policy });
      await cloud.create("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "b", {
        bucket: "jobs",
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      });
      await cloud.create("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", "e", {
        bucket: "jobs",
        rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: "key-1" }, bucketKeyEnabled: true }],
      });
      await cloud.create("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "l", {
        bucket: "jobs",
        rules: [
          { id: "inputs", status: "Enabled", filter: { prefix: "input/" }, expiration: { days: 7 } },
          { id: "uploads", status: "Enabled", filter: {}, abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } },
        ],
      });

      const Bucket = "jobs";
      expect((await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy).to.equal(policy);
      expect((await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration).to.deep.equal({
        BlockPublicAcls: true,
        IgnorePublicAcls: true,
        BlockPublicPolicy: true,
        RestrictPublicBuckets: true,
      });
      expect((await s3.send(new GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration).to.deep.equal({
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: "key-1" }, BucketKeyEnabled: true }],
      });
      expect((await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules).to.deep.equal([
        { ID: "inputs", Filter: { Prefix: "input/" }, Status: "Enabled", Expiration: { Days: 7 } },
        { ID: "uploads", Filter: { Prefix: "" }, Status: "Enabled", AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
      ]);
    });

    it("say so when nothing was set, as S3 does", async () => {
      expect((await refusal(s3.send(new GetBucketPolicyCommand({ Bucket: "jobs" })))).name).to.equal("NoSuchBucketPolicy");
      expect((await refusal(s3.send(new GetBucketPolicyCommand({ Bucket: "none" })))).name).to.equal("NoSuchBucket");
    });

    it("refuse settings and operations over the wire that the emulator would swallow", async () => {
      const Bucket = "jobs";
      await put("k", "kept");

      const VersioningConfiguration = { Status: "Enabled" as const };
      expect(await refusal(s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration })))).to.deep.equal({
        name: "NotImplemented",
        message: "The embedded cloud does not support versions of objects.",
        status: 501,
      });
      expect((await refusal(s3.send(new GetObjectCommand({ Bucket, Key: "k", VersionId: "v" })))).message).to.equal(
        "The embedded cloud does not support versions of objects.",
      );
      expect((await refusal(put("k", "x", { WebsiteRedirectLocation: "/b" }))).message).to.equal(
        'The embedded cloud does not support S3\'s header "x-amz-website-redirect-location: /b".',
      );
      expect(await text("k")).to.equal("kept");
    });
  });

  describe("objects", () => {
    it("come back as they were put, whatever their type says", async () => {
      const types = ["application/x-www-form-urlencoded", "application/json", "text/plain", "application/x-amz-json-1.0", "image/png"];
      for (const ContentType of types) {
        await put("forms/a b+c.txt", "a=b&c", { ContentType, Metadata: { job: "j-1" } });
        const object = await s3.send(new GetObjectCommand({ Bucket: "jobs", Key: "forms/a b+c.txt" }));
        expect({ type: object.ContentType, metadata: object.Metadata, body: await object.Body?.transformToString() }).to.deep.equal({
          type: ContentType,
          metadata: { job: "j-1" },
          body: "a=b&c",
        });
      }
    });

    it("may be empty", async () => {
      await put("empty", "");

      expect(await text("empty")).to.equal("");
    });

    it("are as large as asynchronous inference allows, not as the emulator does", async () => {
      const body = Buffer.alloc(20 * 1024 * 1024, "x");
      await put("large", body);

      const { ContentLength } = await s3.send(new HeadObjectCommand({ Bucket: "jobs", Key: "large" }));
      expect(ContentLength).to.equal(body.length);
    });

    it("are refused when they are not what their sender has summed up", async () => {
      const object = { Bucket: "jobs", Key: "damaged" };
      const summed = (name: string, bytes: number) => ({ [name]: Buffer.alloc(bytes).toString("base64") });
      const put = (sum: object) => refusal(s3.send(new PutObjectCommand({ ...object, Body: "whole", ...sum })));
      const refused = (what: string) => ({ name: "BadDigest", message: `The ${what}`, status: 400 });
      const differs = "you specified did not match the calculated checksum.";
      expect(await put(summed("ContentMD5", 16))).to.deep.equal(refused("Content-MD5 you specified did not match what we received."));
      const bytes = { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32, MD5: 16, SHA512: 64 };
      for (const [algorithm, length] of Object.entries(bytes)) {
        expect(await put(summed(`Checksum${algorithm}`, length))).to.deep.equal(refused(`${algorithm} ${differs}`));
      }

      const { UploadId } = await s3.send(new CreateMultipartUploadCommand(object));
      const part = { ...object, UploadId, PartNumber: 1, Body: "whole", ...summed("ChecksumSHA256", 32) };
      expect(await refusal(s3.send(new UploadPartCommand(part)))).to.deep.equal(refused(`SHA256 ${differs}`));
      expect((await s3.send(new ListObjectsV2Command({ Bucket: "jobs" }))).KeyCount).to.equal(0);
    });

    it("were written at the cloud's time", async () => {
      await put("k");

      const { LastModified } = await s3.send(new HeadObjectCommand({ Bucket: "jobs", Key: "k" }));
      expect(LastModified?.getTime()).to.equal(start);
    });

    it("survive a conditional put of somebody who came later", async () => {
      const { ETag } = await put("k", "first", { IfNoneMatch: "*" });

      expect(await refusal(put("k", "second", { IfNoneMatch: "*" }))).to.deep.equal({
        name: "PreconditionFailed",
        message: "At least one of the pre-conditions you specified did not hold",
        status: 412,
      });
      expect((await refusal(put("k", "second", { IfMatch: '"0"' }))).status).to.equal(412);
      expect((await refusal(put("missing", "second", { IfMatch: ETag }))).name).to.equal("NoSuchKey");
      expect(await text("k")).to.equal("first");

      await put("k", "third", { IfMatch: ETag });
      expect(await text("k")).to.equal("third");
    });

    it("are written by one alone when many try at once", async () => {
      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => put("race", `by ${n}`, { IfNoneMatch: "*" })));

      expect(outcomes.filter(({ status }) => status === "fulfilled").length).to.equal(1);
    });

    it("say how they are encrypted: as asked, else as the bucket's default", async () => {
      const head = async (Key: string) => (await s3.send(new HeadObjectCommand({ Bucket: "jobs", Key }))).ServerSideEncryption;
      expect((await put("plain")).ServerSideEncryption).to.equal("AES256");
      await cloud.create("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", "e", {
        bucket: "jobs",
        rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: "key-1" } }],
      });

      const { ServerSideEncryption, SSEKMSKeyId } = await put("default");
      expect({ ServerSideEncryption, SSEKMSKeyId }).to.deep.equal({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: "key-1" });
      await put("asked", "text", { ServerSideEncryption: "AES256" });
      expect(await Promise.all(["plain", "default", "asked"].map(head))).to.deep.equal(["AES256", "aws:kms", "AES256"]);

      const begun = await fetch(`${presigned("/jobs/default", 60)}&uploads=&x-amz-server-side-encryption=AES256`, { method: "POST" });
      await put("partNumber=1", "text", { ServerSideEncryption: "AES256" });
      expect([begun.status, await head("default"), await head("partNumber=1")]).to.deep.equal([200, "aws:kms", "AES256"]);
    });

    it("are listed in S3's order and all of them, over any number of pages", async () => {
      const names = ["B", "a", "C/1", "C/2", "_", "c.1", "c-2", "é", "z&<"];
      await Promise.all(names.map((name) => put(name)));

      const paged: (string | undefined)[] = [];
      for await (const page of paginateListObjectsV2({ client: s3, pageSize: 2 }, { Bucket: "jobs" })) {
        paged.push(...(page.Contents ?? []).map(({ Key }) => Key));
      }
      expect(paged).to.deep.equal(["B", "C/1", "C/2", "_", "a", "c-2", "c.1", "z&<", "é"]);
      const folders: (string | undefined)[] = [];
      for await (const page of paginateListObjectsV2({ client: s3, pageSize: 1 }, { Bucket: "jobs", Delimiter: "/", Prefix: "C" })) {
        folders.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix));
      }
      expect(folders).to.deep.equal(["C/"]);
    });

    it("can be uploaded in parts and copied", async () => {
      const Bucket = "jobs";
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "big" }));
      const bodies = [Buffer.alloc(5 * 1024 * 1024, "a"), Buffer.from("end")];
      const Parts = [];
      for (const [index, Body] of bodies.entries()) {
        const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key: "big", UploadId, PartNumber: index + 1, Body }));
        Parts.push({ ETag, PartNumber: index + 1 });
      }
      await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: "big", UploadId, MultipartUpload: { Parts } }));
      await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: "jobs/big" }));

      const end = await s3.send(new GetObjectCommand({ Bucket, Key: "copy", Range: "bytes=-4" }));
      expect(await end.Body?.transformToString()).to.equal("aend");
    });

    it("show the parts of an upload to whoever goes on with it or gives it up", async () => {
      const Bucket = "jobs";
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "big" }));
      const upload = { Bucket, Key: "big", UploadId };
      const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 2, Body: "second" }));
      await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: "first" }));

      const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: "b" }));
      expect(Uploads).to.deep.equal([{ Key: "big", UploadId, StorageClass: "STANDARD", Initiated: new Date(start) }]);
      const first = await s3.send(new ListPartsCommand({ ...upload, MaxParts: 1 }));
      expect([first.IsTruncated, first.NextPartNumberMarker, first.Parts?.map(({ PartNumber }) => PartNumber)]).to.deep.equal([
        true,
        "1",
        [1],
      ]);
      const rest = await s3.send(new ListPartsCommand({ ...upload, PartNumberMarker: "1" }));
      expect([rest.IsTruncated, rest.Parts]).to.deep.equal([false, [{ PartNumber: 2, Size: 6, ETag, LastModified: new Date(start) }]]);
      await s3.send(new AbortMultipartUploadCommand(upload));
      expect(await refusal(s3.send(new ListPartsCommand(upload)))).to.deep.include({ name: "NoSuchUpload", status: 404 });
      expect((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads).to.equal(undefined);
    });

    it("are listed page by page, several of one key too", async () => {
      const Bucket = "jobs";
      const begun: CreateMultipartUploadCommandOutput[] = [];
      for (const Key of ["b", "a", "b"]) begun.push(await s3.send(new CreateMultipartUploadCommand({ Bucket, Key })));
      const seen = [];
      let marker: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
      for (let isTruncated = true; isTruncated;) {
        const page = await s3.send(new ListMultipartUploadsCommand({ Bucket, MaxUploads: 1, ...marker }));
        seen.push(...(page.Uploads ?? []).map(({ UploadId }) => UploadId));
        marker = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
        isTruncated = page.IsTruncated === true;
      }
      expect(seen).to.deep.equal([1, 0, 2].map((at) => begun[at]?.UploadId));
      for (const { Key, UploadId } of begun) await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    });

    it("are missed with the error that names the bucket, when it is the bucket that is missing", async () => {
      const missing = { name: "NoSuchBucket", message: "The specified bucket does not exist: none", status: 404 };
      expect(await refusal(s3.send(new ListObjectsV2Command({ Bucket: "none" })))).to.deep.equal(missing);
      expect(await refusal(s3.send(new ListMultipartUploadsCommand({ Bucket: "none" })))).to.deep.equal(missing);
      expect(await refusal(s3.send(new GetObjectCommand({ Bucket: "none", Key: "a" })))).to.deep.equal(missing);
    });

    it("are looked at only if they have changed, or have not", async () => {
      const { ETag } = await put("seen");
      const object = { Bucket: "jobs", Key: "seen" };
      const status = async (sent: Promise<unknown>) => (await refusal(sent)).status;

      expect(await status(s3.send(new HeadObjectCommand({ ...object, IfNoneMatch: ETag })))).to.equal(304);
      expect(await status(s3.send(new HeadObjectCommand({ ...object, IfMatch: '"other"' })))).to.equal(412);
      expect(await status(s3.send(new GetObjectCommand({ ...object, IfNoneMatch: ETag })))).to.equal(304);
      expect((await s3.send(new HeadObjectCommand({ ...object, IfMatch: ETag, IfNoneMatch: '"other"' }))).ETag).to.equal(ETag);
    });

    it("are reached by presigned URLs, until these expire", async () => {
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      const upload = await fetch(presigned("/jobs/signed", 60), { method: "PUT", body: "a=b", headers });
      const download = await fetch(presigned("/jobs/signed", 60));
      const late = await fetch(presigned("/jobs/signed", 60, start - 61_000));

      expect([upload.status, await download.text(), late.status]).to.deep.equal([200, "a=b", 403]);
      expect(await late.text()).to.contain("<Code>AccessDenied</Code><Message>Request has expired</Message>");
    });

    it("are answered with what a URL asks for in any language, as far as a header can say it", async () => {
      const metadata = `&x-amz-meta-name=${encodeURIComponent("日本")}`;
      const upload = await fetch(presigned("/jobs/signed", 60) + metadata, { method: "PUT", body: "a" });
      const asked = (name: string) =>
        fetch(`${presigned("/jobs/signed", 60)}&response-content-disposition=${encodeURIComponent(`attachment; filename="${name}"`)}`);
      const [plain, other] = [await asked("page.png"), await asked("日本.png")];

      expect([upload.status, plain.status, other.status]).to.deep.equal([200, 200, 400]);
      expect(plain.headers.get("x-amz-meta-name")).to.equal("=?UTF-8?B?5pel5pys?=");
      expect(plain.headers.get("content-disposition")).to.equal('attachment; filename="page.png"');
      expect(await other.text()).to.contain("<Code>InvalidArgument</Code><Message>Header value cannot be represented using ISO-8859-1.");
    });

    it("have S3's own type when nobody said one: what boto3's upload_file leaves to it", async () => {
      await fetch(presigned("/jobs/untyped", 60), { method: "PUT", body: new Uint8Array([97]) });

      expect((await s3.send(new HeadObjectCommand({ Bucket: "jobs", Key: "untyped" }))).ContentType).to.equal("binary/octet-stream");
    });

    it("are copied only while they are what the caller saw: how the AWS CLI copies large ones", async () => {
      const { ETag } = await put("source", "seen");
      const copy = (CopySourceIfMatch: string | undefined) =>
        s3.send(new CopyObjectCommand({ Bucket: "jobs", Key: "copy", CopySource: "jobs/source", CopySourceIfMatch }));

      await copy(ETag);
      await put("source", "changed");
      expect((await refusal(copy(ETag))).name).to.equal("PreconditionFailed");
      expect(await text("copy")).to.equal("seen");
    });

    it("are reached by URLs presigned the old way, as boto3's are, with the content type among the parameters", async () => {
      const expires = Math.floor(Date.now() / 1000) + 60;
      const url = `${cloud.client.endpoint}/jobs/old?AWSAccessKeyId=AKIATEST&Signature=x&Expires=${expires}&content-type=text%2Fplain`;
      const upload = await fetch(url, { method: "PUT", body: "text", headers: { "content-type": "text/plain" } });

      expect([upload.status, await text("old")]).to.deep.equal([200, "text"]);
    });

    it("are closed to whoever has no credentials", async () => {
      await put("k");
      const response = await fetch(`${cloud.client.endpoint}/jobs/k`);

      expect(response.status).to.equal(403);
      expect(await response.text()).to.contain("<Code>AccessDenied</Code>");
    });
  });

  describe("the lifecycle", () => {
    it("deletes what is older than its days by the cloud's clock, and only below its prefix", async () => {
      await cloud.create("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "l", {
        bucket: "jobs",
        rules: [
          { id: "inputs", status: "Enabled", filter: { prefix: "input/" }, expiration: { days: 2 } },
          { id: "off", status: "Disabled", filter: { prefix: "output/" }, expiration: { days: 1 } },
        ],
      });
      await put("input/old");
      await put("output/old");
      await clock.advance(day);
      await put("input/new");

      await clock.advance(day - 3_600_001);
      expect(await keys()).to.deep.equal(["input/new", "input/old", "output/old"]);
      await clock.advance(3_600_001);
      expect(await keys()).to.deep.equal(["input/new", "output/old"]);
    });

    it("drops the parts of uploads that nobody completed", async () => {
      await cloud.create("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "l", {
        bucket: "jobs",
        rules: [{ id: "uploads", status: "Enabled", filter: {}, abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } }],
      });
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: "jobs", Key: "big" }));
      await clock.advance(day);

      const part = s3.send(new UploadPartCommand({ Bucket: "jobs", Key: "big", UploadId, PartNumber: 1, Body: "x" }));
      expect((await refusal(part)).name).to.equal("NoSuchUpload");
    });
  });

  describe("events", () => {
    const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:inbox";
    const happened = () =>
      told.map(({ event }) => {
        const [{ eventName, s3: record }] = (event as { Records: [{ eventName: string; s3: { object: { key: string } } }] }).Records;
        return `${eventName} ${record.object.key}`;
      });

    it("reach the function in S3's own document", async () => {
      await cloud.create("aws:s3/bucketNotification:BucketNotification", "n", {
        bucket: "jobs",
        lambdaFunctions: [{ id: "inbox", lambdaFunctionArn: functionArn, events: ["s3:ObjectCreated:*"], filterPrefix: "inbox/" }],
      });
      await put("elsewhere/page.png");
      const { ETag } = await put("inbox/page 1.png", "image");

      const [{ target, event }] = told as [{ target: string; event: { Records: Record<string, unknown>[] } }];
      const [{ responseElements, ...record }] = event.Records as [{ responseElements: object; s3: { object: { sequencer: string } } }];
      expect({ target, count: told.length, ids: Object.keys(responseElements) }).to.deep.equal({
        target: functionArn,
        count: 1,
        ids: ["x-amz-request-id", "x-amz-id-2"],
      });
      expect(record).to.deep.equal({
        eventVersion: "2.1",
        eventSource: "aws:s3",
        awsRegion: "us-east-1",
        eventTime: "2026-01-25T22:46:00.000Z",
        eventName: "ObjectCreated:Put",
        userIdentity: { principalId: "AWS:000000000000" },
        requestParameters: { sourceIPAddress: "127.0.0.1" },
        s3: {
          s3SchemaVersion: "1.0",
          configurationId: "inbox",
          bucket: { name: "jobs", ownerIdentity: { principalId: "AWS:000000000000" }, arn: "arn:aws:s3:::jobs" },
          object: { key: "inbox/page+1.png", size: 5, eTag: ETag?.replaceAll('"', ""), sequencer: record.s3.object.sequencer },
        },
      });
    });

    it("tell puts, copies, uploads in parts and removals apart", async () => {
      await cloud.create("aws:s3/bucketNotification:BucketNotification", "n", {
        bucket: "jobs",
        lambdaFunctions: [{ lambdaFunctionArn: functionArn, events: ["s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"] }],
      });
      const Bucket = "jobs";
      await put("a");
      await s3.send(new CopyObjectCommand({ Bucket, Key: "b", CopySource: "jobs/a" }));
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "c" }));
      const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key: "c", UploadId, PartNumber: 1, Body: "x" }));
      await s3.send(
        new CompleteMultipartUploadCommand({ Bucket, Key: "c", UploadId, MultipartUpload: { Parts: [{ ETag, PartNumber: 1 }] } }),
      );
      await s3.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
      await s3.send(new DeleteObjectCommand({ Bucket, Key: "never" }));
      await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "b" }, { Key: "c" }] } }));

      expect(happened()).to.deep.equal([
        "ObjectCreated:Put a",
        "ObjectCreated:Copy b",
        "ObjectCreated:CompleteMultipartUpload c",
        "ObjectRemoved:Delete a",
        "ObjectRemoved:Delete b",
        "ObjectRemoved:Delete c",
      ]);
    });

    it("reach topics and queues, which hear of their configuration first", async () => {
      await cloud.create("aws:s3/bucketNotification:BucketNotification", "n", {
        bucket: "jobs",
        topics: [{ topicArn: "topic", events: ["s3:ObjectCreated:Put"], filterSuffix: ".png" }],
        queues: [{ queueArn: "queue", events: ["s3:ObjectCreated:Put"], filterSuffix: ".txt" }],
      });
      await put("a.png");
      await put("b.txt");

      const what = ({ target, event }: (typeof told)[number]) =>
        `${target} ${(event as { Event?: string }).Event ?? (event as { Records: [{ eventName: string }] }).Records[0].eventName}`;
      expect(told.map(what)).to.deep.equal([
        "topic s3:TestEvent",
        "queue s3:TestEvent",
        "topic ObjectCreated:Put",
        "queue ObjectCreated:Put",
      ]);
      const { TopicConfigurations, QueueConfigurations } = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: "jobs" }));
      expect(TopicConfigurations?.map(({ TopicArn, Events, Filter }) => ({ TopicArn, Events, Filter }))).to.deep.equal([
        { TopicArn: "topic", Events: ["s3:ObjectCreated:Put"], Filter: { Key: { FilterRules: [{ Name: "suffix", Value: ".png" }] } } },
      ]);
      expect(QueueConfigurations?.map(({ QueueArn }) => QueueArn)).to.deep.equal(["queue"]);
    });

    it("that nothing here can send are refused when they are asked for", async () => {
      const create = cloud.create("aws:s3/bucketNotification:BucketNotification", "n", {
        bucket: "jobs",
        lambdaFunctions: [{ lambdaFunctionArn: functionArn, events: ["s3:ObjectRestore:Post"] }],
      });

      await create.then(
        () => expect.fail("was accepted"),
        (error: Error) => expect(error.message).to.contain("lambdaFunctions.0.events.0: not an event of the embedded cloud"),
      );
    });

    it("encode keys as a form does: what a function decodes wrongly here, it would on AWS", () => {
      expect(formEncoded("inbox/a b+c (1)~é.png")).to.equal("inbox/a+b%2Bc+%281%29%7E%C3%A9.png");
    });
  });
});
