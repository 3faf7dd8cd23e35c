import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import * as library from "@aws-sdk/client-s3";
import { expect } from "chai";
import { Connections } from "../../client/connections";
import { partBytes, upload } from "../../client/upload";

/** As much of a request as is looked at. */
interface Sent {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body?: Uint8Array | Readable;
}

describe("an upload", () => {
  let calls: string[];
  /** Type and key of each object. */
  let begun: string[];
  let aborted: (boolean | undefined)[];
  let stored: Map<string, Buffer>;
  /** What is answered in the place of success. */
  let refuse: (name: string) => number | undefined;
  let connections: Connections;

  const nameOf = ({ method, query }: Sent) =>
    method === "POST"
      ? "uploads" in query
        ? "begin"
        : "complete"
      : method === "DELETE"
        ? "give up"
        : `put ${query["partNumber"] ?? "whole"}`;

  const handle = async (request: Sent, { abortSignal }: { abortSignal?: AbortSignal } = {}) => {
    const name = nameOf(request);
    calls.push(name);
    if (name === "begin" || name === "put whole") begun.push(`${request.headers["content-type"]} ${request.path}`);
    aborted.push(abortSignal?.aborted);
    if (request.body !== undefined) stored.set(name, await buffer(Readable.from([request.body].flat() as never)));
    const status = refuse(name);
    const said = {
      begin: "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>",
      complete: "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>",
    }[name];
    const body = Readable.from([status === undefined ? (said ?? "") : "<Error><Code>AccessDenied</Code></Error>"]);
    return { response: { statusCode: status ?? 200, headers: { etag: '"e"' }, body } };
  };

  beforeEach(() => {
    [calls, begun, aborted, stored, refuse] = [[], [], [], new Map(), () => undefined];
    const credentials = { accessKeyId: "AKID", secretAccessKey: "secret" };
    const requestHandler = { handle: handle as never };
    const s3 = new library.S3Client({
      region: "eu-west-1",
      credentials,
      requestHandler,
      maxAttempts: 1,
      requestChecksumCalculation: "WHEN_REQUIRED",
    });
    connections = new Connections({ clients: { s3 } });
  });

  const location = "s3://service/input/page 1/clip.mp4";
  const chunk = Buffer.alloc(partBytes / 5, "a");
  /** A source of so many fifths of a part, which says how far it was read and whether it was let go. */
  const sourceOf = (fifths: number) => {
    const seen = { given: 0, closed: false };
    const body = (async function* () {
      try {
        for (; seen.given < fifths; seen.given++) yield chunk;
      } finally {
        seen.closed = true;
      }
    })();
    return { seen, body };
  };
  const outcome = (work: Promise<void>) =>
    work.then(
      () => "stored",
      (error: unknown) => error as Error,
    );

  it("of less than a part is one request, of more as many as there are parts, with their type and every byte", async () => {
    await upload(connections, location, sourceOf(1).body, "video/mp4", undefined);
    expect(calls).to.deep.equal(["put whole"]);

    calls.length = 0;
    await upload(connections, location, sourceOf(11).body, "video/mp4", undefined);
    expect([calls[0], calls.at(-1), calls.slice(1, -1).sort()]).to.deep.equal(["begin", "complete", ["put 1", "put 2", "put 3"]]);
    expect(["put whole", "put 1", "put 2", "put 3"].map((name) => stored.get(name)?.length)).to.deep.equal(
      [1, 5, 5, 1].map((fifths) => fifths * chunk.length),
    );
    expect(begun).to.deep.equal(Array(2).fill("video/mp4 /input/page%201/clip.mp4"));
    expect(aborted).not.to.include(true);
  });

  it("that fails leaves no part behind, reads no further and lets its source go: the rest of a terabyte would go up for nothing", async () => {
    refuse = (name) => (name === "put 1" ? 403 : undefined);
    const { body, seen } = sourceOf(1000);
    const error = await outcome(upload(connections, location, body, "video/mp4", undefined));

    expect(error).to.include({ name: "AccessDenied" });
    expect([calls.at(-1), calls.includes("complete"), seen.closed]).to.deep.equal(["give up", false, true]);
    // Four parts on their way, and what is read ahead of them.
    expect(seen.given).to.be.lessThan(40);
  });

  it("that is aborted leaves no part behind, for which alone it goes on, even when its source stalls", async () => {
    const abort = new AbortController();
    const stalls = (async function* () {
      yield Buffer.alloc(2 * partBytes);
      abort.abort(new Error("enough"));
      await new Promise(() => undefined);
    })();
    const error = await outcome(upload(connections, location, stalls, "video/mp4", abort.signal));

    expect(error).to.equal(abort.signal.reason);
    expect([calls.at(-1), aborted.at(-1)]).to.deep.equal(["give up", undefined]);
    expect(aborted.slice(0, -1)).not.to.include(undefined);
  });

  it("of a source that fails says what the source said", async () => {
    const gone = new Error("the disk is gone");
    const failing = (async function* () {
      yield Buffer.alloc(2 * partBytes);
      throw gone;
    })();

    expect(await outcome(upload(connections, location, failing, "video/mp4", undefined))).to.equal(gone);
    expect(calls.at(-1)).to.equal("give up");
  });
});

