import { readFileSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { InvokeEndpointAsyncCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { HeadBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { SageMakerAsyncClient, type ClientOptions } from "../../client";
import { Connections } from "../../client/connections";
import { version } from "../../client/version";
import { systemClock } from "../../client/waiting/clock";
import { createServiceClock } from "../../core/serviceClock";
import { openJob } from "../../doubles/jobs";
import { root } from "../support/service";
import { serviceOutputs } from "../support/outputs";
import { ClientBench, errorOf } from "./support";

/** What a request handler of the SDK was made of. */
interface Made extends Record<"connectionTimeout" | "logger" | "socketTimeout" | "httpsAgent", unknown> {
  httpAgentProvider: () => Promise<unknown>;
}

/** The SDK's handler says what it was made of once it has sent something. */
function madeOf({ config }: Pick<S3Client, "config">): Promise<Made> {
  return (config.requestHandler as unknown as { configProvider: Promise<Made> }).configProvider;
}

/** One call of each client. */
const calls = {
  s3: async () => new HeadBucketCommand({ Bucket: "jobs" }),
  dynamodb: async () => new (await import("@aws-sdk/client-dynamodb")).ListTablesCommand({}),
  sns: async () => new (await import("@aws-sdk/client-sns")).ListTopicsCommand({}),
  sqs: async () => new (await import("@aws-sdk/client-sqs")).ListQueuesCommand({}),
  runtime: async () => new InvokeEndpointAsyncCommand({ EndpointName: "ocr", InputLocation: "s3://jobs/a" }),
  lambda: async () => new (await import("@aws-sdk/client-lambda")).ListFunctionsCommand({}),
  sagemaker: async () => new (await import("@aws-sdk/client-sagemaker")).ListEndpointsCommand({}),
  cloudWatch: async () => new (await import("@aws-sdk/client-cloudwatch")).ListMetricsCommand({}),
  logs: async () => new (await import("@aws-sdk/client-cloudwatch-logs")).DescribeLogGroupsCommand({}),
  autoscaling: async () =>
    new (await import("@aws-sdk/client-application-auto-scaling")).DescribeScalableTargetsCommand({ ServiceNamespace: "sagemaker" }),
};

/** With what only `explain` needs. */
async function loaded(connections: Connections): Promise<Connections> {
  await connections.loadExplain();
  return connections;
}

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

  it("have 64 of all submissions of a client under way at a time, lose none of the others, and say nothing of waiting", async () => {
    let [underWay, most] = [0, 0];
    const atOnce = new Map<string, () => void>();
    bench.services.onCall = async ({ headers }) => {
      most = Math.max(most, ++underWay);
      const [, jobId] = String(headers["x-amzn-sagemaker-inference-id"]).split(".") as [string, string];
      // Until all that can be are under way.
      await new Promise<void>((resolve) => {
        atOnce.set(jobId, resolve);
        if (atOnce.size === 64 || bench.services.calls.length === 100) for (const [id, answer] of atOnce) (atOnce.delete(id), answer());
      });
      underWay--;
    };
    const client = bench.withTable();
    const jobs = await Promise.all(Array.from({ length: 100 }, (_, index) => client.submit(index)));

    expect(new Set(jobs.map(({ jobId }) => jobId)).size).to.equal(100);
    expect([most, bench.services.calls.length]).to.deep.equal([64, 100]);
  });

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
      advice: "Make it with new SageMakerRuntimeClient({ maxAttempts: 1 }).",
    });
    expect([bench.dynamodb.counted(), bench.services.calls]).to.deep.equal([{}, []]);
  });

  it("reach a cloud on this machine without anybody's credentials", async () => {
    const { AWS_ACCESS_KEY_ID } = process.env;
    delete process.env["AWS_ACCESS_KEY_ID"];
    const connections = new Connections({ region: "eu-west-1", endpointUrl: "http://127.0.0.1:4566" });
    try {
      expect(await connections.s3.client.config.credentials()).to.include({ accessKeyId: "test", secretAccessKey: "test" });
    } finally {
      connections.destroy();
      Object.assign(process.env, { AWS_ACCESS_KEY_ID });
    }
  });
});

