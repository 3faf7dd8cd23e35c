import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { median, repeat, seconds } from "../measure";
import { addedMilliseconds, startStandIn } from "./standIn";
import { work } from "./worker";
const inputBytes = 10_000;
const concurrency = 32;
/** How many inputs, and how often they are submitted by each client in turn: the median counts. */
const loads = [
    { count: 1000, rounds: 5 },
    { count: 20_000, rounds: 1 },
];
const fileMegabytes = 200;
/** More than a file's size in memory is no stream, and more for twenty times the jobs is a leak. */
const flatMegabytes = 100;
const contenders = { snippet: "the usual snippet", objects: "client, no table", table: "client, table" };
/** What each client's rate must be at least, and its processor time per job at most, as shares of the snippet's. */
const aims = { objects: { rate: 1.3, processor: 1 }, table: { rate: 0.6, processor: 2 } };
/** How fast jobs are submitted, what that costs, and what a big input does to the memory of the process that submits it. */
export async function submission() {
    const folder = await mkdtemp(path.join(tmpdir(), "bench-"));
    const standIn = await startStandIn(addedMilliseconds);
    try {
        const ceiling = await ceilingOf(standIn);
        const found = [];
        for (const { count, rounds } of loads)
            found.push(await inTurns(standIn, count, rounds));
        const file = path.join(folder, "big.json");
        await writeFile(file);
        const big = {};
        for (const by of Object.keys(contenders))
            big[by] = await submit(standIn, by, { file });
        return partOf(ceiling, found, big);
    }
    finally {
        await standIn.close();
        await rm(folder, { recursive: true });
    }
}
async function inTurns(standIn, count, rounds) {
    const each = await repeat(rounds, async () => {
        const round = {};
        for (const by of Object.keys(contenders))
            round[by] = await measure(standIn, by, count);
        return round;
    });
    const middle = (by) => {
        const of = (what) => median(each.map((round) => round[by][what]));
        return {
            jobsPerSecond: of("jobsPerSecond"),
            processorMilliseconds: of("processorMilliseconds"),
            callsPerJob: of("callsPerJob"),
            peakBytes: of("peakBytes"),
        };
    };
    return { snippet: middle("snippet"), objects: middle("objects"), table: middle("table") };
}
async function measure(standIn, by, count) {
    await standIn.counted();
    const { milliseconds, processorMilliseconds, peakBytes } = await submit(standIn, by, { count, bytes: inputBytes, concurrency });
    return {
        jobsPerSecond: count / (milliseconds / 1000),
        processorMilliseconds: processorMilliseconds / count,
        callsPerJob: (await standIn.counted()) / count,
        peakBytes,
    };
}
function submit({ url }, by, payload) {
    const task = { by, endpointUrl: url, payload };
    return work(path.join(__dirname, "submitWorker.js"), task);
}
/** Calls per second that the stand-ins answer at most, beside a caller that costs next to nothing. */
async function ceilingOf({ url }) {
    const task = { port: Number(new URL(url).port), bodyBytes: inputBytes, connections: 256, milliseconds: 3000 };
    const { calls, milliseconds } = await work(path.join(__dirname, "ceilingWorker.js"), task);
    return calls / (milliseconds / 1000);
}
function partOf(ceiling, found, big) {
    const share = (value, of) => `${(value / of).toFixed(2)} ×`;
    const rows = loads.flatMap(({ count }, index) => {
        const load = found[index];
        return Object.keys(contenders).map((by) => {
            const { jobsPerSecond, processorMilliseconds, callsPerJob, peakBytes } = load[by];
            return [
                `${contenders[by]}, ${count} jobs`,
                jobsPerSecond.toFixed(0),
                share(jobsPerSecond, load.snippet.jobsPerSecond),
                `${processorMilliseconds.toFixed(2)} ms`,
                share(processorMilliseconds, load.snippet.processorMilliseconds),
                callsPerJob.toFixed(1),
                megabytes(peakBytes),
            ];
        });
    });
    const files = Object.keys(contenders).map((by) => {
        const { milliseconds, peakBytes } = big[by];
        return [`${contenders[by]}, the file`, seconds(milliseconds), "", "", "", "", megabytes(peakBytes)];
    });
    const [few, many] = found;
    const fastest = Math.max(...found.flatMap((load) => Object.values(load).map((one) => one.jobsPerSecond * one.callsPerJob)));
    const ours = Object.keys(aims);
    return {
        title: `Submission: jobs of 10 kB, ${concurrency} at a time, and one file of ${fileMegabytes} MB; ${addedMilliseconds} ms added to every call; ` +
            `the stand-ins answer at most ${ceiling.toFixed(0)} calls per second`,
        rows: [
            ["client", "jobs per second", "of the snippet's", "processor per job", "of the snippet's", "calls per job", "peak memory"],
            ...rows,
            ...files,
        ],
        aims: [
            { what: "the stand-ins answer at least 3 times what the fastest client asks", met: ceiling >= 3 * fastest },
            ...ours.map((by) => ({
                what: `${contenders[by]}: at least ${aims[by].rate} times the snippet's rate, at most ${aims[by].processor} times its processor time`,
                met: found.every((load) => load[by].jobsPerSecond >= aims[by].rate * load.snippet.jobsPerSecond &&
                    load[by].processorMilliseconds <= aims[by].processor * load.snippet.processorMilliseconds),
            })),
            {
                what: `20 times the jobs, and a file of ${fileMegabytes} MB, take at most ${flatMegabytes} MB more memory`,
                met: ours.every((by) => Math.max(many[by].peakBytes, big[by].peakBytes) - few[by].peakBytes <= flatMegabytes * 1e6),
            },
        ],
    };
}
async function writeFile(file) {
    const handle = await open(file, "w");
    const megabyte = Buffer.alloc(1e6, "x");
    for (let written = 0; written < fileMegabytes; written++)
        await handle.write(megabyte);
    await handle.close();
}
function megabytes(bytes) {
    return `${(bytes / 1e6).toFixed(0)} MB`;
}
