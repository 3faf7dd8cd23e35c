import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { EmbeddedCloud } from "../local/embeddedCloud";
import { runJobs } from "../local/commands/jobs";
import { aim, percentile, root, seconds, table } from "./measure";
const jobs = 200;
/** Many small jobs through the embedded cloud, with a model that takes no time. */
export async function echoJobs() {
    const folder = await mkdtemp(path.join(tmpdir(), "bench-"));
    const cloud = await EmbeddedCloud.start();
    try {
        const { outputs } = await cloud.deploy({
            directory: root,
            stack: "local",
            compiledMain: path.join(root, "build/index.js"),
            settings: { "local:modelCommand": "node build/test/support/modelServer.js" },
        });
        const inputs = await Promise.all(Array.from({ length: jobs }, (_, index) => writeInput(folder, index)));
        const options = { onChange: () => undefined, signal: new AbortController().signal };
        const run = (some) => runJobs(cloud, outputs, some, options);
        // Processes of the functions that are up already are what a service has after its first minute.
        await run(inputs.slice(0, 8));
        const start = performance.now();
        const reports = await run(inputs);
        const milliseconds = performance.now() - start;
        const failed = reports.find(({ state }) => state !== "COMPLETED");
        if (failed !== undefined)
            throw new Error(`job ${failed.jobId} is ${failed.state}: ${failed.error?.message}`);
        const times = reports.map(({ timings }) => Date.parse(timings.recordedAt ?? "") - Date.parse(timings.acceptedAt ?? ""));
        const rows = [
            ["", ""],
            ["all jobs", seconds(milliseconds)],
            ["jobs per second", (jobs / (milliseconds / 1000)).toFixed(1)],
            ["accepted to recorded, median", seconds(percentile(times, 0.5))],
            ["accepted to recorded, p95", seconds(percentile(times, 0.95))],
        ];
        return [`${jobs} jobs with an echo model`, table(rows.slice(1)), `  ${aim(milliseconds, 10_000)}`].join("\n");
    }
    finally {
        await cloud.close();
        await rm(folder, { recursive: true });
    }
}
async function writeInput(folder, index) {
    const name = `${index}.json`;
    const file = path.join(folder, name);
    await writeFile(file, JSON.stringify({ index }));
    return { name, file };
}
