/** `npm run docs:pictures`: the pictures of the documentation, made from a run of the program on the embedded cloud with its real model. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import type { Page } from "playwright-core";
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
import { planTrace } from "./planTrace";
import { recordTerminal } from "./recordTerminal";
import { terminalPicture, terminalRecording } from "./terminalPicture";

const root = path.resolve(__dirname, "../..");

/** Where they are. */
export const pictureDirectory = path.join(root, "docs/pictures");

/** What `docs/pictures` holds. */
export const pictureNames = [
  "explain.svg",
  "job.png",
  "overview-dark.png",
  "overview.png",
  "plan.png",
  "scaling.png",
  "start.svg",
] as const;

/** A job of each page that there is, the slowest first. */
const pages = ["letter", "invoice", "note", "broken"];
/** So many times before the picture jobs came, so many seconds apart: the charts are of an hour. */
const [rounds, roundSeconds] = [3, 19 * 60];

const columns = 80;

async function makePictures(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "pictures-"));
  process.env["XDG_STATE_HOME"] = folder;
  try {
    mkdirSync(pictureDirectory, { recursive: true });
    await drawStart();
    await drawPlan(folder);
    await drawService(folder);
  } finally {
    await closeLeftByFiles();
    rmSync(folder, { recursive: true });
  }
}

/** A service at work: its page, and what the command line says of it. */
async function drawService(folder: string): Promise<void> {
  const clock = new AdjustableClock();
  const cloud = await EmbeddedCloud.start({ clock, metricDelaySeconds: 0, faults: { seed: 1, jobs: 1, faults: [] } });
  clock.onChange((hasLeftWall) => hasLeftWall && cloud.renewFunctions());
  const outputs = (await cloud.deploy(ownProgram)).outputs as unknown as AsyncInferenceOutputs;
  const served = await startCloudConsole(cloud, clock, { port: 0, onAddressUsed: () => undefined, invokedAs: "npx sagemaker-async" });
  const client = SageMakerAsyncClient.fromStackOutputs({ endpointUrl: cloud.endpointUrl, outputs });
  const submit = async (jobId: string) => {
    const [name] = jobId.split("-");
    await client.submit(readFileSync(path.join(root, `examples/ocr/pages/${name}.png`)), { jobId, contentType: "image/png" });
    return jobId;
  };
  try {
    for (let round = 1; round <= rounds; round++) {
      const ids = pages.flatMap((name) => Array.from({ length: round }, (_, copy) => `${name}-${round}${copy}`));
      for (const id of ids) await submit(id);
      await Promise.allSettled(ids.map((id) => client.job(id).result({ as: "bytes" })));
      await passed(clock, roundSeconds);
    }
    const { page, close } = await newPage({ viewport: { width: 1280, height: 860 }, reducedMotion: "reduce" });
    await page.goto(served.address);
    await page.waitForSelector(".figures");
    const newest = ["broken-1", "letter-1", "letter-2", "letter-3", "invoice-1", "letter-4", "note-1"];
    for (const id of newest) await submit(id);
    await client.job("letter-1").result({ as: "bytes" });
    await drawPages(page);
    await Promise.allSettled(newest.map((id) => client.job(id).result({ as: "bytes" })));
    await close();
    await drawExplain(cloud.endpointUrl, outputs, folder);
  } finally {
    await client.close();
    await served.close();
    await cloud.close();
  }
}

/** Lets so much of a cloud's time pass, no faster than its functions keep up with. */
async function passed(clock: AdjustableClock, seconds: number): Promise<void> {
  const before = clock.speed;
  clock.setSpeed(150);
  await new Promise<void>((resolve) => clock.setTimeout(resolve, seconds * 1000));
  clock.setSpeed(before);
}

async function drawPages(page: Page): Promise<void> {
  const shot = (name: (typeof pictureNames)[number]) => page.screenshot({ path: path.join(pictureDirectory, name) });
  await page.waitForSelector("[data-job=letter-1] >> text=Completed");
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
}

/** `npm start` on a terminal, as it moved. */
async function drawStart(): Promise<void> {
  const rows = 26;
  const recorded = await recordTerminal("npm start", columns, rows, root);
  const typed = { seconds: 0, text: "$ npm start\r\n" };
  const title = "npm start deploys the program to this machine and reads four pages, one of which is broken";
  writeFileSync(path.join(pictureDirectory, "start.svg"), await terminalRecording([typed, ...recorded], columns, rows, title));
}

/** The report of the plan that docs/planning.md leads through. */
async function drawPlan(folder: string): Promise<void> {
  // Beside the stack file, as its user has it: the report names it as the command line did.
  const [trace, report] = [path.join(root, "jobs.csv"), path.join(folder, "plan.html")];
  writeFileSync(trace, planTrace(), { flag: "wx" });
  try {
    const goal = ["--wait-p95", "25m", "--startup", "200-300"];
    const written = await commandLine(["plan", "--trace", "jobs.csv", "--stack", "prod", ...goal, "--html", report]);
    process.stdout.write(stripVTControlCharacters(written));
  } finally {
    rmSync(trace);
  }
  const { page, close } = await newPage({ viewport: { width: 1000, height: 1390 }, reducedMotion: "reduce" });
  await page.goto(pathToFileURL(report).href);
  await page.waitForSelector("html[data-drawn]");
  await page.screenshot({ path: path.join(pictureDirectory, "plan.png") });
  await close();
}

/** What the command line writes on a terminal. @throws Error when it does not end well */
async function commandLine(argv: readonly string[]): Promise<string> {
  const written = { stdout: "", stderr: "" };
  const terminal = (name: keyof typeof written) =>
    ({
      isTTY: true,
      columns,
      rows: 40,
      hasColors: () => true,
      write: (text: string) => (written[name] += text) !== "",
    }) as unknown as NodeJS.WriteStream;
  const streams = { stdout: terminal("stdout"), stderr: terminal("stderr") };
  const code = await run([...argv], streams, new AbortController().signal, version);
  if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${code}: ${written.stderr}`);
  return written.stdout;
}

/** What `explain` says of the job that failed, on a terminal of 80 columns. */
async function drawExplain(endpointUrl: string, outputs: AsyncInferenceOutputs, folder: string): Promise<void> {
  const file = path.join(folder, "outputs.json");
  writeFileSync(file, JSON.stringify({ endpointUrl, outputs }));
  const written = await commandLine(["explain", "broken-1", "--outputs", file]);
  const typed = "$ npx sagemaker-async explain broken-1\n";
  const picture = await terminalPicture(typed + written, columns, "explain says why a job failed, and what to do");
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
