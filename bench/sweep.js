import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as documents from "@aws-sdk/lib-dynamodb";
import dynalite from "dynalite";
import { openJob } from "../doubles/jobs";
import { createJobTable } from "../doubles/jobServices";
import { machine, table } from "./measure";
/** Memory of the sweep function's heap: what its Lambda has, less what Node itself takes. */
const heapMb = 512;
/**
 * `npm run bench:sweep [-- JOBS]`: sweeps over a table of open jobs, all of them due at once, one in twenty finished unnoticed.
 *
 * The table is an emulator over its real protocol, in a process of its own; S3 answers from memory. DynamoDB is faster than the
 * emulator, S3 slower than memory: what is measured is that the sweeper keeps up and that its memory does not grow with the table.
 */
async function main() {
    const count = Number(process.argv[2] ?? 100_000);
    const server = dynalite({ createTableMs: 0 });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const endpoint = `http://127.0.0.1:${server.address().port}`;
    await seed(endpoint, count);
    const rows = [
        ["sweep", "open", "looked after", "ended", "seconds", "counted rows/s", "looks/s", "looks/s of CPU", "heap MB at most", "unfinished"],
    ];
    const worker = fork(path.join(__dirname, "sweepWorker.js"), [endpoint], { execArgv: [`--max-old-space-size=${heapMb}`] });
    worker.on("message", (message) => {
        const { open, looked, ended, seconds, countSeconds, cpuSeconds, heapMb: heap, unfinished } = message;
        const looks = looked === 0 ? "" : (looked / (seconds - countSeconds)).toFixed(0);
        const processed = looked === 0 ? "" : (looked / cpuSeconds).toFixed(0);
        const counted = (open / countSeconds).toFixed(0);
        rows.push([
            ...[rows.length, open, looked, ended].map(String),
            seconds.toFixed(1),
            counted,
            looks,
            processed,
            heap.toFixed(0),
            String(unfinished),
        ]);
    });
    const [code] = (await once(worker, "exit"));
    server.close();
    console.log(`${machine()}\n\nSweeps over ${count} open jobs, all due at once, with a heap of ${heapMb} MB\n${table(rows)}`);
    process.exitCode = code;
}
async function seed(endpoint, count) {
    const client = new DynamoDBClient({ endpoint, region: "eu-west-1", credentials: { accessKeyId: "bench", secretAccessKey: "bench" } });
    const table = documents.DynamoDBDocumentClient.from(client);
    await createJobTable(client, "jobs");
    const start = performance.now();
    const now = Date.now();
    const times = { submittedAt: new Date(now - 300_000).toISOString(), invokingAt: new Date(now - 300_100).toISOString() };
    const dueAt = new Date(now - 1000).toISOString();
    const batches = Array.from({ length: Math.ceil(count / 25) }, (_, batch) => batch).values();
    const writer = async () => {
        for (const batch of batches) {
            const ids = Array.from({ length: Math.min(25, count - batch * 25) }, (_, index) => `bench-${batch * 25 + index}`);
            const puts = ids.map((jobId) => ({ PutRequest: { Item: { ...openJob({ jobId, ...times }), dueAt } } }));
            await table.send(new documents.BatchWriteCommand({ RequestItems: { jobs: puts } }));
        }
    };
    await Promise.all(Array.from({ length: 8 }, writer));
    client.destroy();
    console.error(`${count} jobs written in ${((performance.now() - start) / 1000).toFixed(0)} s`);
}
void main();
