import { readFileSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { SageMakerAsyncClient, type ClientOptions } from "../../client";
import { Connections } from "../../client/connections";
import { version } from "../../client/version";
import { root } from "../support/service";
import { ClientBench, errorOf } from "./support";

describe("the client's connections", () => {
  let bench: ClientBench;

  before(async () => {
    bench = await ClientBench.start();
  });
  beforeEach(() => bench.reset());
  after(() => bench.close());

  it("tell every service which package calls, in its version", async () => {
    await bench.withTable().submit(1);
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };

    expect(version).to.equal(manifest.version);
    expect(bench.services.calls[0]?.headers["user-agent"]).to.match(new RegExp(`\\bsagemaker-async-inference/${version}( |$)`));
  });

  it("try again adaptively, which slows a client down that is throttled, and are made once", async () => {
    const connections = new Connections({ region: "eu-west-1" });
    const { client } = connections.s3;

    const strategy = await client.config.retryStrategy();
    expect(["mode" in strategy && strategy.mode, await client.config.maxAttempts()]).to.deep.equal(["adaptive", 5]);
    expect(connections.s3.client).to.equal(client);
    connections.destroy();
  });

  for (const [where, name] of [
    ["anywhere", undefined],
    ["in Lambda", "handler"],
  ] as const) {
    it(`keep those to the endpoint between two calls in a row, ${where}`, async () => {
      let sockets = 0;
      const server = createServer((_request, response) => void response.writeHead(202, { "content-type": "application/json" }).end("{}"));
      server.on("connection", () => sockets++);
      await once(server.listen(0, "127.0.0.1"), "listening");
      if (name !== undefined) process.env["AWS_LAMBDA_FUNCTION_NAME"] = name;
      const endpointUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const connections = new Connections({ region: "eu-west-1", endpointUrl });
      try {
        const endpoint = connections.endpoint();
        const invocation = { endpointName: "ocr", input: { location: "s3://a/b" }, invocationTimeoutSeconds: 60, requestTtlSeconds: 60 };
        for (const inferenceId of ["1.a", "1.b"]) await endpoint.invoke({ ...invocation, inferenceId });

        expect(sockets).to.equal(1);
      } finally {
        delete process.env["AWS_LAMBDA_FUNCTION_NAME"];
        connections.destroy();
        server.close();
      }
    });
  }

  it("read an answer whole, and fail when it breaks off", async () => {
    const connections = new Connections({ region: "eu-west-1" });
    const read = (body: Readable) => connections.dynamodb.client.config.streamCollector(body);
    const breaking = Readable.from(
      (async function* () {
        yield Buffer.from("first ");
        throw new Error("read ECONNRESET");
      })(),
    );

    expect(String(await read(Readable.from([Buffer.from("first "), Buffer.from("second")])))).to.equal("first second");
    expect(await read(Readable.from([]))).to.have.lengthOf(0);
    expect(await read(breaking).catch(String)).to.equal("Error: read ECONNRESET");
    connections.destroy();
  });

  it("use clients that are given, and leave them open", async () => {
    const s3 = new S3Client({ endpoint: bench.s3.url, region: "eu-west-1" });
    const runtime = new SageMakerRuntimeClient({ maxAttempts: 1 });
    let destroyed = false;
    Object.assign(s3, { destroy: () => (destroyed = true) });
    const client = bench.withTable({ clients: { s3, runtime } });
    await client.submit(1, { jobId: "given-clients" });
    await client.close();

    expect([destroyed, bench.s3.counted()["PutObject"], bench.services.calls.length]).to.deep.equal([false, 1, 1]);
  });

  it("refuse a given runtime client that would send calls again, before it is called", async () => {
    const error = await errorOf(bench.withTable({ clients: { runtime: new SageMakerRuntimeClient({}) } }).submit(1));

    expect(error).to.include({
      code: "BAD_INPUT",
      field: "clients.runtime",
      message: "clients.runtime: got a client with maxAttempts 3, expected 1: each call that is sent again is a job",
    });
    expect([bench.dynamodb.counted(), bench.services.calls]).to.deep.equal([{}, []]);
  });

  it("reach a cloud on this machine without anybody's credentials", async () => {
    const { AWS_ACCESS_KEY_ID } = process.env;
    delete process.env["AWS_ACCESS_KEY_ID"];
    const connections = new Connections({ region: "eu-west-1", endpointUrl: "http://127.0.0.1:4566" });
    try {
      expect(await connections.s3.client.config.credentials()).to.include({ accessKeyId: "test" });
    } finally {
      connections.destroy();
      Object.assign(process.env, { AWS_ACCESS_KEY_ID });
    }
  });
});

describe("the client's settings", () => {
  const place = { bucket: "service", endpointName: "ocr" };

  for (const [options, message] of [
    [{}, "bucket: got nothing, expected the name of a bucket, or make the client with SageMakerAsyncClient.fromStackOutputs(outputs)"],
    [
      { bucket: "service" },
      "endpointName: got nothing, expected the name of an endpoint, or make the client with SageMakerAsyncClient.fromStackOutputs(outputs)",
    ],
    [{ ...place, bucket: "s3://service" }, 'bucket: got "s3://service", expected the name of a bucket, without s3://'],
    [{ ...place, endpointName: "grüße" }, 'endpointName: got "grüße", expected at most 63 letters, digits and "-"'],
    [{ ...place, outputPrefix: "/out" }, 'outputPrefix: got "/out", expected 1 to 512 printable ASCII characters, without a leading slash'],
    [{ ...place, timeoutSeconds: -1 }, "timeoutSeconds: got -1, expected a number from 0 to 604800"],
    [{ ...place, pollIntervalSeconds: 0 }, "pollIntervalSeconds: got 0, expected a number from 0.1 to 60"],
    [{ ...place, maxAttempts: 1.5 }, "maxAttempts: got 1.5, expected an integer from 1 to 10"],
    [{ ...place, endpointUrl: "localhost:4566" }, 'endpointUrl: got "localhost:4566", expected an http: or https: URL'],
    [{ ...place, waiter: "a b" }, 'waiter: got "a b", expected 1 to 64 letters, digits, ".", "_" and "-"'],
    [{ outputs: {} }, "The stack has no outputs: deploy it with `export = service.outputs` first."],
  ] as const) {
    it(`name what is wrong with ${JSON.stringify(options)}`, () => {
      expect(() => new SageMakerAsyncClient(options as unknown as ClientOptions))
        .to.throw(message)
        .with.property("code", "BAD_INPUT");
    });
  }

  it("name what is wrong with a call's options", async () => {
    await using client = new SageMakerAsyncClient({ ...place, region: "eu-west-1" });
    const job = client.job({ outputLocation: "s3://service/output/a" });

    expect((await errorOf(job.result({ timeoutSeconds: Infinity }))).message).to.equal(
      "timeoutSeconds: got null, expected a number from 0 to 604800",
    );
    expect((await errorOf(job.result({ as: "xml" as never }))).message).to.equal(
      'as: got "xml", expected one of auto, json, text, bytes, stream',
    );
    expect((await errorOf(client.invoke(1, { maxAttempts: 0 }))).message).to.equal("maxAttempts: got 0, expected an integer from 1 to 10");
    expect(() => client.submitMany([], { concurrency: 0 })).to.throw("concurrency: got 0, expected an integer from 1 to 10000");
    expect(() => client.submitMany(7 as never)).to.throw("inputs: got 7, expected an array, a generator, or anything else to iterate over");
    expect(() => client.job({ outputLocation: "output/a" })).to.throw('outputLocation: got "output/a", expected s3://bucket/key');
  });
});
