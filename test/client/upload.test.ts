import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { S3Client } from "@aws-sdk/client-s3";
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
    const s3 = new S3Client({
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

  it("that can't be begun or completed lets its source go as well", async () => {
    for (const refused of ["begin", "complete"]) {
      refuse = (name) => (name === refused ? 403 : undefined);
      const { body, seen } = sourceOf(20);
      const error = await outcome(upload(connections, location, body, "video/mp4", undefined));

      expect(error, refused).to.include({ name: "AccessDenied" });
      expect(seen.closed, refused).to.equal(true);
    }
  });

  it("fails although its source stalls: nobody else would end the wait for it", async () => {
    refuse = (name) => (name === "put 1" ? 403 : undefined);
    const stalls = (async function* () {
      yield Buffer.alloc(2 * partBytes);
      await new Promise(() => undefined);
    })();

    expect(await outcome(upload(connections, location, stalls, "video/mp4", undefined))).to.include({ name: "AccessDenied" });
    expect(calls.at(-1)).to.equal("give up");
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
