import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import type { WaitOptions } from "../../client";
import type { JobRecord } from "../../core/records/job";
import { s3Fault } from "../../doubles/awsProxy";
import { openJob } from "../../doubles/jobs";
import { ClientBench, errorOf } from "./support";

describe("results", () => {
  let bench: ClientBench;
  let folder: string;
  let jobs = 0;

  before(async () => {
    bench = await ClientBench.start();
    folder = await mkdtemp(join(tmpdir(), "results-"));
  });
  beforeEach(() => bench.reset());
  after(async () => {
    await bench.close();
    await rm(folder, { recursive: true });
  });

  /** A job that has ended with this body. */
  async function ended(body: string | Buffer, contentType?: string, change: Partial<JobRecord> = {}) {
    const jobId = `result-${++jobs}`;
    await bench.services.putJob(openJob({ jobId }));
    await bench.complete(jobId, body, contentType, change);
    return bench.withTable().job(jobId);
  }

  async function dataOf(body: string | Buffer, contentType: string | undefined, options: WaitOptions = {}) {
    const result = await (await ended(body, contentType)).result(options);
    if (!result.success) throw result.error;
    return result.data instanceof Uint8Array ? `bytes ${Buffer.from(result.data).toString("hex")}` : result.data;
  }

  for (const [body, contentType, options, expected] of [
    ['{"a":1}', "application/json", {}, { a: 1 }],
    ['{"a":1}', "application/vnd.model+json; charset=utf-8", {}, { a: 1 }],
    ['{"a":1}', "text/plain", {}, '{"a":1}'],
    ['{"a":1}', "application/octet-stream", {}, "bytes 7b2261223a317d"],
    ['{"a":1}', "text/plain", { as: "json" }, { a: 1 }],
    ['{"a":1}', "application/json", { as: "text" }, '{"a":1}'],
    ['{"a":1}', "application/json", { as: "bytes" }, "bytes 7b2261223a317d"],
    ["", "text/plain", {}, ""],
    ["", "image/png", {}, "bytes "],
  ] as const) {
    it(`of ${contentType} is ${JSON.stringify(expected)} when asked for with ${JSON.stringify(options)}`, async () => {
      expect(await dataOf(body, contentType, options)).to.deep.equal(expected);
    });
  }

  for (const [what, body, contentType, options, message] of [
    ["empty", "", "application/json", {}, "expected JSON (application/json), and it is empty"],
    ["cut off", '{"a', "application/json", {}, "expected JSON (application/json), and its 3 bytes aren't"],
    ["not UTF-8", Buffer.from([0xff]), "text/plain", {}, "expected UTF-8 text (text/plain), and its 1 bytes aren't"],
    ["not JSON, as asked for", "hello", "text/plain", { as: "json" }, 'expected JSON (as: "json"), and its 5 bytes aren\'t'],
  ] as const) {
    it(`is an error with its bytes when it is ${what}`, async () => {
      const job = await ended(body, contentType);
      const result = await job.result(options as WaitOptions);

      expect(result.error).to.include({ code: "BAD_OUTPUT", message: `${result.outputLocation}: ${message}` });
      expect(Buffer.from(result.error?.raw ?? "none")).to.deep.equal(Buffer.from(body));
    });
  }

  it("is known by what the job says when the object says nothing", async () => {
    const byJob = await (await ended("[1]", "binary/octet-stream", { outputContentType: "text/plain" })).result();
    const byItself = await (await ended("[1]", "binary/octet-stream")).result();

    expect([byJob.data, byItself.data]).to.deep.equal(["[1]", [1]]);
  });

  it("streams, and goes straight to a file: whole, or not at all", async () => {
    const path = join(folder, "result.json");
    await writeFile(path, "old");
    const saved = await (await ended('{"a":1}', "application/json")).result({ toFile: path });
    const streamed = await (await ended("streamed", "text/plain")).result({ as: "stream" });

    expect(saved.data).to.deep.equal({ path, bytes: 7, contentType: "application/json" });
    expect(await readFile(path, "utf8")).to.equal('{"a":1}');
    expect(streamed.success && (await text(streamed.data))).to.equal("streamed");
  });

  it("leaves an older file alone, and nothing beside it, when the result breaks off", async () => {
    const path = join(folder, "kept.json");
    await writeFile(path, "old");
    const job = await ended("x".repeat(100), "text/plain");
    bench.s3.fail("GetObject", { status: 200, headers: { "content-length": "200" }, body: "x".repeat(100) });
    const error = await errorOf(job.result({ toFile: path, timeoutSeconds: 5 }));

    expect(error.code).to.equal("UNAVAILABLE");
    expect([await readFile(path, "utf8"), (await readdir(folder)).filter((name) => name.includes("kept"))]).to.deep.equal([
      "old",
      ["kept.json"],
    ]);
  });

  it("goes to a file with a name as long as the file system takes", async () => {
    const path = join(folder, "k".repeat(255));
    const saved = await (await ended("long", "text/plain")).result({ toFile: path });

    expect([saved.data?.path, await readFile(path, "utf8")]).to.deep.equal([path, "long"]);
  });

  it("says which file can't be written", async () => {
    const error = await errorOf((await ended("x", "text/plain")).result({ toFile: join(folder, "none", "result") }));

    expect(error).to.include({ code: "BAD_INPUT", field: "toFile" });
  });

  it("is checked and typed by a schema or a codec", async () => {
    const { z } = await import("zod");
    const schema = z.object({ words: z.array(z.string()) });
    const good = await (await ended('{"words":["a"]}', "application/json")).result({ schema });
    const bad = await (await ended('{"words":[1]}', "application/json")).result({ schema });

    expect(good.success && good.data.words).to.deep.equal(["a"]);
    expect(bad.error?.code).to.equal("BAD_OUTPUT");
    expect(bad.error?.message).to.match(/: output\.words\.0: /);
    expect(Buffer.from(bad.error?.raw ?? []).toString()).to.equal('{"words":[1]}');
  });

  it("is decoded by the job's codec, with its bytes when that fails", async () => {
    const decode = (bytes: Uint8Array, contentType: string | undefined) => {
      if (bytes.length === 0) throw new RangeError("nothing to decode");
      return `${contentType} ${Buffer.from(bytes).toString("hex")}`;
    };
    const codec = { contentType: "application/x-numbers", encode: (numbers: number[]) => Uint8Array.from(numbers), decode };
    const client = bench.withTable();
    const full = await client.submit([1, 255], { jobId: "codec-1", codec });
    const empty = await client.submit([1], { jobId: "codec-2", codec });
    await bench.complete("codec-1", Buffer.from([2]), "application/x-numbers");
    await bench.complete("codec-2", "", "application/x-numbers");

    expect(await bench.stored("s3://service/input/codec-1/input")).to.include({ contentType: "application/x-numbers" });
    expect((await full.result()).data).to.equal("application/x-numbers 02");
    expect((await empty.result()).error?.message).to.include("the codec can't decode it: nothing to decode");
  });

  it("that was deleted is said to be gone", async () => {
    const jobId = "gone";
    await bench.services.putJob(openJob({ jobId }));
    await bench.complete(jobId, "x", "text/plain", {});
    const job = (await bench.services.job(jobId)) as JobRecord;
    await bench.services.putJob({ ...job, outputLocation: "s3://service/output/none" });
    const result = await bench.withTable().job(jobId).result();

    expect(result.error).to.include({ code: "NOT_FOUND", message: "The result of job gone is no longer at s3://service/output/none." });
  });

  it("that may not be read rejects at once with the statement to add, as its end is not what was asked for", async () => {
    const job = await ended("x", "text/plain");
    bench.s3.fail("GetObject", s3Fault(403, "AccessDenied"));
    const error = await errorOf(job.result());

    expect(error.code).to.equal("ACCESS_DENIED");
    expect(error.advice).to.match(
      /^Add to the caller's role: \{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::service\/output\//,
    );
  });

  describe("of a model that failed", () => {
    async function failed(said: string | undefined): Promise<string | undefined> {
      const jobId = `failed-${++jobs}`;
      const failureLocation = "s3://service/failure/" + jobId;
      if (said !== undefined) await bench.services.putObject(`failure/${jobId}`, said, "text/plain");
      const error = { code: "MODEL_ERROR" as const, message: "Received server error (500) from model.", retryable: false, advice: "" };
      const now = new Date().toISOString();
      await bench.services.putJob(openJob({ jobId, state: "FAILED", failureLocation, error, endedAt: now, submittedAt: now }));
      return (await bench.withTable().job(jobId).result()).error?.message;
    }

    it("are told in its own words, bounded, by whichever name its server gives them", async () => {
      const service = "Received server error (500) from model.";

      expect(await failed("no memory\n")).to.equal(`${service} The model said: no memory`);
      expect(await failed('{"error":{"message":"no memory"}}')).to.equal(`${service} The model said: no memory`);
      expect(await failed('{"detail":"no memory"}')).to.equal(`${service} The model said: no memory`);
      expect((await failed("x".repeat(5000)))?.length).to.equal(service.length + " The model said: ".length + 1000);
    });

    it("name the statement to add where the role may not read them, beside the end that the record has", async () => {
      bench.s3.fail("GetObject", s3Fault(403, "AccessDenied"));
      const jobId = `failed-${++jobs}`;
      const error = { code: "MODEL_ERROR" as const, message: "Received server error (500) from model.", retryable: false, advice: "" };
      const failureLocation = `s3://service/failure/${jobId}`;
      await bench.services.putJob(openJob({ jobId, state: "FAILED", failureLocation, error, endedAt: new Date().toISOString() }));
      const shown = (await bench.withTable().job(jobId).result()).error;

      expect(shown?.code).to.equal("MODEL_ERROR");
      expect(shown?.message).to.match(/^Received server error \(500\) from model\. The failure object can't be read: /);
      expect(shown?.advice).to.equal(
        `Add to the caller's role: {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::service/failure/${jobId}"}`,
      );
    });

    it("are the service's words when there is no failure object, or an empty one", async () => {
      expect([await failed(undefined), await failed("")]).to.deep.equal(Array(2).fill("Received server error (500) from model."));
    });
  });
});
