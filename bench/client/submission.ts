import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { seconds } from "../measure";
import type { Part } from "./part";
import { addedMilliseconds, startService } from "./service";
import type { SubmitReport, SubmitTask } from "./submitWorker";
import { work } from "./worker";

const small = { count: 1000, bytes: 10_000, concurrency: 32 };
const fileMegabytes = 200;

/** More than a file's size in memory is no stream. */
const flatMegabytes = 100;

const contenders = { table: "client, table", objects: "client, no table", snippet: "the usual snippet" } as const;

/** How fast jobs are submitted, and what a big input does to the memory of who submits it. */
export async function submission(): Promise<Part> {
  const folder = await mkdtemp(path.join(tmpdir(), "bench-"));
  const service = await startService({ busy: true });
  try {
    const file = path.join(folder, "big.json");
    await writeFile(file);
    const rows = [];
    let isFlat = true;
    for (const by of Object.keys(contenders) as (keyof typeof contenders)[]) {
      const { url: endpointUrl } = await service.way();
      const run = (payload: SubmitTask["payload"]) =>
        work<SubmitReport>(path.join(__dirname, "submitWorker.js"), {
          by,
          endpointUrl,
          outputs: service.outputs,
          payload,
        } satisfies SubmitTask);
      const many = await run(small);
      const big = await run({ file });
      if (by !== "snippet" && big.peakBytes - many.peakBytes > flatMegabytes * 1e6) isFlat = false;
      rows.push([
        contenders[by],
        (small.count / (many.milliseconds / 1000)).toFixed(0),
        megabytes(many.peakBytes),
        seconds(big.milliseconds),
        megabytes(big.peakBytes),
      ]);
    }
    return {
      title: `Submission: ${small.count} jobs of 10 kB, ${small.concurrency} at a time, and one file of ${fileMegabytes} MB; ${addedMilliseconds} ms added to every call`,
      rows: [["client", "jobs a second", "peak memory", "the file", "peak memory"], ...rows],
      aims: [{ what: `a file of ${fileMegabytes} MB takes at most ${flatMegabytes} MB more memory than small inputs`, met: isFlat }],
    };
  } finally {
    await service.close();
    await rm(folder, { recursive: true });
  }
}

async function writeFile(file: string): Promise<void> {
  const handle = await open(file, "w");
  const megabyte = Buffer.alloc(1e6, "x");
  for (let written = 0; written < fileMegabytes; written++) await handle.write(megabyte);
  await handle.close();
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
