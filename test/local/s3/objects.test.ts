import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectTaggingCommand,
  DeleteObjectsCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
  type ChecksumAlgorithm,
  type ObjectAttributes,
  type Tag,
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

  it("take sums alone from what follows a stream: other headers there would pass by who may set them", async () => {
    const follows = ["x-amz-tagging:k=v", "x-amz-copy-source:jobs/b", "x-amz-meta-by:me", "x-amz-checksum-crc32c:mnG7TA=="];
    const { status } = await fetch(`${cloud.client.endpoint}/${Bucket}/a`, {
      method: "PUT",
      body: `5\r\nhello\r\n0\r\n${follows.join("\r\n")}\r\n\r\n`,
      headers: {
        authorization: "AWS4-HMAC-SHA256 Credential=test/20260125/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0",
        "content-encoding": "aws-chunked",
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      },
    });
    const { ChecksumCRC32C, Metadata, TagCount } = await s3.send(new HeadObjectCommand({ Bucket, Key: "a", ChecksumMode: "ENABLED" }));

    expect([status, ChecksumCRC32C, Metadata, TagCount]).to.deep.equal([200, "mnG7TA==", {}, undefined]);
    expect(await read({})).to.deep.equal([200, "hello", undefined]);
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

  const codeOf = (refused: string) => /^\d+ (\w+):/.exec(refused)?.[1];

  describe("with checksums", () => {
    const attributes = async (ObjectAttributes: ObjectAttributes[], more: object = {}) => {
      const {
        $metadata: _,
        LastModified,
        ...found
      } = await s3.send(new GetObjectAttributesCommand({ Bucket, Key: "a", ObjectAttributes, ...more }));
      return { ...found, LastModified: LastModified?.toISOString() };
    };
    const LastModified = "2026-01-25T22:46:00.000Z";

    it("say them to whoever compares what was stored: of bytes, of a stream, of a copy", async () => {
      await put("a", "hello", { ChecksumAlgorithm: "CRC32C" });
      expect(await attributes(["ETag", "Checksum", "ObjectSize", "StorageClass", "ObjectParts"])).to.deep.equal({
        LastModified,
        ETag: "5d41402abc4b2a76b9719d911017c592",
        Checksum: { ChecksumCRC32C: "mnG7TA==", ChecksumType: "FULL_OBJECT" },
        ObjectSize: 5,
        StorageClass: "STANDARD",
      });
      await put("a", Readable.from([Buffer.from("hello")]), { ChecksumAlgorithm: "CRC64NVME", ContentLength: 5 });
      const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "a", ChecksumMode: "ENABLED" }));
      expect([head.ChecksumCRC64NVME, head.ChecksumType]).to.deep.equal(["M3eFcAZSQlc=", "FULL_OBJECT"]);
      await s3.send(
        new CopyObjectCommand({ Bucket, Key: "a", CopySource: `${Bucket}/a`, MetadataDirective: "REPLACE", ChecksumAlgorithm: "CRC32" }),
      );
      expect(await attributes(["Checksum"])).to.deep.equal({
        LastModified,
        Checksum: { ChecksumCRC32: "NhCmhg==", ChecksumType: "FULL_OBJECT" },
      });
      expect(await refusal(attributes(["Owner" as ObjectAttributes]))).to.equal("400 InvalidArgument: Invalid attribute name specified.");
    });

    const begin = async (ChecksumAlgorithm: ChecksumAlgorithm, more: object = {}) => {
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "a", ChecksumAlgorithm, ...more }));
      const Body = Buffer.from("hello");
      const part = await s3.send(new UploadPartCommand({ Bucket, Key: "a", UploadId, PartNumber: 1, Body, ChecksumAlgorithm }));
      const complete = (sums: object, whole: object = {}) =>
        s3.send(
          new CompleteMultipartUploadCommand({
            Bucket,
            Key: "a",
            UploadId,
            MultipartUpload: { Parts: [{ PartNumber: 1, ETag: part.ETag, ...sums }] },
            ...whole,
          }),
        );
      return { UploadId, complete };
    };

    it("have that of all their bytes, or of their parts' sums, as their upload in parts was begun", async () => {
      const whole = await begin("CRC64NVME");
      const done = await whole.complete({ ChecksumCRC64NVME: "M3eFcAZSQlc=" }, { ChecksumCRC64NVME: "M3eFcAZSQlc=", MpuObjectSize: 5 });
      expect([done.ChecksumCRC64NVME, done.ChecksumType]).to.deep.equal(["M3eFcAZSQlc=", "FULL_OBJECT"]);

      const composed = await begin("CRC32C");
      const listed = await s3.send(new ListPartsCommand({ Bucket, Key: "a", UploadId: composed.UploadId }));
      const ofPart = listed.Parts?.map(({ ChecksumCRC32C }) => ChecksumCRC32C);
      expect([listed.ChecksumAlgorithm, listed.ChecksumType, ofPart]).to.deep.equal(["CRC32C", "COMPOSITE", ["mnG7TA=="]]);
      await composed.complete({ ChecksumCRC32C: "mnG7TA==" });
      expect(await attributes(["Checksum", "ObjectParts"], { MaxParts: 1 })).to.deep.equal({
        LastModified,
        Checksum: { ChecksumCRC32C: "VwS2rA==-1", ChecksumType: "COMPOSITE" },
        ObjectParts: {
          TotalPartsCount: 1,
          PartNumberMarker: "0",
          NextPartNumberMarker: "1",
          MaxParts: 1,
          IsTruncated: false,
          Parts: [{ PartNumber: 1, Size: 5, ChecksumCRC32C: "mnG7TA==" }],
        },
      });
    });

    it("are not put together from parts that are not what was meant, and the upload goes on", async () => {
      const { complete, UploadId } = await begin("CRC32", { ChecksumType: "FULL_OBJECT" });
      const differs = "The CRC32 you specified did not match the calculated checksum.";
      expect([
        await refusal(complete({ ChecksumCRC32: "AAAAAA==" })).then(codeOf),
        await refusal(complete({}, { ChecksumCRC32: "AAAAAA==" })),
        await refusal(complete({}, { MpuObjectSize: 6 })),
        await refusal(s3.send(new UploadPartCommand({ Bucket, Key: "a", UploadId, PartNumber: 2, Body: "x", ChecksumAlgorithm: "SHA1" }))),
        await refusal(begin("SHA1", { ChecksumType: "FULL_OBJECT" })),
      ]).to.deep.equal([
        "InvalidPart",
        `400 BadDigest: ${differs}`,
        "400 InvalidRequest: The provided 'x-amz-mp-object-size' header value 6 does not match what was computed: 5",
        "400 InvalidRequest: Checksum Type mismatch occurred, expected checksum Type: crc32, actual checksum Type: sha1",
        "400 InvalidRequest: The FULL_OBJECT checksum type cannot be used with the sha1 checksum algorithm.",
      ]);
      expect((await complete({ ChecksumCRC32: "NhCmhg==" })).ChecksumCRC32).to.equal("NhCmhg==");
    });
  });

  describe("with tags", () => {
    const tags = async (Key = "a") => (await s3.send(new GetObjectTaggingCommand({ Bucket, Key }))).TagSet;
    const tag = (...TagSet: Tag[]) => s3.send(new PutObjectTaggingCommand({ Bucket, Key: "a", Tagging: { TagSet } }));
    const team = { Key: "team", Value: "a b/é" };

    it("have those that their last writer gave, a copy its source's, and an upload in parts those that it began with", async () => {
      await put("a", "hello", { Tagging: "team=a+b%2F%C3%A9&k=" });
      expect(await tags()).to.deep.equal([team, { Key: "k", Value: "" }]);
      expect((await s3.send(new HeadObjectCommand({ Bucket, Key: "a" }))).TagCount).to.equal(2);

      await tag(team);
      await s3.send(new CopyObjectCommand({ Bucket, Key: "b", CopySource: `${Bucket}/a` }));
      const replaced = { TaggingDirective: "REPLACE", Tagging: "new=1" } as const;
      await s3.send(new CopyObjectCommand({ Bucket, Key: "c", CopySource: `${Bucket}/a`, ...replaced }));
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "d", Tagging: "of=parts" }));
      const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key: "d", UploadId, PartNumber: 1, Body: "x" }));
      const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
      await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: "d", UploadId, MultipartUpload }));
      expect([await tags(), await tags("b"), await tags("c"), await tags("d")]).to.deep.equal([
        [team],
        [team],
        [{ Key: "new", Value: "1" }],
        [{ Key: "of", Value: "parts" }],
      ]);

      await s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: "b" }));
      await put("a");
      expect([await tags(), await tags("b")]).to.deep.equal([[], []]);
      expect((await s3.send(new HeadObjectCommand({ Bucket, Key: "a" }))).TagCount).to.equal(undefined);
      expect(await read({})).to.deep.equal([200, "hello", undefined]);
    });

    it("are refused what S3 refuses, and have none when they are gone", async () => {
      await put("a", "hello", { Tagging: "k=v" });
      const many = Array.from({ length: 11 }, (_, index) => ({ Key: `k${index}`, Value: "v" }));
      const form = "shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.";
      expect([
        await refusal(tag(...many)),
        await refusal(tag({ Key: "aws:k", Value: "v" })),
        await refusal(tag({ Key: "k", Value: "a*b" })),
        await refusal(tag(team, team)),
        await refusal(put("a", "x", { Tagging: "k=1&k=2" })),
        await refusal(tags("none")).then(codeOf),
      ]).to.deep.equal([
        "400 BadRequest: Object tags cannot be greater than 10",
        "400 InvalidTag: System tags cannot be added/updated by requester",
        "400 InvalidTag: The TagValue you have provided is invalid",
        "400 InvalidTag: Cannot provide multiple Tags with the same key",
        `400 InvalidArgument: The header 'x-amz-tagging' ${form}`,
        "NoSuchKey",
      ]);
      expect(await tags()).to.deep.equal([{ Key: "k", Value: "v" }]);
      await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "a" }] } }));
      expect(codeOf(await refusal(tags()))).to.equal("NoSuchKey");
    });
  });

  it("come from a browser's form by the policy that its signer gave, and say where they are", async () => {
    const endpoint = cloud.client.endpoint;
    const conditions = [{ bucket: Bucket }, ["starts-with", "$key", ""], ["content-length-range", 1, 5]];
    const named = {
      "Content-Type": "image/png",
      "x-amz-meta-page": "1",
      tagging: "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>",
    };
    const post = async (file: string, more: Record<string, string> = {}) => {
      const equal = Object.entries({ ...named, ...more }).map(([name, value]) => ({ [name]: value }));
      const expiration = new Date(Date.now() + 60_000).toISOString();
      const policy = Buffer.from(JSON.stringify({ expiration, conditions: [...conditions, ...equal] })).toString("base64");
      const form = new FormData();
      const fields = { key: "in/${filename}", AWSAccessKeyId: "AKIATEST", signature: "0", policy, ...named, ...more };
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      form.append("file", new Blob([file]), "a b.png");
      const answer = await fetch(`${endpoint}/${Bucket}`, { method: "POST", body: form, redirect: "manual" });
      return [answer.status, answer.headers.get("location"), answer.headers.get("etag"), await answer.text()];
    };
    const location = `${endpoint}/${Bucket}/in/a%20b.png`;
    const etag = '"5d41402abc4b2a76b9719d911017c592"';
    expect(await post("hello")).to.deep.equal([204, location, etag, ""]);
    const { Body, ContentType, Metadata, TagCount } = await s3.send(new GetObjectCommand({ Bucket, Key: "in/a b.png" }));
    expect([await Body?.transformToString(), ContentType, Metadata, TagCount]).to.deep.equal(["hello", "image/png", { page: "1" }, 1]);

    const [status, , , document] = await post("hello", { success_action_status: "201" });
    const members = `<Location>${location}</Location><Bucket>jobs</Bucket><Key>in/a b.png</Key><ETag>${etag.replaceAll('"', "&#34;")}</ETag>`;
    expect([status, document]).to.deep.equal([201, `<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse>${members}</PostResponse>`]);
    const [, redirected] = await post("hello", { success_action_redirect: "https://example.com/done?a=1" });
    expect(redirected).to.equal(`https://example.com/done?a=1&bucket=jobs&key=in%2Fa+b.png&etag=%22${etag.slice(1, -1)}%22`);
    // A step up is a part of the name: what a policy says of "in/" does not end there.
    const [, above] = await post("hello", { key: "in/../../jobs/b" });
    expect([above, await keys()]).to.deep.equal([`${endpoint}/${Bucket}/in/../../jobs/b`, ["in/../../jobs/b", "in/a b.png"]]);
    await post("hello", { "x-amz-meta-name": "Übersicht 日本.png" });
    const { Metadata: read } = await s3.send(new HeadObjectCommand({ Bucket, Key: "in/a b.png" }));
    const base64 = Buffer.from("Übersicht 日本.png").toString("base64");
    expect(read).to.deep.equal({ page: "1", name: `=?UTF-8?B?${base64}?=` });
    const refused = async (...args: Parameters<typeof post>) => /<Code>(.*)<\/Code>/.exec(String((await post(...args))[3]))?.[1];
    expect([
      await refused("too long"),
      await refused("hello", { acl: "public-read" }),
      await refused("hello", { key: "." }),
      await refused("hello", { key: ".." }),
      await refused("hello", { "Cache-Control": "a\r\nb: c" }),
      await refused("hello", { "Content-Disposition": "日本" }),
      await refused("hello", { "x-amz-meta-日本": "1" }),
    ]).to.deep.equal(["EntityTooLarge", "NotImplemented", ...["InvalidURI", "InvalidURI"], ...Array<string>(3).fill("InvalidArgument")]);
  });
});
