import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { dynamoDbJobs } from "../aws/dynamoDbJobs";
import { followClock } from "../aws/followClock";
import { freshAgents } from "../aws/freshAgents";
import { s3Objects } from "../aws/s3Objects";
import { sageMakerEndpoint, singleTryClient } from "../aws/sageMakerEndpoint";
import { snsEvents } from "../aws/snsEvents";
import { clientError } from "./errors";
import { explainPackages, loadExplainLibraries } from "./explainLibraries";
import { version } from "./version";
/** Enough for every job that is submitted or waited for at once; each more would wait for a socket. */
const maxSockets = 256;
/** A connection that died without a word would hold up its call for ever. Longer than a queue's long poll. */
const patience = { connectionTimeout: 5000, socketTimeout: 60_000 };
/** How often the SDK sends a call that may be sent again, the first time included. */
const sdkAttempts = 5;
/**
 * The SDK's clients: those that were given, and those that are made when they are first needed, over one set of
 * connections. SDK packages are loaded with the first client of theirs.
 */
export class Connections {
    settings;
    clock;
    made = [];
    unfollow = [];
    agents = {
        httpAgent: new HttpAgent({ keepAlive: true, maxSockets }),
        httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets }),
    };
    cache = new Map();
    explainLibraries;
    /** @param clock learns the time from every answer. @default nothing does */
    constructor(settings, clock) {
        this.settings = settings;
        this.clock = clock;
    }
    /** S3 and its commands. */
    get s3() {
        return this.once("s3", () => {
            const library = require("@aws-sdk/client-s3");
            // A cloud under one name has no host name for each bucket.
            const forcePathStyle = this.settings.endpointUrl !== undefined;
            return { library, client: this.given("s3") ?? this.keep(new library.S3Client({ ...this.config(), forcePathStyle })) };
        });
    }
    /** Uploads in parts. */
    get storage() {
        return this.once("storage", () => require("@aws-sdk/lib-storage"));
    }
    /** DynamoDB, its document client, and the commands of the latter. */
    get dynamodb() {
        return this.once("dynamodb", () => {
            const library = require("@aws-sdk/lib-dynamodb");
            const { DynamoDBClient } = require("@aws-sdk/client-dynamodb");
            const client = this.given("dynamodb") ?? this.keep(new DynamoDBClient(this.config()));
            const documents = library.DynamoDBDocumentClient.from(client);
            return { library, client, documents };
        });
    }
    /**
     * Loads what only `explain` needs.
     *
     * @returns names of the packages that are not installed
     */
    async loadExplain() {
        this.explainLibraries ??= await loadExplainLibraries();
        const loaded = this.explainLibraries;
        return Object.entries(explainPackages).flatMap(([name, wanted]) => (name in loaded ? [] : [wanted]));
    }
    get runtime() {
        return this.once("runtime", () => {
            const library = require("@aws-sdk/client-sagemaker-runtime");
            return { library, client: this.given("runtime") ?? this.keep(singleTryClient(library, this.runtimeConfig())) };
        });
    }
    get sns() {
        return this.once("sns", () => {
            const library = require("@aws-sdk/client-sns");
            return { library, client: this.given("sns") ?? this.keep(new library.SNSClient(this.config())) };
        });
    }
    get sqs() {
        return this.once("sqs", () => {
            const library = require("@aws-sdk/client-sqs");
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
            const library = require("@aws-sdk/client-lambda");
            return { library, client: this.given("lambda") ?? this.keep(new library.LambdaClient(this.config())) };
        });
    }
    /** Objects in S3, as the core wants them. */
    objects() {
        return s3Objects(this.s3.library, this.s3.client);
    }
    /** The job table, as the core wants it. */
    jobs(tableName) {
        return dynamoDbJobs(this.dynamodb.library, this.dynamodb.client, tableName);
    }
    /** The jobs topic, as the core wants it. Loaded with the first event: most clients never end a job. */
    events(topicArn) {
        return { publish: (event) => snsEvents(this.sns.library, this.sns.client, topicArn).publish(event) };
    }
    /** Asynchronous invocation, as the core wants it. */
    endpoint() {
        const { library, client } = this.runtime;
        return sageMakerEndpoint(library, client);
    }
    /** @throws AsyncInferenceError `BAD_INPUT` when the client that was given for the SageMaker runtime would send calls again */
    async checkRuntime() {
        const attempts = await this.settings.clients?.runtime?.config.maxAttempts();
        if (attempts === undefined || attempts === 1)
            return;
        const message = `clients.runtime: got a client with maxAttempts ${attempts}, expected 1: each call that is sent again is a job`;
        throw clientError("BAD_INPUT", message, {
            field: "clients.runtime",
            advice: "Make it with new SageMakerRuntimeClient({ maxAttempts: 1 }).",
        });
    }
    /** Region of all clients that are made here, once the SDK's own chain has found it. */
    async region() {
        return this.settings.region ?? this.s3.client.config.region();
    }
    /** Closes every connection; clients that were given stay open. */
    destroy() {
        for (const stop of this.unfollow)
            stop();
        for (const client of this.made)
            client.destroy();
        for (const agent of Object.values(this.agents))
            agent.destroy();
    }
    config() {
        const { region, endpointUrl, credentials } = this.settings;
        return {
            ...(region === undefined ? {} : { region }),
            ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl }),
            ...withCredentials(endpointUrl, credentials),
            customUserAgent: [["sagemaker-async-inference", version]],
            retryMode: "adaptive",
            maxAttempts: sdkAttempts,
            requestHandler: { ...this.agents, ...patience },
        };
    }
    runtimeConfig() {
        return {
            ...this.config(),
            retryMode: "standard",
            requestHandler: { ...freshAgents(maxSockets), ...patience },
        };
    }
    /** Once for each: see {@link once}. */
    given(name) {
        const client = this.settings.clients?.[name];
        if (client !== undefined)
            this.follow(client);
        return client;
    }
    keep(client) {
        this.made.push(client);
        this.follow(client);
        return client;
    }
    explaining(name, make) {
        return this.once(name, () => {
            const library = this.explainLibraries?.[name];
            if (library === undefined)
                throw new Error(`${explainPackages[name]} is not installed`);
            // Of which package's version it is, its giver knows.
            const given = this.given(name);
            return { library, client: given ?? this.keep(make(library)) };
        });
    }
    follow(client) {
        if (this.clock !== undefined)
            this.unfollow.push(followClock(client, this.clock));
    }
    once(name, make) {
        if (!this.cache.has(name))
            this.cache.set(name, make());
        return this.cache.get(name);
    }
}
/** A cloud on this machine takes any credentials: without some, the SDK would look for an account's everywhere. */
function withCredentials(endpointUrl, credentials) {
    if (credentials !== undefined)
        return { credentials };
    const isLocal = endpointUrl !== undefined && ["127.0.0.1", "localhost", "[::1]"].includes(new URL(endpointUrl).hostname);
    const has = process.env["AWS_ACCESS_KEY_ID"] !== undefined;
    return isLocal && !has ? { credentials: { accessKeyId: "test", secretAccessKey: "test" } } : {};
}
