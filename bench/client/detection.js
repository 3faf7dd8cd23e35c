import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { SageMakerAsyncClient } from "../../client";
import { percentile, seconds } from "../measure";
import { addedMilliseconds, startService } from "./service";
import { sdkSettings } from "./settings";
import { snippetResult, snippetSubmit } from "./snippetLoop";
const jobs = 24;
const shortestMilliseconds = 1000;
const longestMilliseconds = 60_000;
/** From the model's answer to the result in the caller's hand, and what was called for it, by clients that wait at the same time. */
export async function detection() {
    const service = await startService();
    const contenders = [];
    try {
        for (const start of [push, table, prefix, objects, snippet])
            contenders.push(await start(service));
        // The functions' processes are up in a service that works.
        await Promise.all(contenders.map((one) => measure(one, [100])));
        // Ends of different clients fall neither into one instant nor into step with polls.
        const lengths = (client) => Array.from({ length: jobs }, (_, job) => lengthOf(job) + client * 190);
        const found = await Promise.all(contenders.map((one, index) => measure(one, lengths(index))));
        const mean = ({ delays }) => delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
        const rows = contenders.map(({ name }, index) => row(name, found[index], mean));
        const [pushed, polled] = found;
        return {
            title: `${jobs} jobs of 1 to 60 s, all clients at once, ${addedMilliseconds} ms added to every call`,
            rows: [["client", "delay, mean", "delay, p95", "calls per job", "of which"], ...rows],
            aims: [
                { what: "push reports within 250 ms (p95)", met: percentile(pushed.delays, 0.95) < 250 },
                { what: "the table's waiter reports within 0.8 s (mean)", met: mean(polled) < 800 },
            ],
        };
    }
    finally {
        await Promise.all(contenders.map(async (one) => one.close()));
        await service.close();
    }
}
/** Spread evenly, but for the fractions of a second. */
function lengthOf(job) {
    return shortestMilliseconds + ((longestMilliseconds - shortestMilliseconds) * job) / (jobs - 1) + ((job * 389) % 1000);
}
async function measure({ submit, way }, lengths) {
    const waits = await Promise.all(lengths.map((milliseconds) => submit({ milliseconds })));
    way.counted();
    const delays = await Promise.all(waits.map(async (wait) => wait().then(({ answeredAt }) => Date.now() - answeredAt)));
    return { delays, calls: way.counted() };
}
function row(name, measured, mean) {
    const counts = Object.entries(measured.calls).sort(([, a], [, b]) => b - a);
    const aJob = (count) => (count / jobs).toFixed(1);
    return [
        name,
        seconds(mean(measured)),
        seconds(percentile(measured.delays, 0.95)),
        aJob(counts.reduce((sum, [, count]) => sum + count, 0)),
        counts.map(([operation, count]) => `${aJob(count)} ${operation}`).join(", "),
    ];
}
async function push(service) {
    const way = await service.way();
    const consumerQueueUrl = await service.consumerQueueUrl("bench", way);
    const { credentials } = sdkSettings(way.url, service.outputs.region);
    const client = SageMakerAsyncClient.fromStackOutputs(service.outputs, { endpointUrl: way.url, credentials, consumerQueueUrl });
    return ours("client, push", way, client);
}
async function table(service) {
    const way = await service.way();
    const { credentials } = sdkSettings(way.url, service.outputs.region);
    return ours("client, table", way, SageMakerAsyncClient.fromStackOutputs(service.outputs, { endpointUrl: way.url, credentials }));
}
async function prefix(service) {
    return withoutTable("client, no table, common prefix", service, service.outputs.outputPrefix);
}
/** Results are where the client does not expect them: as if the endpoint wrote elsewhere. */
async function objects(service) {
    return withoutTable("client, no table, no common prefix", service, "elsewhere/");
}
async function withoutTable(name, service, outputPrefix) {
    const way = await service.way();
    const { credentials } = sdkSettings(way.url, service.outputs.region);
    const { bucketName: bucket, endpointName, region, inputPrefix } = service.outputs;
    // A listing of failures tells of no result.
    const failurePrefix = outputPrefix === "elsewhere/" ? outputPrefix : service.outputs.failurePrefix;
    const options = { bucket, endpointName, region, inputPrefix, outputPrefix, failurePrefix, endpointUrl: way.url, credentials };
    return ours(name, way, new SageMakerAsyncClient(options));
}
function ours(name, way, client) {
    return {
        name,
        way,
        async submit(input) {
            const job = await client.submit(input);
            return async () => {
                const result = await job.result();
                if (!result.success)
                    throw result.error;
                return result.data;
            };
        },
        close: () => client.close(),
    };
}
async function snippet(service) {
    const way = await service.way();
    const settings = sdkSettings(way.url, service.outputs.region);
    const clients = { s3: new S3Client(settings), runtime: new SageMakerRuntimeClient(settings) };
    const { bucketName: bucket, endpointName } = service.outputs;
    return {
        name: "the usual snippet",
        way,
        async submit(input) {
            const key = `input/${crypto.randomUUID()}.json`;
            const job = await snippetSubmit(clients, { bucket, key, endpointName }, JSON.stringify(input));
            return async () => JSON.parse(await snippetResult(clients, job));
        },
        close: () => Object.values(clients).forEach((client) => client.destroy()),
    };
}
