import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect } from "chai";
import type { AsyncInferenceError } from "../../client";
import { Connections } from "../../client/connections";
import type { Input } from "../../client/input";
import { placeInput, planInput, type InputPlace } from "../../client/placing";
import type { Submission } from "../../client/service";
import { partBytes } from "../../client/upload";
import { callInputBytes, type JobPorts } from "../../core/ports";
import type { JobRecord } from "../../core/records/job";
import { openJob } from "../../doubles/jobs";

const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

type Streamed = Exclude<Input, { kind: "object" }>;
const bytesInput = (bytes: Uint8Array): Streamed => ({ kind: "bytes", bytes, contentType: "image/png", fileName: "a.png" });
const fileInput = (bytes: Uint8Array): Streamed => ({
  ...{ kind: "file", bytes: bytes.byteLength, contentType: "image/png", fileName: "a.png" },
  read: () => Readable.from([bytes.subarray(0, 3), bytes.subarray(3)]),
});
const streamInput = (bytes: Uint8Array): Streamed => ({
  ...{ kind: "stream", replayable: false, fileName: "a.png" },
  open: async () => ({ body: Readable.from([bytes]), contentType: "image/webp" }),
});

describe("where an input goes", () => {
  let calls: string[];
  let uploaded: Map<string, { bytes: number; type: string | undefined; hash: string }>;
  let known: JobRecord | undefined;
  let isThere: boolean;
  let takesInput: boolean | undefined;
  let put: (location: string, bytes: Uint8Array, type: string | undefined) => Promise<void>;
  let connections: Connections;

  const place = (): InputPlace => ({
    ...{ bucketName: "service", inputPrefix: "in/", allowedInputBuckets: ["scans"], partition: "aws-cn", connections },
  });
  const ports = () =>
    ({
      hash: hashOf,
      jobs: { get: async (jobId: string) => (calls.push(`get ${jobId}`), known) },
      objects: {
        head: async (location: string) => {
          calls.push(`head ${location}`);
          return isThere ? { bytes: 1, eTag: '"e"' } : undefined;
        },
        put: (location: string, bytes: Uint8Array, type: string | undefined) => {
          calls.push(`put ${location} ${bytes.byteLength} ${type}`);
          return put(location, bytes, type);
        },
      },
      endpoint: { takesInput: () => takesInput },
    }) as unknown as JobPorts;
  const submission = (change: Partial<Submission> = {}): Submission => ({
    ...{ jobId: "page-1", named: true, request: {}, maxAttempts: 3, signal: undefined },
    input: () => Promise.reject(new Error("not read anew")),
    inTurn: (work) => work(),
    ...change,
  });
  const plan = (input: Input, change?: Partial<Submission>) => planInput(ports(), place(), submission(change), input);
  const placed = (input: Input, change?: Partial<Submission>) => placeInput(ports(), place(), submission(change), input);
  const errorOf = (work: Promise<unknown>) =>
    work.then(
      () => expect.fail("was placed"),
      (error: unknown) => error as AsyncInferenceError,
    );

  beforeEach(() => {
    [calls, uploaded, known, isThere, takesInput, put] = [[], new Map(), undefined, true, undefined, async () => undefined];
    /** In the place of the SDK's: reads what it is given. */
    class Upload {
      constructor(private readonly given: { params: { Bucket: string; Key: string; Body: Readable; ContentType: string } }) {}
      async done() {
        const { Bucket, Key, Body, ContentType } = this.given.params;
        const bytes = await buffer(Body);
        calls.push("upload");
        uploaded.set(`s3://${Bucket}/${Key}`, { bytes: bytes.byteLength, type: ContentType, hash: hashOf(bytes) });
      }
    }
    connections = new Connections({ clients: { s3: {} as never } });
    Object.defineProperty(connections, "storage", { value: { Upload } });
  });

  const small = Buffer.alloc(partBytes, "s");
  const large = Buffer.alloc(partBytes + 1, "l");

  it("is below its job's id when it goes up in one request, and nothing is written before the record is", async () => {
    for (const input of [bytesInput(small), fileInput(small)]) {
      const { place: putIt, ...planned } = await plan(input);

      expect(planned).to.deep.equal({
        location: "s3://service/in/page-1/a.png",
        hash: hashOf(small),
        bytes: partBytes,
        contentType: "image/png",
        content: undefined,
      });
      expect(calls).to.deep.equal([]);
      await putIt?.("s3://service/in/page-1/a.png");
      expect(calls.splice(0)).to.deep.equal([`put s3://service/in/page-1/a.png ${partBytes} image/png`]);
    }
  });

  it("may be the call to the endpoint while that takes it", async () => {
    const most = Buffer.alloc(callInputBytes, "m");

    expect((await plan(bytesInput(most))).content).to.deep.equal(most);
    expect((await plan(bytesInput(Buffer.concat([most, most])))).content).to.equal(undefined);
  });

  it("is a key of its own, uploaded before the record and hashed on its way, when it is large or can be read only once", async () => {
    for (const [input, bytes, type] of [
      [bytesInput(large), large, "image/png"],
      [fileInput(large), large, "image/png"],
      [streamInput(small), small, "image/webp"],
    ] as const) {
      calls.length = 0;
      const planned = await plan(input, { named: false });
      const second = await plan(input, { named: false });

      expect(planned.location).to.match(/^s3:\/\/service\/in\/page-1\/[0-9a-f]{12}\/a\.png$/);
      expect(planned).to.deep.equal({ location: planned.location, hash: hashOf(bytes), bytes: bytes.length, contentType: type });
      expect(uploaded.get(planned.location)).to.deep.equal({ bytes: bytes.length, type, hash: hashOf(bytes) });
      expect(second.location).not.to.equal(planned.location);
      // Nobody else can have a job of an id that was made for this one.
      expect(calls).to.deep.equal(["upload", "upload"]);
    }
  });

  describe("of an id that is a job already", () => {
    const location = "s3://service/in/page-1/0123456789ab/a.png";
    const accepted = (over: Partial<JobRecord> = {}) =>
      openJob({ jobId: "page-1", state: "ACCEPTED", inputLocation: location, inputHash: hashOf(large), ...over });

    it("is that job's: it is hashed, to be compared, and nothing goes up", async () => {
      for (const job of [accepted(), accepted({ state: "SUBMITTED" })]) {
        known = job;
        expect(await plan(streamInput(large))).to.deep.equal({ location, hash: hashOf(large), contentType: "image/webp" });
      }
      expect(calls).to.deep.equal(["get page-1", `head ${location}`, "get page-1"]);
    });

    it("goes where the job's is missing, since who accepted it died before it was there", async () => {
      [known, isThere] = [accepted(), false];
      const planned = await plan(bytesInput(large));

      expect(planned).to.deep.equal({ location, hash: hashOf(large), bytes: large.length, contentType: "image/png" });
      expect([...uploaded.keys()]).to.deep.equal([location]);
    });

    it("is refused where another is missing, and is not stored in its place", async () => {
      [known, isThere] = [accepted({ inputHash: hashOf(small) }), false];
      const error = await errorOf(plan(bytesInput(large)));

      expect(error).to.include({
        code: "CONFLICT",
        field: "jobId",
        message: "jobId: page-1 is a job with another input, accepted at 2026-01-25T22:46:00.000Z.",
      });
      expect(uploaded.size).to.equal(0);
    });
  });

  it("stays where it is when it is in S3, in an allowed place", async () => {
    const object = { kind: "object", location: "s3://scans/a", contentType: undefined, fileName: "input" } as const;

    expect([(await plan(object)).location, (await placed(object)).location]).to.deep.equal(["s3://scans/a", "s3://scans/a"]);
    expect((await errorOf(placed({ ...object, location: "s3://others/a" }))).message).to.include("ACCESS_DENIED");
    expect(uploaded.size).to.equal(0);
  });

  it("may be an object that is a job's already, of an id that the caller chose: no record is looked for of another", async () => {
    const object = { kind: "object", location: "s3://scans/a", contentType: undefined, fileName: "input" } as const;
    isThere = false;

    known = openJob({ jobId: "page-1", inputLocation: "s3://scans/a", inputHash: "of-the-job" });
    expect(await plan(object)).to.deep.include({ location: "s3://scans/a", hash: "of-the-job" });
    for (const refused of [plan(object, { named: false }), placed(object)])
      expect((await errorOf(refused)).message).to.include("NOT_FOUND");
    expect(calls.filter((call) => call.startsWith("get "))).to.deep.equal(["get page-1"]);
  });

  describe("without a table", () => {
    const text = Buffer.from("text");
    const at = "s3://service/in/page-1/a.png";

    it("is in the call as long as nobody has said that it can't be, and can still be put where the service reads it", async () => {
      for (const takes of [undefined, true]) {
        takesInput = takes;
        const { place: putIt, ...planned } = await placed(bytesInput(text));

        expect(planned).to.deep.equal({ location: at, hash: "", bytes: 4, contentType: "image/png", content: text });
        expect(calls).to.deep.equal([]);
        await putIt?.(at);
        expect(calls.splice(0)).to.deep.equal([`put ${at} 4 image/png`]);
      }
    });

    it("is put before the call where the endpoint takes none in it, or it is too large for it", async () => {
      takesInput = false;
      const refused = await placed(bytesInput(text));
      takesInput = true;
      const tooLarge = await placed(fileInput(small));

      expect([refused.content, tooLarge.content]).to.deep.equal([undefined, undefined]);
      expect(calls).to.deep.equal([`put ${at} 4 image/png`, `put ${at} ${partBytes} image/png`]);
    });

    it("goes up in parts under its job's id, which nobody else has", async () => {
      expect(await placed(streamInput(large))).to.deep.equal({
        location: at,
        hash: hashOf(large),
        bytes: large.length,
        contentType: "image/webp",
      });
      expect([...uploaded.keys()]).to.deep.equal([at]);
    });

    it("that may not be written names the statement to add, in the partition of the service", async () => {
      takesInput = false;
      put = () => Promise.reject(Object.assign(new Error("no"), { name: "AccessDenied", $metadata: { httpStatusCode: 403 } }));

      expect(await errorOf(placed(bytesInput(text)))).to.include({
        code: "ACCESS_DENIED",
        advice:
          'Add to the caller\'s role: {"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws-cn:s3:::service/in/page-1/a.png"}',
      });
    });

    it("ends at once with an abort, however long the store takes", async () => {
      takesInput = false;
      put = () => new Promise(() => undefined);
      const abort = new AbortController();
      const placing = errorOf(placed(bytesInput(text), { signal: abort.signal }));
      abort.abort();

      expect(await placing).to.equal(abort.signal.reason);
    });
  });
});
