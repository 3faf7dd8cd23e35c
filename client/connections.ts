import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { addressIn } from "../aws/atAddress";
import { jobsOf } from "../aws/dynamoDbJobs";
import { lowEntryOf } from "../aws/dynamoDbLow";
import { followClock } from "../aws/followClock";
import { freshAgents } from "../aws/freshAgents";
import { s3Objects } from "../aws/s3Objects";
import { sageMakerEndpoint, singleTryClient } from "../aws/sageMakerEndpoint";
import { snsEvents } from "../aws/snsEvents";
import type { Endpoint, Events, Jobs, LowEntry, Objects } from "../core/ports";
import type { ServiceClock } from "../core/serviceClock";
import { connectWithin } from "./connectWithin";
import { clientError } from "./errors";
import { plainItems, plainReads } from "./plainItems";
import { preparedWrites } from "./preparedWrites";
import { rememberSigners, Sha256 } from "./signing";
import { explainPackages, loadExplainLibraries, type ExplainClients, type ExplainLibraries } from "./explainLibraries";
import type { ClientSettings, SdkClients } from "./types";
import { version } from "./version";

/** Connections at a time, to each host. Enough for all submissions under way with four parts of an input each; further calls wait for one. */
const maxSockets = 256;

/** For how long a connection may be being made, in milliseconds. */
const connectMilliseconds = 5000;

const silent = () => undefined;

/**
 * Of the SDK's request handlers. A connection that died without a word would hold up its call for ever: the time is longer than a
 * queue's long poll. Their warning that calls wait for a socket is about what is meant here, and nobody could follow its advice.
 */
const handling = { socketTimeout: 60_000, logger: { debug: silent, info: silent, warn: silent, error: silent } };

/** How often the SDK sends a call that may be sent again, the first time included. */
const sdkAttempts = 5;

/**
 * The bytes of an answer, for the SDK to read. Its own collector pipes them into a stream of its own, which leaves them in memory until
 * the next full collection of garbage: 20 MB of dead answers in a process that waits (@smithy/core 3.41, Node 24).
 */
async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Where AWS is. */
export interface ConnectionSettings extends Pick<ClientSettings, "endpointUrl" | "credentials" | "clients"> {
  region?: string | undefined;
}

/**
 * The SDK's clients: those that were given, and those that are made when they are first needed, over one set of
 * connections. SDK packages are loaded with the first client of theirs.
 */
