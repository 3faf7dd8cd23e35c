import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { chmod, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { bounded, fileError, hashOf, readInput, type Input } from "../../client/input";
import type { SubmitOptions } from "../../client";
import { errorOf } from "./support";

/** What the model would get, and how it is called. */
async function read(given: unknown, options: SubmitOptions = {}) {
  const input: Input = await readInput(given, options);
  const { kind, fileName } = input;
  if (input.kind === "object") return { kind, fileName, contentType: input.contentType, location: input.location };
  if (input.kind === "bytes") return { kind, fileName, contentType: input.contentType, text: Buffer.from(input.bytes).toString() };
  const { body, contentType } = input.kind === "file" ? { body: input.read(), contentType: input.contentType } : await input.open();
  return { kind, fileName, contentType, text: (await buffer(Readable.from(body))).toString() };
}

describe("inputs", () => {
  let folder: string;
  let server: Server;
  let origin: string;
  /** When nobody reads the largest input any more. */
  let mostClosed: Promise<unknown>;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "inputs-"));
    server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://localhost");
      if (pathname === "/page.json") return response.writeHead(200, { "content-type": "application/json" }).end("[1]");
      if (pathname === "/page.png") return response.writeHead(200).end("png");
      if (pathname === "/huge") return response.writeHead(200, { "content-length": String(2 * 1024 ** 3) }).flushHeaders();
      if (pathname === "/cut") {
        response.writeHead(200, { "content-length": "10" }).write("half");
        return void setImmediate(() => response.destroy());
      }
      if (pathname === "/most") {
        mostClosed = once(response, "close");
        return response.writeHead(200, { "content-length": String(1024 ** 3) }).write("begin");
      }
      if (pathname === "/silent") return;
      return response.writeHead(Number(pathname.slice(1))).end();
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  for (const [what, given, expected] of [
    ["an object is JSON", { text: "grüße" }, ["request.json", "application/json", '{"text":"grüße"}']],
    ["null is JSON", null, ["request.json", "application/json", "null"]],
    ["a number is JSON", 7, ["request.json", "application/json", "7"]],
    ["a string is the payload itself", '{"a": 1}', ["input", "text/plain", '{"a": 1}']],
    ["an empty string is an empty payload", "", ["input", "text/plain", ""]],
    ["bytes are told by how they begin", Buffer.from("%PDF-1.7"), ["input", "application/pdf", "%PDF-1.7"]],
    ["other bytes are just that", new Uint8Array([97, 98]), ["input", "application/octet-stream", "ab"]],
    [
      "a view is what it shows, not what is behind it",
      new Uint8Array(Buffer.from("xaby")).subarray(1, 3),
      ["input", "application/octet-stream", "ab"],
    ],
    ["words are the bytes that they are stored in", new Uint16Array([0x6261]), ["input", "application/octet-stream", "ab"]],
  ] as const) {
    it(`${what}`, async () => {
      const [fileName, contentType, text] = expected;

      expect(await read(given)).to.deep.equal({ kind: "bytes", fileName, contentType, text });
    });
  }

  it("knows an image by its first bytes", async () => {
    const input = await readInput(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), {});

    expect(input).to.include({ kind: "bytes", contentType: "image/png" });
  });

  it("takes the caller's content type, then the file's name, before its own guess", async () => {
    expect(await read("a,b", { fileName: "table.csv" })).to.include({ fileName: "table.csv", contentType: "text/csv" });
    expect(await read("a,b", { fileName: "table.csv", contentType: "text/x" })).to.include({ contentType: "text/x" });
    expect(await read({ a: 1 }, { contentType: "application/ld+json" })).to.include({ contentType: "application/ld+json" });
  });

  it("takes streams of every kind", async () => {
    const path = join(folder, "note.txt");
    await writeFile(path, "a note");
    const chunks = async function* () {
      yield "in ";
      yield Buffer.from("parts");
    };

    expect(await read(Readable.from([Buffer.from("node")]))).to.deep.equal({
      kind: "stream",
      fileName: "input",
      contentType: "application/octet-stream",
      text: "node",
    });
    expect(await read(createReadStream(path))).to.deep.equal({
      kind: "stream",
      fileName: "note.txt",
      contentType: "text/plain",
      text: "a note",
    });
    expect(await read(new Blob(["web"]).stream())).to.include({ kind: "stream", text: "web" });
    expect(await read(chunks())).to.include({ kind: "stream", text: "in parts" });
    expect(await read(new File(["named"], "scan.png"))).to.deep.equal({
      kind: "file",
      fileName: "scan.png",
      contentType: "image/png",
      text: "named",
    });
  });

  it("says of a stream that broke off that it is the caller's own, and what its file system said", async () => {
    const broken = async (error: Error) => {
      const stream = Readable.from(
        (async function* () {
          yield "first";
          throw error;
        })(),
      );
      return read(stream).catch((thrown: unknown) => thrown);
    };
    const missing = createReadStream(join(folder, "nosuch"));

    expect(await broken(new Error("disk gone"))).to.include({
      code: "BAD_INPUT",
      field: "input",
      message: "input: the stream broke off: disk gone",
      advice: "Find out what its source says, and submit a new stream: this one is read in part.",
    });
    expect(await read(missing).catch((thrown: unknown) => thrown)).to.include({ code: "NOT_FOUND", field: "input" });
    expect(await broken(Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }))).to.include({
      code: "BAD_INPUT",
      message: "input: the stream broke off: socket hang up",
    });
    const aborted = Object.assign(new Error("enough"), { name: "AbortError" });
    expect(await broken(aborted)).to.equal(aborted);
  });

  it("takes a file by its URL", async () => {
    const path = join(folder, "größe 1.json");
    await writeFile(path, "[1]");

    expect(await read(pathToFileURL(path))).to.deep.equal({
      kind: "file",
      fileName: "größe 1.json",
      contentType: "application/json",
      text: "[1]",
    });
  });

  it("leaves an object where it is, under the characters that its key has", async () => {
    expect(await read(new URL("s3://scans/in/page 1.png"))).to.deep.equal({
      kind: "object",
      fileName: "input",
      contentType: undefined,
      location: "s3://scans/in/page 1.png",
    });
  });

  it("fetches what is behind a URL, with the type that its server says", async () => {
    expect(await read(new URL(`${origin}/page.json?signature=x`))).to.deep.equal({
      kind: "stream",
      fileName: "page.json",
      contentType: "application/json",
      text: "[1]",
    });
    expect(await read(new URL(`${origin}/page.png`))).to.include({ contentType: "image/png", text: "png" });
  });

  for (const [path, code, message] of [
    ["/404", "NOT_FOUND", "URL answered with 404"],
    ["/403", "ACCESS_DENIED", "URL answered with 403"],
    ["/410", "NOT_FOUND", "URL answered with 410"],
    ["/401", "ACCESS_DENIED", "URL answered with 401"],
    ["/429", "UNAVAILABLE", "URL answered with 429"],
    ["/500", "UNAVAILABLE", "URL answered with 500"],
    ["/499", "BAD_INPUT", "URL answered with 499"],
    ["/400", "BAD_INPUT", "URL answered with 400"],
    ["/503", "UNAVAILABLE", "URL answered with 503"],
    ["/204", "BAD_INPUT", "URL answered with 204"],
    ["/huge", "BAD_INPUT", "got 2147483648 bytes or more, expected at most 1073741824"],
    ["/cut", "UNAVAILABLE", "URL broke off: "],
  ] as const) {
    it(`says what is wrong with ${path} behind a URL, without its signature`, async () => {
      const error = await errorOf(read(new URL(`${origin}${path}?signature=secret`)));

      expect(error).to.include({ code, field: "input" });
      expect(error.message.replace(origin + path, "URL"))
        .to.match(new RegExp(`^input: ${message}`))
        .and.not.include("secret");
    });
  }

  it("fetches from this machine in the clear by each of its names, and says where nobody answers, without the signature", async () => {
    for (const host of ["127.0.0.1", "localhost", "[::1]"]) {
      const error = await errorOf(read(new URL(`http://${host}:1/a?signature=secret`)));

      expect(error).to.include({ code: "UNAVAILABLE", field: "input" });
      // Port 1 is one that fetch refuses by itself.
      expect(error.message).to.equal(`input: http://${host}:1/a can't be fetched: bad port`);
    }
  });

  it("fetches as much as a model can be given, again if need be, and lets the server go when nobody reads on", async () => {
    const input = await readInput(new URL(`${origin}/most`), {});
    if (input.kind !== "stream") return expect.fail(`got ${input.kind}`);
    const { body } = await input.open();
    for await (const chunk of body) {
      expect(Buffer.from(chunk).toString()).to.equal("begin");
      break;
    }

    await mostClosed;
    expect(input.replayable).to.equal(true);
  });

  it("stops to fetch when its caller does, and passes the caller's reason on", async () => {
    const input = await readInput(new URL(`${origin}/silent`), {});
    if (input.kind !== "stream") return expect.fail(`got ${input.kind}`);
    const abort = new AbortController();
    const opening = input.open(abort.signal).catch((error: unknown) => error);
    abort.abort();

    expect(await opening).to.equal(abort.signal.reason);
  });

  it("says what to do about what it does not take", async () => {
    const adviceFor = async (given: unknown) => (await errorOf(read(given))).advice;

    expect(await adviceFor(new URL(`${origin}/403`))).to.equal("Give a URL that needs nothing more, such as a presigned one.");
    expect(await adviceFor(new Map())).to.equal("Give Object.fromEntries(map).");
    expect(await adviceFor(new Set())).to.equal("Give [...set].");
    expect(await adviceFor(1n)).to.equal(
      "Give what JSON has no word for as a string, or the JSON text itself, with contentType application/json.",
    );
    expect(await adviceFor(new URL(`${origin}/huge`))).to.equal("Split the input.");
  });

  it("names the key of a URL that is not percent-encoded UTF-8, and what a codec stumbled over", async () => {
    const cause = new RangeError("too deep");
    const encode = () => {
      throw cause;
    };
    const codec = { contentType: "x/y", encode, decode: () => undefined };

    expect(await errorOf(read(new URL("s3://scans/%ff")))).to.include({
      code: "BAD_INPUT",
      field: "input",
      message: "input: s3://scans/%ff is not percent-encoded UTF-8",
    });
    expect(await errorOf(read("a", { codec }))).to.include({
      field: "input",
      message: "input: the codec can't encode it: too deep",
      cause,
    });
  });

  for (const [what, given, code, message] of [
    ["a function", () => 1, "BAD_INPUT", "input: got function, expected a JSON value, a string, bytes, a stream or a URL"],
    ["a Map", new Map([["a", 1]]), "BAD_INPUT", "input: got a Map, which JSON makes {} of"],
    ["a Set", new Set([1]), "BAD_INPUT", "input: got a Set, which JSON makes {} of"],
    [
      "a stream of nothing",
      (async function* () {
        yield null;
      })(),
      "BAD_INPUT",
      "input: a stream of bytes or strings was expected, and it gave null",
    ],
    ["nothing", undefined, "BAD_INPUT", "input: got undefined, expected a JSON value, a string, bytes, a stream or a URL"],
    ["a big integer", { n: 1n }, "BAD_INPUT", "input: Do not know how to serialize a BigInt"],
    [
      "a URL that isn't encrypted",
      new URL("http://example.com/a"),
      "BAD_INPUT",
      "input: got a URL of http:, expected file:, s3: or https:",
    ],
    ["a folder", pathToFileURL(tmpdir()), "BAD_INPUT", `input: ${tmpdir()} is not a file`],
    ["a stream of objects", Readable.from([{ a: 1 }]), "BAD_INPUT", "input: a stream of bytes or strings was expected, and it gave object"],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const error = await errorOf(read(given));

      expect([error.code, error.field, error.message]).to.deep.equal([code, "input", message]);
    });
  }

  it("refuses a file that isn't there, or that it may not read", async () => {
    const secret = join(folder, "secret");
    await writeFile(secret, "s");
    await chmod(secret, 0);

    expect(await errorOf(read(pathToFileURL(join(folder, "none"))))).to.include({
      code: "NOT_FOUND",
      field: "input",
      advice: "Look whether the file is there and its path is spelled right.",
    });
    // Root may read everything.
    if (process.getuid?.() !== 0) expect(await errorOf(read(pathToFileURL(secret)))).to.include({ code: "ACCESS_DENIED", field: "input" });
  });

  for (const [code, as] of [
    ["ENOENT", "NOT_FOUND"],
    ["ENOTDIR", "NOT_FOUND"],
    ["EACCES", "ACCESS_DENIED"],
    ["EPERM", "ACCESS_DENIED"],
    ["EMFILE", "BAD_INPUT"],
  ] as const) {
    it(`says what the file system says of a file, as ${as} where that is ${code}`, () => {
      const cause = Object.assign(new Error(`${code}: no`), { code });

      expect(fileError(cause)).to.include({ code: as, message: `input: ${code}: no`, field: "input", cause });
      expect(fileError(cause).advice.includes("Let the process read the file.")).to.equal(as === "ACCESS_DENIED");
    });
  }

  for (const [url, location] of [
    ["s3://scans/a%20b%C3%BC.png", undefined],
    ["s3://scans/100%25?v=1#x", "s3://scans/100%?v=1#x"],
    ["s3://scans/", undefined],
    ["s3://scans/%ff", undefined],
  ] as const) {
    it(`takes the object of ${url} ${location === undefined ? "for none that the endpoint could read" : "by the characters of its key"}`, async () => {
      const given = new URL(url);
      if (location !== undefined) expect(await read(given)).to.include({ location });
      else expect((await errorOf(read(given))).code).to.equal("BAD_INPUT");
    });
  }

  it("takes the caller's word for what an object is", async () => {
    expect(await read(new URL("s3://scans/a"), { contentType: "image/png", fileName: "a.png" })).to.include({
      contentType: "image/png",
      fileName: "a.png",
    });
  });

  it("takes a buffer of no view, and a blob of no name and type", async () => {
    expect(await read(new Uint8Array([97]).buffer)).to.include({ contentType: "application/octet-stream", text: "a" });
    expect(await read(new Blob(["a"]))).to.include({ fileName: "input", contentType: "application/octet-stream", text: "a" });
    expect(await read(new Blob(["a"], { type: "text/x-own" }))).to.include({ contentType: "text/x-own" });
  });

  it("does not take text for a codec's bytes that are neither", async () => {
    const decode = () => undefined;
    const numbers = { contentType: "x/y", encode: (() => [1]) as unknown as () => Uint8Array, decode };

    expect(await errorOf(read("a", { codec: numbers }))).to.include({
      code: "BAD_INPUT",
      message: "input: the codec encoded it as neither bytes nor a string",
      field: "input",
    });
  });

  it("names what a stream gave that is no bytes", async () => {
    for (const [chunk, what] of [
      [[1], "an array"],
      [7, "number"],
    ] as const) {
      const stream = (async function* () {
        yield chunk;
      })();
      expect((await errorOf(read(stream))).message).to.equal(`input: a stream of bytes or strings was expected, and it gave ${what}`);
    }
  });

  it("refuses a file of more than 1 GB before it reads any of it, and a stream once it has", async () => {
    const huge = join(folder, "huge");
    await writeFile(huge, "");
    await truncate(huge, 1024 ** 3 + 1);
    let given = 0;
    const stream = async function* () {
      const chunk = Buffer.alloc(64 * 1024 ** 2);
      for (; ; given++) yield chunk;
    };
    const drain = async () => {
      for await (const chunk of bounded(stream())) void chunk;
    };

    const message = "input: got 1073741825 bytes or more, expected at most 1073741824";
    expect(await errorOf(read(pathToFileURL(huge)))).to.include({ code: "BAD_INPUT", message, advice: "Split the input." });
    expect(await errorOf(drain())).to.include({ code: "BAD_INPUT", field: "input" });
    expect(given).to.equal(16);
  });

  it("hands a codec's bytes on, and says when it fails", async () => {
    const decode = () => undefined;
    const upper = { contentType: "text/x-upper", encode: (text: string) => text.toUpperCase(), decode };
    const failing = {
      contentType: "x/y",
      encode: () => {
        throw new RangeError("too wide");
      },
      decode,
    };

    expect(await read("a", { codec: upper })).to.deep.equal({
      kind: "bytes",
      fileName: "input",
      contentType: "text/x-upper",
      text: "A",
    });
    expect(await errorOf(read("a", { codec: failing }))).to.include({
      code: "BAD_INPUT",
      message: "input: the codec can't encode it: too wide",
    });
  });

  it("checks by a schema, whose form of the value the model gets, and names every field", async () => {
    const { z } = await import("zod");
    const inputSchema = z.object({ page: z.coerce.number(), tags: z.array(z.string()).default([]) });

    expect(await read({ page: "7" }, { inputSchema })).to.include({ text: '{"page":7,"tags":[]}' });
    const error = await errorOf(read({ page: "x", tags: [1] }, { inputSchema }));
    expect(error).to.include({ code: "BAD_INPUT", field: "input.page" });
    expect(error.message).to.match(/^input\.page: .*; input\.tags\.0: /);
  });

  it("hashes as the core does", async () => {
    expect(await hashOf(Readable.from([Buffer.from("a"), Buffer.from("b")]))).to.deep.equal({
      hash: createHash("sha256").update("ab").digest("hex"),
      bytes: 2,
    });
  });
});