describe("the SDK's clients", () => {
  const settings = { region: "eu-west-1", credentials: { accessKeyId: "AKID", secretAccessKey: "secret" } };
  const opened: Connections[] = [];
  const connectionsOf = (...given: ConstructorParameters<typeof Connections>) => {
    const connections = new Connections(...given);
    opened.push(connections);
    return connections;
  };
  /** All of them, by name. */
  const clientsOf = (connections: Connections) => ({
    s3: connections.s3.client,
    dynamodb: connections.dynamodb.client,
    sns: connections.sns.client,
    sqs: connections.sqs.client,
    runtime: connections.runtime.client,
    lambda: connections.lambda.client,
    sagemaker: connections.sagemaker.client,
    cloudWatch: connections.cloudWatch.client,
    logs: connections.logs.client,
    autoscaling: connections.autoscaling.client,
  });

  afterEach(() => opened.splice(0).forEach((connections) => connections.destroy()));

  it("are all in the one region, at the one address, under the same credentials, and give up a connection that died", async () => {
    const connections = connectionsOf({ ...settings, endpointUrl: "http://cloud.example.com:4566" });
    expect(await connections.loadExplain()).to.deep.equal([]);

    for (const [name, client] of Object.entries(clientsOf(connections))) {
      const { config } = client as S3Client;
      expect(await config.region(), name).to.equal("eu-west-1");
      expect(await config.endpoint?.(), name).to.include({ hostname: "cloud.example.com", port: 4566 });
      expect(await config.credentials(), name).to.include(settings.credentials);
      const { connectionTimeout, socketTimeout, httpAgentProvider, httpsAgent } = await madeOf(client as S3Client);
      // The SDK's own time for a connection runs while a call waits for a socket: the agents' own does not.
      expect({ connectionTimeout, socketTimeout }, name).to.deep.equal({ connectionTimeout: undefined, socketTimeout: 60_000 });
      for (const agent of [await httpAgentProvider(), httpsAgent]) {
        expect(agent, name).to.deep.include({ keepAlive: true, maxSockets: 256 });
        expect(Object.keys(agent as object), name).to.include("createConnection");
      }
    }
  });

  it("name a bucket in the path at an address of the user's, which has no host for each bucket, and in the host at AWS", () => {
    const pathStyle = (endpointUrl?: string) => connectionsOf({ ...settings, ...(endpointUrl !== undefined && { endpointUrl }) }).s3.client;

    expect(pathStyle("http://127.0.0.1:4566").config.forcePathStyle).to.equal(true);
    expect(pathStyle().config.forcePathStyle).to.equal(false);
  });

  it("reach an address that was given whatever the environment says of AWS's own, and AWS's own as it says", async () => {
    const switches = ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"];
    const saved = switches.map((name) => [name, process.env[name]] as const);
    const switched = async (endpointUrl?: string) => {
      const connections = await loaded(connectionsOf({ ...settings, ...(endpointUrl !== undefined && { endpointUrl }) }));
      const clients = Object.values(clientsOf(connections)) as S3Client[];
      const all = clients.flatMap(({ config }) => [config.useFipsEndpoint, config.useDualstackEndpoint].map((read) => read()));
      return [...new Set(await Promise.all(all))];
    };
    try {
      for (const name of switches) delete process.env[name];
      Object.assign(process.env, { AWS_USE_FIPS_ENDPOINT: "true", AWS_USE_DUALSTACK_ENDPOINT: "true" });
      expect([await switched("http://127.0.0.1:4566"), await switched()]).to.deep.equal([[false], [true]]);
      process.env["AWS_ENDPOINT_URL"] = "http://127.0.0.1:4566";
      expect(await switched()).to.deep.equal([false]);
      process.env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
      expect(await switched()).to.deep.equal([true]);
    } finally {
      for (const [name, value] of saved)
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
    }
  });

  it("are those that were given, each of them, and none is made beside it", async () => {
    const names = ["s3", "dynamodb", "sns", "sqs", "runtime", "lambda", "sagemaker", "cloudWatch", "logs", "autoscaling"];
    const given = clientsOf(await loaded(connectionsOf(settings)));
    const connections = await loaded(connectionsOf({ clients: given }));

    expect(Object.keys(given)).to.deep.equal(names);
    for (const [name, client] of Object.entries(clientsOf(connections))) expect(client, name).to.equal(given[name as keyof typeof given]);
  });

  it("say where they are: in the region of the settings, else where the SDK finds it", async () => {
    const s3 = new S3Client({ region: "us-west-2" });

    expect(await connectionsOf({ ...settings, clients: { s3 } }).region()).to.equal("eu-west-1");
    expect(await connectionsOf({ clients: { s3 } }).region()).to.equal("us-west-2");
  });

  it("are closed when they were made here, with their connections, and no longer followed", async () => {
    const clock = createServiceClock(systemClock);
    const connections = await loaded(new Connections(settings, clock));
    const closed: string[] = [];
    const s3 = new S3Client(settings);
    const others = new Connections({ clients: { s3 } }, clock);
    const steps = s3.middlewareStack.identify().length;
    for (const [name, client] of Object.entries(clientsOf(connections))) Object.assign(client, { destroy: () => closed.push(name) });
    const followed = others.s3.client.middlewareStack.identify().length;
    const { httpAgentProvider, httpsAgent } = await madeOf(connections.s3.client);
    const agents = { httpAgent: await httpAgentProvider(), httpsAgent };
    for (const [name, agent] of Object.entries(agents)) Object.assign(agent as object, { destroy: () => closed.push(name) });

    connections.destroy();
    others.destroy();

    expect(closed).to.deep.equal([
      ...["s3", "dynamodb", "sns", "sqs", "runtime", "lambda", "sagemaker", "cloudWatch", "logs", "autoscaling"],
      ...["httpAgent", "httpsAgent"],
    ]);
    expect([followed, s3.middlewareStack.identify().length]).to.deep.equal([steps + 1, steps]);
  });

  it("are what the core asks of S3, SNS and the endpoint", async () => {
    const sent: string[] = [];
    const client = { send: async ({ constructor }: object) => (sent.push(constructor.name), {}), config: {} } as never;
    const connections = connectionsOf({ clients: { s3: client, sns: client, runtime: client } });
    const [objects, location] = [connections.objects(), "s3://service/in/a"];

    await objects.put(location, Buffer.from("a"), "text/plain");
    expect(await objects.head(location)).to.deep.include({ bytes: 0, eTag: "" });
    expect(await objects.get(location)).to.equal(undefined);
    expect(await objects.copy(location, '"e"', location)).to.equal(true);
    const job = openJob({ jobId: "a", state: "CANCELLED" });
    await connections.events("arn:aws:sns:eu-west-1:123456789012:jobs").publish({ schemaVersion: 1, job });
    expect(sent).to.deep.equal(["PutObject", "HeadObject", "GetObject", "CopyObject", "Publish"].map((name) => `${name}Command`));
    expect(connections.endpoint().takesInput()).to.equal(undefined);
  });

  it("call the endpoint once, on connections that are still open: each call that is sent again is a job", async () => {
    const { client } = connectionsOf(settings).runtime;
    const { connectionTimeout, socketTimeout, httpAgentProvider, httpsAgent } = await madeOf(client as never);

    const strategy = await client.config.retryStrategy();
    expect(["mode" in strategy && strategy.mode, await client.config.maxAttempts()]).to.deep.equal(["standard", 1]);
    expect([connectionTimeout, socketTimeout]).to.deep.equal([undefined, 60_000]);
    for (const agent of [await httpAgentProvider(), httpsAgent]) {
      expect(agent).to.deep.include({ keepAlive: true, maxSockets: 256 }).with.nested.property("options.timeout", 1000);
      expect(Object.keys(agent as object)).to.include("createConnection");
    }
  });

  it("tell the clock the time of every answer, those that are made here too", async () => {
    const now = Date.UTC(2026, 0, 25);
    const date = new Date(now + 3_600_000).toUTCString();
    const told: Record<string, unknown> = {};
    for (const name of Object.keys(calls) as (keyof typeof calls)[]) {
      const clock = createServiceClock({ ...systemClock, now: () => now });
      const client = clientsOf(await loaded(connectionsOf(settings, clock)))[name] as S3Client;
      const response = { statusCode: 200, headers: { date }, body: Readable.from([]) };
      client.config.requestHandler = { handle: async () => ({ response }) } as never;
      await client.send((await calls[name]()) as never);
      told[name] = [clock.isKnown, clock.stamp() - now];
    }

    expect(told).to.deep.equal(
      Object.fromEntries(Object.keys(clientsOf(await loaded(connectionsOf(settings)))).map((name) => [name, [true, 3_600_000]])),
    );
  });

  it("that only explain needs are missed by the names of their packages, and say so when they are asked for all the same", async () => {
    const connections = connectionsOf(settings, undefined, async () => ({ logs: await import("@aws-sdk/client-cloudwatch-logs") }));
    expect(() => connections.logs).to.throw("@aws-sdk/client-cloudwatch-logs is not installed");

    expect(await connections.loadExplain()).to.deep.equal([
      "@aws-sdk/client-sagemaker",
      "@aws-sdk/client-cloudwatch",
      "@aws-sdk/client-application-auto-scaling",
    ]);
    expect(connections.logs.client.constructor.name).to.equal("CloudWatchLogsClient");
    expect(() => connections.sagemaker).to.throw("@aws-sdk/client-sagemaker is not installed");
  });

  it("take no credentials for a cloud elsewhere, and keep those that are there: an account's calls must be its own", async () => {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
    const keyAt = async (endpointUrl: string) =>
      (await connectionsOf({ region: "eu-west-1", endpointUrl }).s3.client.config.credentials()).accessKeyId;
    try {
      Object.assign(process.env, { AWS_ACCESS_KEY_ID: "MINE", AWS_SECRET_ACCESS_KEY: "secret" });
      expect(await keyAt("http://localhost:4566")).to.equal("MINE");
      delete process.env["AWS_ACCESS_KEY_ID"];
      for (const host of ["127.0.0.1", "localhost", "[::1]"]) expect(await keyAt(`http://${host}:4566`), host).to.equal("test");
      const elsewhere = connectionsOf({ region: "eu-west-1", endpointUrl: "https://cloud.example.com" }).s3.client;
      Object.assign(process.env, { AWS_ACCESS_KEY_ID: "MINE" });
      expect((await elsewhere.config.credentials()).accessKeyId).to.equal("MINE");
    } finally {
      for (const [name, value] of Object.entries({ AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY }))
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
    }
  });
});

describe("a client of an embedded cloud's outputs", () => {
  it("asks where its queues are, and nobody else, while the environment names no other address", async () => {
    const server = createServer((_request, response) => response.writeHead(400).end('{"__type":"ValidationException"}'));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const embedded = { ...serviceOutputs, accountId: "000000000000", deadLetterQueueUrl: `http://127.0.0.1:${port}/0/dlq` };
    const saved = Object.entries(process.env).filter(([name]) => name.startsWith("AWS_ENDPOINT_URL"));
    for (const [name] of saved) delete process.env[name];
    const asked: number[] = [];
    server.on("request", () => asked.push(asked.length));
    try {
      for (const environment of [
        {},
        { AWS_ENDPOINT_URL: "" },
        { AWS_ENDPOINT_URL: "http://127.0.0.1:1", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" },
      ]) {
        Object.assign(process.env, environment);
        await using client = SageMakerAsyncClient.fromStackOutputs(embedded);
        await errorOf(client.job("order-17").status());
      }
    } finally {
      delete process.env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"];
      delete process.env["AWS_ENDPOINT_URL"];
      Object.assign(process.env, Object.fromEntries(saved));
      server.close();
    }
    expect(asked).to.deep.equal([0, 1, 2]);
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