export class Connections {
  private readonly made: { destroy(): void }[] = [];
  private readonly unfollow: (() => void)[] = [];
  private readonly agents = connectWithin(
    {
      httpAgent: new HttpAgent({ keepAlive: true, maxSockets }),
      httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets }),
    },
    connectMilliseconds,
  );
  private readonly cache = new Map<string, unknown>();
  private explainLibraries: Partial<ExplainLibraries> | undefined;

  /**
   * @param clock learns the time from every answer. @default nothing does
   * @param load what {@link loadExplain} loads. @default the packages that are installed
   */
  constructor(
    private readonly settings: ConnectionSettings,
    private readonly clock?: ServiceClock,
    private readonly load: () => Promise<Partial<ExplainLibraries>> = loadExplainLibraries,
  ) {}

  /** S3 and its commands. */
  get s3() {
    return this.once("s3", () => {
      const library = require("@aws-sdk/client-s3") as typeof import("@aws-sdk/client-s3");
      // A cloud under one name has no host name for each bucket.
      const forcePathStyle = this.settings.endpointUrl !== undefined;
      return { library, client: this.given("s3") ?? this.keep(new library.S3Client({ ...this.config(), forcePathStyle })) };
    });
  }

  /** Uploads in parts. */
  get storage() {
    return this.once("storage", () => require("@aws-sdk/lib-storage") as typeof import("@aws-sdk/lib-storage"));
  }

  /** DynamoDB, and its reads of many items. */
  get dynamodb() {
    return this.once("dynamodb", () => {
      const { DynamoDBClient } = require("@aws-sdk/client-dynamodb") as typeof import("@aws-sdk/client-dynamodb");
      const client = this.given("dynamodb") ?? this.keep(new DynamoDBClient({ ...this.config(), sha256: Sha256 }));
      return { client, items: plainReads(client) };
    });
  }

  /**
   * Loads what only `explain` needs.
   *
   * @returns names of the packages that are not installed
   */
  async loadExplain(): Promise<string[]> {
    this.explainLibraries ??= await this.load();
    const loaded = this.explainLibraries;
    return Object.entries(explainPackages).flatMap(([name, wanted]) => (name in loaded ? [] : [wanted]));
  }

  /** SageMaker's runtime, whose client sends each call once. */
  get runtime() {
    return this.once("runtime", () => {
      const library = require("@aws-sdk/client-sagemaker-runtime") as typeof import("@aws-sdk/client-sagemaker-runtime");
      return { library, client: this.given("runtime") ?? this.keep(singleTryClient(library, this.runtimeConfig())) };
    });
  }

  get sns() {
    return this.once("sns", () => {
      const library = require("@aws-sdk/client-sns") as typeof import("@aws-sdk/client-sns");
      return { library, client: this.given("sns") ?? this.keep(new library.SNSClient(this.config())) };
    });
  }

  get sqs() {
    return this.once("sqs", () => {
      const library = require("@aws-sdk/client-sqs") as typeof import("@aws-sdk/client-sqs");
      return { library, client: this.given("sqs") ?? this.keep(new library.SQSClient(this.config())) };
    });
  }

  /** SageMaker's control plane, when the package is installed and {@link loadExplain} has loaded it. So the three below. */
  get sagemaker() {
    return this.explaining("sagemaker", ({ SageMakerClient }) => new SageMakerClient(this.config()));
  }

  get cloudWatch() {
    return this.explaining("cloudWatch", ({ CloudWatchClient }) => new CloudWatchClient(this.config()));
  }

  get logs() {
    return this.explaining("logs", ({ CloudWatchLogsClient }) => new CloudWatchLogsClient(this.config()));
  }

  get autoscaling() {
    return this.explaining("autoscaling", ({ ApplicationAutoScalingClient }) => new ApplicationAutoScalingClient(this.config()));
  }

  get lambda() {
    return this.once("lambda", () => {
      const library = require("@aws-sdk/client-lambda") as typeof import("@aws-sdk/client-lambda");
      return { library, client: this.given("lambda") ?? this.keep(new library.LambdaClient(this.config())) };
    });
  }

  /** Objects in S3, as the core wants them. Loaded with the first of them: who waits for jobs of others needs none until one has ended. */
  objects(): Objects {
    const port = () => this.once("objects", () => s3Objects(this.s3.library, this.s3.client));
    return {
      put: async (...given) => port().put(...given),
      head: async (...given) => port().head(...given),
      get: async (...given) => port().get(...given),
      copy: async (...given) => port().copy(...given),
    };
  }

  /** The job table, as the core wants it. */
  jobs(tableName: string): Jobs {
    const { client } = this.dynamodb;
    // A client that was given may do more for each call, such as to trace it; in Lambda the SDK gives each its invocation's trace id.
    const prepares = this.clock !== undefined && this.made.includes(client) && process.env["AWS_LAMBDA_FUNCTION_NAME"] === undefined;
    return jobsOf(prepares ? plainItems(client, preparedWrites(client, this.clock)) : plainItems(client), tableName);
  }

  /** The line of low jobs in a service's job table. */
  low(tableName: string): LowEntry {
    return lowEntryOf(plainItems(this.dynamodb.client), tableName);
  }

  /** The jobs topic, as the core wants it. Loaded with the first event: most clients never end a job. */
  events(topicArn: string): Events {
    return { publish: (event) => snsEvents(this.sns.library, this.sns.client, topicArn).publish(event) };
  }

  /** Asynchronous invocation, as the core wants it. Loaded with the first one. */
  endpoint(): Endpoint {
    const port = () => this.once("endpoint", () => sageMakerEndpoint(this.runtime.library, this.runtime.client));
    return { takesInput: () => port().takesInput(), invoke: async (invocation) => port().invoke(invocation) };
  }

  /** @throws AsyncInferenceError `BAD_INPUT` when the client that was given for the SageMaker runtime would send calls again */
  async checkRuntime(): Promise<void> {
    const attempts = await this.settings.clients?.runtime?.config.maxAttempts();
    if (attempts === undefined || attempts === 1) return;
    const message = `clients.runtime: got a client with maxAttempts ${attempts}, expected 1: each call that is sent again is a job`;
    throw clientError("BAD_INPUT", message, {
      field: "clients.runtime",
      advice: "Make it with new SageMakerRuntimeClient({ maxAttempts: 1 }).",
    });
  }

  /** Region of all clients that are made here, once the SDK's own chain has found it. */
  async region(): Promise<string> {
    return this.settings.region ?? this.s3.client.config.region();
  }

  /** Closes every connection; clients that were given stay open. */
  destroy(): void {
    for (const stop of this.unfollow) stop();
    for (const client of this.made) client.destroy();
    for (const agent of Object.values(this.agents)) agent.destroy();
  }

  private config() {
    const { region, endpointUrl, credentials } = this.settings;
    return {
      ...(region === undefined ? {} : { region }),
      ...addressIn(endpointUrl, process.env),
      ...withCredentials(endpointUrl, credentials),
      customUserAgent: [["sagemaker-async-inference", version] as [string, string]],
      retryMode: "adaptive",
      maxAttempts: sdkAttempts,
      requestHandler: { ...this.agents, ...handling },
      streamCollector: collect,
    };
  }

  private runtimeConfig() {
    return {
      ...this.config(),
      sha256: Sha256,
      retryMode: "standard",
      requestHandler: { ...connectWithin({ ...freshAgents(maxSockets) }, connectMilliseconds), ...handling },
    };
  }

  /** Once for each: see {@link once}. */
  private given<Name extends keyof SdkClients>(name: Name): SdkClients[Name] | undefined {
    const client = this.settings.clients?.[name];
    if (client !== undefined) this.follow(client);
    return client;
  }

  private keep<Client extends { destroy(): void }>(client: Client): Client {
    this.made.push(client);
    rememberSigners(client);
    this.follow(client);
    return client;
  }

  private explaining<Name extends keyof ExplainLibraries>(
    name: Name,
    make: (library: ExplainLibraries[Name]) => ExplainClients[Name],
  ): { library: ExplainLibraries[Name]; client: ExplainClients[Name] } {
    return this.once(name, () => {
      const library: ExplainLibraries[Name] | undefined = this.explainLibraries?.[name];
      if (library === undefined) throw new Error(`${explainPackages[name]} is not installed`);
      // Of which package's version it is, its giver knows.
      const given = this.given(name) as ExplainClients[Name] | undefined;
      return { library, client: given ?? this.keep(make(library)) };
    });
  }

  private follow(client: object): void {
    if (this.clock !== undefined) this.unfollow.push(followClock(client, this.clock));
  }

  private once<Value>(name: string, make: () => Value): Value {
    if (!this.cache.has(name)) this.cache.set(name, make());
    return this.cache.get(name) as Value;
  }
}

/** A cloud on this machine takes any credentials: without some, the SDK would look for an account's everywhere. */
function withCredentials(endpointUrl: string | undefined, credentials: ClientSettings["credentials"]) {
  if (credentials !== undefined) return { credentials };
  const isLocal = endpointUrl !== undefined && ["127.0.0.1", "localhost", "[::1]"].includes(new URL(endpointUrl).hostname);
  const has = process.env["AWS_ACCESS_KEY_ID"] !== undefined;
  return isLocal && !has ? { credentials: { accessKeyId: "test", secretAccessKey: "test" } } : {};
}
