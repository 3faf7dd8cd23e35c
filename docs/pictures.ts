/** `npm run docs:pictures`: the pictures of the documentation, made from a run of the program on the embedded cloud with its real model. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { run } from "../cli/program";
import { SageMakerAsyncClient } from "../client";
import { version } from "../client/version";
import { AdjustableClock } from "../local/clock";
import { ownProgram } from "../local/commands/cloud";
import { startCloudConsole } from "../local/commands/console";
import { EmbeddedCloud } from "../local/embeddedCloud";
import type { AsyncInferenceOutputs } from "../outputs";
import { closeLeftByFiles } from "../test/support/leftOpen";
import { newPage } from "../test/support/browser";
import { terminalPicture } from "./terminalPicture";

const root = path.resolve(__dirname, "../..");

/** Where they are. */
export const pictureDirectory = path.join(root, "docs/pictures");

/** What `docs/pictures` holds. */
export const pictureNames = ["explain.svg", "job.png", "overview.png", "overview-dark.png", "scaling.png"] as const;

/** Jobs by fixed ids, and the page that each reads. */
const jobs: readonly [jobId: string, file: string][] = [
  ["letter-1", "letter.png"],
  ["invoice-1", "invoice.png"],
  ["note-1", "note.png"],
  ["broken-1", "broken.png"],
];

const columns = 80;

async function makePictures(): Promise<void> {
  const state = mkdtempSync(path.join(tmpdir(), "pictures-"));
  process.env["XDG_STATE_HOME"] = state;
  const clock = new AdjustableClock();
  const cloud = await EmbeddedCloud.start({ clock, metricDelaySeconds: 0, faults: { seed: 1, jobs: 1, faults: [] } });
  const outputs = (await cloud.deploy(ownProgram)).outputs as unknown as AsyncInferenceOutputs;
  const served = await startCloudConsole(cloud, clock, { port: 0, onAddressUsed: () => undefined, invokedAs: "npx sagemaker-async" });
  const client = SageMakerAsyncClient.fromStackOutputs({ endpointUrl: cloud.endpointUrl, outputs });
  try {
    mkdirSync(pictureDirectory, { recursive: true });
    for (const [jobId, file] of jobs) {
      await client.submit(readFileSync(path.join(root, "examples/ocr/pages", file)), { jobId, contentType: "image/png" });
    }
    await Promise.allSettled(jobs.map(([jobId]) => client.job(jobId).result({ as: "bytes" })));
    await drawPages(served.address);
    await drawExplain(cloud.endpointUrl, outputs, state);
  } finally {
    await client.close();
    await served.close();
    await cloud.close();
    await closeLeftByFiles();
    rmSync(state, { recursive: true });
  }
}

async function drawPages(address: string): Promise<void> {
  const { page, close } = await newPage({ viewport: { width: 1280, height: 860 }, reducedMotion: "reduce" });
  const shot = (name: (typeof pictureNames)[number]) => page.screenshot({ path: path.join(pictureDirectory, name) });
  await page.goto(address);
  await page.waitForSelector(".figures");
  await page.waitForSelector("[data-job=letter-1]");
  await shot("overview.png");
  await page.emulateMedia({ colorScheme: "dark" });
  await shot("overview-dark.png");
  await page.emulateMedia({ colorScheme: "light" });
  await page.click("nav >> text=Jobs");
  await page.click("[data-job=letter-1] a");
  await page.waitForSelector("section[aria-labelledby=h-output] pre");
  await page.waitForSelector(".log");
  await shot("job.png");
  await page.click("nav >> text=Scaling");
  await page.waitForSelector("main table");
  await shot("scaling.png");
  await close();
}

/** What `explain` says of the job that failed, on a terminal of 80 columns. */
async function drawExplain(endpointUrl: string, outputs: AsyncInferenceOutputs, folder: string): Promise<void> {
  const file = path.join(folder, "outputs.json");
  writeFileSync(file, JSON.stringify({ endpointUrl, outputs }));
  let written = "$ npx sagemaker-async explain broken-1\n";
  const stream = {
    isTTY: true,
    columns,
    rows: 40,
    hasColors: () => true,
    write: (text: string) => (written += text) !== "",
  } as unknown as NodeJS.WriteStream;
  const argv = ["explain", "broken-1", "--outputs", file];
  const code = await run(argv, { stdout: stream, stderr: stream }, new AbortController().signal, version);
  if (code !== 0) throw new Error(`explain ended with ${code}: ${written}`);
  const picture = await terminalPicture(written, columns, "explain says why a job failed, and what to do");
  writeFileSync(path.join(pictureDirectory, "explain.svg"), picture);
}

if (require.main === module) {
  void makePictures().then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
}