type Call = {
  name: string;
  input: { PartNumber?: number; Body?: Uint8Array; MultipartUpload?: { Parts: object[] }; ChecksumAlgorithm?: string };
};

/** S3 that keeps what it gets. @param answer when, and how, a call is answered */
function bucket(answer: (call: Call) => Promise<void> | void = () => undefined, checksums = "WHEN_SUPPORTED") {
  const calls: string[] = [];
  const parts = new Map<number, Buffer>();
  let completed: object[] = [];
  const send = async (command: { constructor: { name: string }; input: Call["input"] }, options?: { abortSignal: AbortSignal }) => {
    const name = command.constructor.name.replace(/Command$/, "");
    const { PartNumber, Body, MultipartUpload, ChecksumAlgorithm } = command.input;
    calls.push([name, PartNumber, ChecksumAlgorithm].filter((word) => word !== undefined).join(" "));
    await answer({ name, input: command.input });
    options?.abortSignal.throwIfAborted();
    // What a socket would have sent by now.
    if (Body !== undefined) parts.set(PartNumber ?? 1, Buffer.from(Body));
    if (MultipartUpload !== undefined) completed = MultipartUpload.Parts;
    return { UploadId: "1", ETag: `e${PartNumber}`, ChecksumCRC32: `c${PartNumber}` };
  };
  const client = { send, config: { requestChecksumCalculation: async () => checksums } };
  const whole = () => Buffer.concat([...parts].sort(([one], [other]) => one - other).map(([, body]) => body));
  return { connections: { s3: { library, client } } as unknown as Connections, calls, completed: () => completed, whole };
}

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** A source that overwrites each chunk once the next is asked for. */
async function* overwritten(content: Buffer, chunkBytes: number) {
  const chunk = Buffer.alloc(chunkBytes);
  for (let from = 0; from < content.length; from += chunkBytes) {
    const bytes = content.copy(chunk, 0, from);
    yield chunk.subarray(0, bytes);
    chunk.fill(0);
  }
}

describe("the buffers of an upload", () => {
  const location = "s3://service/input/one";

  for (const [what, bytes, expected] of [
    ["of nothing", 0, ["PutObject"]],
    ["of less than a part", partBytes - 1, ["PutObject"]],
    ["of one part", partBytes, ["CreateMultipartUpload CRC32", "UploadPart 1", "CompleteMultipartUpload"]],
    ["of a byte more", partBytes + 1, ["CreateMultipartUpload CRC32", "UploadPart 1", "UploadPart 2", "CompleteMultipartUpload"]],
  ] as const) {
    it(`${what} has every byte, in as few calls as can be`, async () => {
      const content = randomBytes(bytes);
      const s3 = bucket();

      await upload(s3.connections, location, overwritten(content, 1_000_003), "image/png", undefined);

      expect([s3.calls, digest(s3.whole())]).to.deep.equal([expected, digest(content)]);
    });
  }

  it("keeps every byte though its few buffers are used again, and parts are answered out of order; the parts are listed in theirs", async () => {
    const content = randomBytes(8 * partBytes + 77);
    const late: (() => void)[] = [];
    const s3 = bucket(({ name, input }) => {
      if (name !== "UploadPart" || input.PartNumber === 9) return late.splice(0).forEach((answer) => answer());
      // Each second part is answered after the one that follows it.
      if ((input.PartNumber as number) % 2 === 0) return late.splice(0).forEach((answer) => answer());
      return new Promise<void>((resolve) => void late.push(resolve));
    });

    await upload(s3.connections, location, overwritten(content, partBytes * 2), "image/png", undefined);

    expect(digest(s3.whole())).to.equal(digest(content));
    expect(s3.completed()).to.deep.equal(
      Array.from({ length: 9 }, (_, index) => ({ PartNumber: index + 1, ETag: `e${index + 1}`, ChecksumCRC32: `c${index + 1}` })),
    );
  });

  it("asks for no checksum that its client does not send", async () => {
    const s3 = bucket(undefined, "WHEN_REQUIRED");

    await upload(s3.connections, location, overwritten(Buffer.alloc(partBytes), partBytes), "image/png", undefined);

    expect(s3.calls[0]).to.equal("CreateMultipartUpload");
  });

  it("that loses a part is taken back once no other part is on its way, though its source stalls", async () => {
    let isAnswered = false;
    const s3 = bucket(async ({ name, input }) => {
      if (name === "AbortMultipartUpload") expect(isAnswered).to.equal(true);
      if (name !== "UploadPart") return;
      if (input.PartNumber === 1) {
        await new Promise(setImmediate);
        await new Promise(setImmediate);
        isAnswered = true;
      } else throw new Error("no room");
    });
    async function* stalling() {
      yield Buffer.alloc(2 * partBytes);
      await new Promise(() => undefined);
    }
    const failure = await upload(s3.connections, location, stalling(), "image/png", undefined).catch((error: Error) => error);

    expect([(failure as Error).message, s3.calls.at(-1)]).to.deep.equal(["no room", "AbortMultipartUpload"]);
  });
});
