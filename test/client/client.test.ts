import { execFile } from "node:child_process";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { SageMakerAsyncClient, type InferenceResult } from "../../client";
import type { AsyncInferenceOutputs } from "../../outputs";
import { Gate } from "../support/gate";
import { pack, unpackInto } from "../support/packed";
import { CloudUnderTest, ServiceUnderTest } from "../support/service";

const run = promisify(execFile);

/** What a user decides by. */
function ending(result: InferenceResult) {
  const { success, jobId, data, error } = result;
  return success ? { success, jobId, data } : { success, jobId, code: error.code };
}

describe("SageMakerAsyncClient on the embedded cloud", () => {
  let cloud: CloudUnderTest;
  let outputs: AsyncInferenceOutputs;
  let client: SageMakerAsyncClient;
  let folder: string;

  before(async () => {
    cloud = await CloudUnderTest.start();
    outputs = await cloud.deployOwn();
    client = SageMakerAsyncClient.fromStackOutputs({ endpointUrl: cloud.cloud.endpointUrl, outputs }, { pollIntervalSeconds: 0.1 });
    folder = await mkdtemp(join(tmpdir(), "client-"));
  });
  after(async () => {
    await client.close();
    await cloud.close();
    await rm(folder, { recursive: true });
  });

  it("submits and waits: the result is the data, with where it is and when things happened", async () => {
    const { timings, failureLocation, ...result } = await client.invoke<{ text: string }>({ text: "grüße" }, { jobId: "invoke-1" });

    expect(result).to.deep.equal({
      success: true,
      jobId: "invoke-1",
      inferenceId: "1.invoke-1",
      data: { text: "grüße" },
      contentType: "application/json",
      outputLocation: `s3://${outputs.bucketName}/output/1.invoke-1/result`,
    });
    expect(failureLocation).to.match(new RegExp(`^s3://${outputs.bucketName}/failure/.+-error\\.out$`));
    const { acceptedAt = "", receivedAt = "", finishedAt = "", recordedAt = "" } = timings;
    const times = [acceptedAt, receivedAt, finishedAt, recordedAt].map((time) => Date.parse(time));
    expect(times).to.deep.equal([...times].sort((a, b) => a - b));
  });

  it("gives a handle at once, and the same job again in another process", async () => {
    const job = await client.submit({ page: 2 }, { jobId: "order-17" });
    const elsewhere = SageMakerAsyncClient.fromStackOutputs(
      { endpointUrl: cloud.cloud.endpointUrl, outputs },
      { pollIntervalSeconds: 0.1 },
    );
    try {
      const [here, there] = [await job.result(), await elsewhere.job("order-17").result()];

      expect([job.jobId, job.inferenceId]).to.deep.equal(["order-17", "1.order-17"]);
      expect(ending(here)).to.deep.equal({ success: true, jobId: "order-17", data: { page: 2 } });
      expect(there).to.deep.equal(here);
    } finally {
      await elsewhere.close();
    }
  });

  it("takes the same job twice as one, and another input under its id as a mistake", async () => {
    await client.invoke("one", { jobId: "twice" });
    const again = await client.invoke("one", { jobId: "twice" });
    const other = await client.submit("two", { jobId: "twice" }).catch((error: unknown) => error);

    expect(ending(again)).to.deep.equal({ success: true, jobId: "twice", data: "one" });
    expect(other).to.include({ name: "AsyncInferenceError", code: "CONFLICT", jobId: "twice", field: "jobId", retryable: false });
    expect(
      cloud.events.filter((event) => event.kind === "invocation" && event.inferenceId === "1.twice" && event.change === "queued"),
    ).to.have.length(1);
  });

  it("is the same job as one that the submit function was given", async () => {
    await client.invoke({ from: "here" }, { jobId: "both" });
    const service = await ServiceUnderTest.follow(cloud, outputs);
    const answer = await service.submit({ jobId: "both", input: { from: "here" } });

    expect([answer.statusCode, answer.state]).to.deep.equal([200, "COMPLETED"]);
  });

  it("resolves without success for a model's error, with what the model said", async () => {
    const result = await client.invoke({ model: "error", message: "out of memory" }, { jobId: "failed-1" });

    expect(ending(result)).to.deep.equal({ success: false, jobId: "failed-1", code: "MODEL_ERROR" });
    expect(result.error?.message).to.match(/^ClientError: Received server error \(500\) from model\..* The model said: out of memory$/s);
    expect(result.error).to.include({ retryable: false, jobId: "failed-1" });
  });

  it("resolves without success for a result that is not what it says, with its bytes", async () => {
    const result = await client.invoke({ model: "garbage" });

    expect(result.error).to.include({ code: "BAD_OUTPUT", retryable: false });
    expect(Buffer.from(result.error?.raw ?? []).toString()).to.equal('{"text": "cut o');
    expect(JSON.stringify(result)).to.not.include("cut o");
  });

  it("rejects when its own wait runs out, and the job goes on", async () => {
    const gate = await Gate.start();
    const error = await client.invoke(gate.input, { jobId: "slow-1", timeoutSeconds: 0.3 }).catch((thrown: unknown) => thrown);
    gate.open();
    const result = await client.job("slow-1").result();

    expect(error).to.include({ code: "WAIT_TIMEOUT", jobId: "slow-1", retryable: true });
    expect(ending(result)).to.deep.equal({ success: true, jobId: "slow-1", data: gate.input });
    await gate.close();
  });

  it("tells a job's state in the words of users", async () => {
    await client.invoke([1], { jobId: "status-1", metadata: { tenant: "acme" } });
    const { timings, failureLocation, cost, ...status } = await client.job("status-1").status();

    expect(status).to.deep.equal({
      jobId: "status-1",
      state: "COMPLETED",
      ended: true,
      endpointName: outputs.endpointName,
      inputBytes: 3,
      contentType: "application/json",
      attempt: 1,
      maxAttempts: 3,
      inferenceId: "1.status-1",
      outputLocation: `s3://${outputs.bucketName}/output/1.status-1/result`,
      outputContentType: "application/json",
      outputBytes: 3,
      invocationTimeoutSeconds: outputs.invocationTimeoutSeconds,
      requestTtlSeconds: outputs.requestTtlSeconds,
      metadata: { tenant: "acme" },
    });
    expect(Object.keys(timings).sort()).to.deep.equal([
      "acceptedAt",
      "finishedAt",
      "invokingAt",
      "receivedAt",
      "recordedAt",
      "submittedAt",
    ]);
    expect(failureLocation).to.be.a("string");
    // Four requests at a time share an instance.
    const milliseconds = Date.parse(timings.finishedAt ?? "") - Date.parse(timings.receivedAt ?? "");
    expect(cost).to.deep.equal({ instanceSecondsAtMost: milliseconds / 1000 / 4 });
  });

  it("cancels a job that runs: its result is dropped, and compute continues", async () => {
    const gate = await Gate.start();
    const job = await client.submit(gate.input, { jobId: "cancel-1" });
    const outcome = await job.cancel();
    const result = await job.result();
    gate.open();
    await cloud.event((event) => event.kind === "invocation" && event.inferenceId === "1.cancel-1" && event.change === "completed");

    expect(outcome).to.deep.equal({
      jobId: "cancel-1",
      state: "CANCELLED",
      cancelled: true,
      computeContinues: true,
      message:
        "The job is cancelled and its result will be dropped. Compute continues: SageMaker can't stop an invocation that it has taken.",
    });
    expect(ending(result)).to.deep.equal({ success: false, jobId: "cancel-1", code: "CANCELLED" });
    expect(await job.cancel()).to.deep.equal(outcome);
    expect((await client.job("cancel-1").status()).state).to.equal("CANCELLED");
    await gate.close();
  });

  it("lists jobs, newest first, of a state and since a time", async () => {
    const before = new Date();
    for (const jobId of ["list-1", "list-2", "list-3"]) await client.invoke(jobId === "list-2" ? { model: "error" } : 1, { jobId });
    const ids = async (options: Parameters<typeof client.list>[0]) => {
      const found = [];
      for await (const { jobId } of client.list(options)) found.push(jobId);
      return found;
    };

    expect(await ids({ since: before })).to.deep.equal(["list-3", "list-2", "list-1"]);
    expect(await ids({ since: before.toISOString(), limit: 2 })).to.deep.equal(["list-3", "list-2"]);
    expect(await ids({ since: before, state: "FAILED" })).to.deep.equal(["list-2"]);
    const statuses = [];
    for await (const status of client.statuses({ since: before })) statuses.push(status);
    expect(statuses, "with all that is recorded of each").to.deep.equal(
      await Promise.all(["list-3", "list-2", "list-1"].map((jobId) => client.job(jobId).status())),
    );
  });

  it("takes files, streams, URLs and bytes, and gives text, bytes, streams and files", async () => {
    const page = join(folder, "page.txt");
    // Too large for its job's record: it is in S3.
    const words = "a page ".repeat(3000);
    await writeFile(page, words);
    const outputFile = join(folder, "result.txt");

    const fromFile = await client.invoke(pathToFileURL(page), { jobId: "file-1", toFile: outputFile });
    const fromStream = await client.invoke(Readable.from([Buffer.from("in "), "parts"]), { contentType: "text/plain" });
    const fromS3 = await client.invoke(new URL(`s3://${outputs.bucketName}/${outputs.inputPrefix}file-1/page.txt`), { as: "text" });
    const asBytes = await client.invoke(new Uint8Array([0, 1, 2]), { as: "bytes" });
    const asStream = await client.invoke("streamed", { as: "stream" });

    expect(fromFile.data).to.deep.equal({ path: outputFile, bytes: 21_000, contentType: "text/plain" });
    expect([await readFile(outputFile, "utf8"), (await readdir(folder)).sort()]).to.deep.equal([words, ["page.txt", "result.txt"]]);
    expect(fromStream.data).to.equal("in parts");
    expect(fromS3.data).to.equal(words);
    expect(Buffer.from(asBytes.data ?? [])).to.deep.equal(Buffer.from([0, 1, 2]));
    expect(asStream.success && (await text(asStream.data))).to.equal("streamed");
  });

  it("submits many, with results as they finish, one failure among them", async () => {
    const gate = await Gate.start();
    const inputs = [gate.input, { n: 1 }, { model: "error" }, 10n, { n: 4 }];
    const results = [];
    for await (const result of client.submitMany(inputs, { concurrency: 4 })) {
      if (results.push(result) === inputs.length - 1) gate.open();
    }
    await gate.close();

    const told = results.map(({ index, success, error }) => [index, success ? "ok" : error?.code]);
    expect([...told].sort()).to.deep.equal([
      [0, "ok"],
      [1, "ok"],
      [2, "MODEL_ERROR"],
      [3, "BAD_INPUT"],
      [4, "ok"],
    ]);
    expect(told.at(-1)).to.deep.equal([0, "ok"]);
  });

  describe("with nothing but an endpoint and a bucket", () => {
    let bare: SageMakerAsyncClient;

    before(() => {
      const { bucketName: bucket, endpointName, region } = outputs;
      const { endpointUrl } = cloud.cloud;
      bare = new SageMakerAsyncClient({ bucket, endpointName, region, endpointUrl, waiter: "bare", pollIntervalSeconds: 0.1 });
    });
    after(() => bare.close());

    it("submits and waits just the same", async () => {
      const { timings, failureLocation, ...result } = await bare.invoke({ text: "hello" }, { jobId: "bare-1" });

      expect(result).to.deep.equal({
        success: true,
        jobId: "bare-1",
        inferenceId: "1.bare-1",
        data: { text: "hello" },
        contentType: "application/json",
        outputLocation: `s3://${outputs.bucketName}/output/bare/1.bare-1/result`,
      });
      expect(Object.keys(timings)).to.deep.equal(["acceptedAt", "finishedAt"]);
      expect(failureLocation).to.be.a("string");
    });

    it("finds a job again by its two locations", async () => {
      const { outputLocation = "", failureLocation = "" } = await bare.submit({ model: "error", message: "no memory" });
      const job = bare.job({ outputLocation, failureLocation });
      const result = await job.result();

      expect(result.error).to.include({ code: "MODEL_ERROR", message: "no memory" });
      expect(await job.status()).to.include({ state: "FAILED", ended: true, outputLocation, failureLocation });
    });

    it("polls by the usual snippet's signature", async () => {
      const job = await bare.submit({ model: "slow", milliseconds: 300 });
      const result = await bare.pollForResult(job.inferenceId ?? "", job.outputLocation ?? "", 20_000, 50, 100);

      expect([result.success, result.data, result.inferenceId]).to.deep.equal([
        true,
        { model: "slow", milliseconds: 300 },
        job.inferenceId,
      ]);
    });

    it("refuses what needs a record, and says what to do", async () => {
      const job = bare.job({ outputLocation: `s3://${outputs.bucketName}/output/bare/1.bare-1/result` });
      const error = await job.cancel().catch((thrown: unknown) => thrown);

      expect(error).to.include({
        code: "BAD_INPUT",
        message: "cancel: jobs have no record without the outputs of a deployed service.",
        advice: "Make the client with SageMakerAsyncClient.fromStackOutputs(outputs).",
      });
      expect(() => bare.job("order-17")).to.throw("without a table an id says nothing");
    });
  });

  describe("from the packed package", () => {
    let project: string;

    before(async () => {
      project = await mkdtemp(join(tmpdir(), "client-project-"));
      await unpackInto(project, await pack());
    });
    after(() => rm(project, { recursive: true }));

    it("needs no Pulumi", async () => {
      const bundle = await readFile(join(project, "node_modules", "sagemaker-async-inference", "dist", "client.js"), "utf8");

      expect(bundle).to.not.include("@pulumi/");
    });

    for (const [format, file, load] of [
      ["CommonJS", "script.cjs", 'const { SageMakerAsyncClient } = require("sagemaker-async-inference/client");'],
      ["ESM", "script.mjs", 'import { SageMakerAsyncClient } from "sagemaker-async-inference/client";'],
    ] as const) {
      it(`lets a plain script end by itself after its last result, from ${format}, although nobody closed the client`, async () => {
        const submit = `SageMakerAsyncClient.fromStackOutputs(JSON.parse(process.env.OUTPUTS)).invoke({ from: "${format}" })`;
        await writeFile(join(project, file), `${load}\n${submit}.then(({ data }) => console.log(JSON.stringify(data)));`);
        const env = { PATH: process.env["PATH"], OUTPUTS: JSON.stringify({ endpointUrl: cloud.cloud.endpointUrl, outputs }) };
        const { stdout, stderr } = await run(process.execPath, [file], { cwd: project, env });

        expect([stdout, stderr]).to.deep.equal([`{"from":"${format}"}\n`, ""]);
      });
    }
  });
});
