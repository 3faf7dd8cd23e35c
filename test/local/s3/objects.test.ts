import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { expect } from "chai";
import { Readable } from "node:stream";
import { VirtualClock } from "../../../local/clock";
import { createS3 } from "../../../local/s3";
import { startTestCloud, type TestCloud } from "../../support/cloudContext";
import { refusalWithStatus as refusal } from "../../support/refusal";

const Bucket = "jobs";

describe("objects of the embedded S3, as any client reads, writes and deletes them", () => {
  let cloud: TestCloud;
  let s3: S3Client;

  before(async () => {
    cloud = await startTestCloud({ clock: new VirtualClock(Date.UTC(2026, 0, 25, 22, 46, 0, 700)) });
    const nobody = () => expect.fail("nobody listens");
    cloud.add(
      await createS3(cloud.context, {
        targets: { invokeFunction: nobody, publish: nobody, sendMessage: nobody, executePolicy: nobody },
      }),
    );
    s3 = new S3Client(cloud.client);
    await cloud.create("aws:s3/bucket:Bucket", Bucket, { bucket: Bucket });
  });
  after(async () => {
    s3.destroy();
    await cloud.close();
  });
  afterEach(async () => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    if (Contents.length > 0) await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: Contents.map(({ Key }) => ({ Key })) } }));
  });

  const put = (Key: string, Body: string | Readable = "hello", more: object = {}) =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
  const keys = async () => ((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key }) => Key);
  const read = async (options: object) => {
    const { Body, ContentRange, $metadata } = await s3.send(new GetObjectCommand({ Bucket, Key: "a", ...options }));
    return [$metadata.httpStatusCode, await Body?.transformToString(), ContentRange];
  };

  it("give the part that is asked for: the end of a short object, and all of it for what is no range of bytes", async () => {
    await put("a");
    await put("empty", "");

    expect(await read({ Range: "bytes=-200" })).to.deep.equal([206, "hello", "bytes 0-4/5"]);
    expect(await read({ Range: "bytes=3-900" })).to.deep.equal([206, "lo", "bytes 3-4/5"]);
    for (const Range of ["lines=0-1", "bytes=3-1", "bytes=0-0,2-2", "bytes=-"]) {
      expect(await read({ Range }), Range).to.deep.equal([200, "hello", undefined]);
    }
    const unsatisfiable = "416 InvalidRange: The requested range is not satisfiable";
    expect(await refusal(read({ Range: "bytes=5-" }))).to.equal(unsatisfiable);
    expect(await refusal(read({ Range: "bytes=-0" }))).to.equal(unsatisfiable);
    expect(await refusal(read({ Key: "empty", Range: "bytes=0-" }))).to.equal(unsatisfiable);
  });

  it("say their size and that they can be read in part, to a HEAD of a part too: how downloads in parts begin", async () => {
    await put("a");
    const whole = await s3.send(new HeadObjectCommand({ Bucket, Key: "a" }));
    const part = await s3.send(new HeadObjectCommand({ Bucket, Key: "a", Range: "bytes=1-2" }));

    expect([whole.AcceptRanges, whole.ContentLength, part.ContentLength, part.ContentRange]).to.deep.equal(["bytes", 5, 2, "bytes 1-2/5"]);
    expect(await read({ PartNumber: 1 })).to.deep.equal([206, "hello", "bytes 0-4/5"]);
    expect(await refusal(read({ PartNumber: 2 }))).to.equal("416 InvalidPartNumber: The requested partnumber is not satisfiable");
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: "a", PartNumber: 1 }))).ContentLength).to.equal(5);
  });

  it("are compared with what a client has by second and by any of its tags", async () => {
    const { ETag = "" } = await put("a");
    const { LastModified } = await s3.send(new HeadObjectCommand({ Bucket, Key: "a" }));
    const status = async (options: object) => /^\d+/.exec(await refusal(read(options)))?.[0];

    expect(await status({ IfModifiedSince: LastModified })).to.equal("304");
    expect(await status({ IfUnmodifiedSince: new Date(0) })).to.equal("412");
    expect((await read({ IfUnmodifiedSince: LastModified }))[0]).to.equal(200);
    expect(await status({ IfNoneMatch: `"other", ${ETag}` })).to.equal("304");
    expect(await status({ IfNoneMatch: "*" })).to.equal("304");
    expect((await read({ IfMatch: ETag.replaceAll('"', ""), IfUnmodifiedSince: new Date(0) }))[0]).to.equal(200);
    expect(await refusal(read({ IfMatch: '"other"' }))).to.equal(
      "412 PreconditionFailed: At least one of the pre-conditions you specified did not hold",
    );
  });

  it("keep the encoding that their bytes have when they come as a stream", async () => {
    await put("a", Readable.from([Buffer.from("zip")]), { ContentLength: 3, ContentEncoding: "gzip" });

    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: "a" }))).ContentEncoding).to.equal("gzip");
  });

  it("are refused under names and with metadata that S3 does not take: here, not on AWS", async () => {
    expect(await refusal(put("k".repeat(1025)))).to.equal("400 KeyTooLongError: Your key is too long");
    await put("ü".repeat(512));
    const tooLarge = "400 MetadataTooLarge: Your metadata headers exceed the maximum allowed metadata size";
    expect(await refusal(put("a", "", { Metadata: { a: "x".repeat(2048) } }))).to.equal(tooLarge);
    await put("a", "", { Metadata: { a: "x".repeat(2047) } });
    expect(await refusal(put("a", "", { ContentMD5: "bm8=" }))).to.equal("400 InvalidDigest: The Content-MD5 you specified was invalid.");
    expect(await refusal(put("a", "", { ChecksumSHA256: "bm8=" }))).to.equal(
      "400 InvalidRequest: Value for x-amz-checksum-sha256 header is invalid.",
    );
  });

  it("are copied onto themselves only to change something", async () => {
    await put("a");
    const copy = (more: object) => s3.send(new CopyObjectCommand({ Bucket, Key: "a", CopySource: `${Bucket}/a`, ...more }));

    expect(await refusal(copy({}))).to.equal(
      "400 InvalidRequest: This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
    await copy({ MetadataDirective: "REPLACE", Metadata: { seen: "1" } });
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: "a" }))).Metadata).to.deep.equal({ seen: "1" });
  });

  it("are put together from the parts that are named, or not at all", async () => {
    const Key = "big";
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const part = (PartNumber: number) => s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body: "end" }));
    const complete = (Parts: { ETag?: string | undefined; PartNumber?: number }[]) =>
      s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
    const numbers = "400 InvalidArgument: Part number must be an integer between 1 and 10000, inclusive";
    const malformed = "400 MalformedXML: The XML you provided was not well-formed or did not validate against our published schema";

    expect(await refusal(part(0))).to.equal(numbers);
    expect(await refusal(part(10_001))).to.equal(numbers);
    const { ETag } = await part(1);
    expect(await refusal(complete([]))).to.equal(malformed);
    expect(await refusal(complete([{ ETag }, { ETag, PartNumber: 1 }]))).to.equal(malformed);
    await complete([{ ETag, PartNumber: 1 }]);
    expect(await read({ Key })).to.deep.equal([200, "end", undefined]);
  });

  it("are deleted by the names that were given, whatever these look like in XML, up to a thousand at once", async () => {
    const odd = ["a&lt;b", "a\rb", " a ", "a\tb", "ü€😀"];
    for (const key of [...odd, "a<b", "a"]) await put(key);
    const remove = (Objects: { Key: string; VersionId?: string; ETag?: string }[], Quiet?: boolean) =>
      s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, ...(Quiet && { Quiet }) } }));
    const malformed = "400 MalformedXML: The XML you provided was not well-formed or did not validate against our published schema";

    expect(await refusal(remove([]))).to.equal(malformed);
    expect(await refusal(remove(Array.from({ length: 1001 }, (_, index) => ({ Key: String(index) }))))).to.equal(malformed);
    expect(await refusal(remove([{ Key: "a", ETag: '"x"' }]))).to.match(/^501 NotImplemented: .*<ETag> in an object to delete/);
    expect(await refusal(remove([{ Key: "a", VersionId: "1" }]))).to.match(/^501 NotImplemented: .*versions of objects/);
    const { Deleted, Errors } = await remove(odd.map((Key) => ({ Key })));
    expect([Deleted?.map(({ Key }) => Key), Errors]).to.deep.equal([odd, undefined]);
    expect(await keys()).to.deep.equal(["a", "a<b"]);
    expect((await remove([{ Key: "a" }, { Key: "none" }], true)).Deleted).to.equal(undefined);
    const longest = Array.from({ length: 1000 }, (_, index) => ({ Key: String(index).padEnd(1024, "&") }));
    expect((await remove(longest, true)).Errors).to.equal(undefined);
    expect(await keys()).to.deep.equal(["a<b"]);
  });

  it("are listed with their owner for whoever asks, and with how they were summed up", async () => {
    await put("a", "hello", { ChecksumAlgorithm: "SHA256" });
    const [entry] = (await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? [];
    const [owned] = (await s3.send(new ListObjectsV2Command({ Bucket, FetchOwner: true }))).Contents ?? [];
    const [old] = (await s3.send(new ListObjectsCommand({ Bucket }))).Contents ?? [];

    expect([entry?.Owner, entry?.ChecksumAlgorithm, entry?.ChecksumType]).to.deep.equal([undefined, ["SHA256"], "FULL_OBJECT"]);
    expect([owned?.Owner, old?.Owner]).to.deep.equal([{ ID: "000000000000" }, { ID: "000000000000" }]);
  });
});
