/**
 * `npm run bench:console`: the console's page in a real browser over a service with 100,000 jobs, of which 50 end per second.
 *
 * The service is a stand-in in memory: what is measured is the console's own, from the end of a job to its pixels.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { JobStatus } from "../client";
import { pageDirectory, startConsole } from "../console/server";
import { endStandInJob, standInJob, standInService } from "../doubles/consoleService";
import { closeLeftByFiles } from "../test/support/leftOpen";
import { newPage } from "../test/support/browser";

const jobs = 100_000;
const perSecond = 50;
const seconds = 30;
/** A job ends after so many that came later: soon enough to be among those on the screen. */
const behind = 5;

/** When the row of a job first showed its end, by the job's id. Runs in the page. */
function watchRows(): void {
  interface Row {
    querySelectorAll(selector: string): Iterable<{ dataset: Record<string, string>; textContent: string }>;
  }
  const { document, MutationObserver, requestAnimationFrame } = globalThis as unknown as {
    document: Row & { body: unknown };
    MutationObserver: new (changed: () => void) => { observe(target: unknown, options: object): void };
    requestAnimationFrame: (callback: () => void) => void;
  };
  const seen: Record<string, number> = {};
  Object.assign(globalThis, { seen });
  new MutationObserver(() =>
    // Drawn with the next frame.
    requestAnimationFrame(() => {
      for (const { dataset, textContent } of document.querySelectorAll(".row[data-job]")) {
        const jobId = dataset["job"] ?? "";
        if (textContent.includes("Completed")) seen[jobId] ??= Date.now();
      }
    }),
  ).observe(document.body, { subtree: true, childList: true, characterData: true });
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

async function run(): Promise<void> {
  const standIn = standInService();
  const { service } = standIn;
  const start = Date.now();
  for (let index = 0; index < jobs; index++) {
    const job = standInJob(`job-${index}`, start - (jobs - index) * 100);
    if (index < jobs - behind) endStandInJob(job, start - (jobs - index) * 100 + 50);
    standIn.jobs.push(job);
  }
  const served = await startConsole({ key: new Uint8Array(32), pageDirectory: pageDirectory(), version: "", services: () => [service] });
  const { page, close } = await newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
  try {
    await page.goto(served.address);
    await page.waitForSelector(".figures");
    const painted = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN);
    await page.click("nav >> text=Jobs");
    await page.waitForSelector(`[data-job=job-${jobs - 1}]`);
    await page.evaluate(watchRows);

    const endedAt = new Map<string, number>();
    const memory: number[] = [];
    const count = perSecond * seconds;
    const from = performance.now();
    for (let index = 0; index < count; index++) {
      await pause(Math.max(0, from + (index * 1000) / perSecond - performance.now()));
      const now = Date.now();
      const ending = standIn.jobs.at(-behind) as JobStatus;
      endStandInJob(ending, now);
      endedAt.set(ending.jobId, now);
      standIn.jobs.push(standInJob(`new-${index}`, now));
      // What an embedded cloud does with each of its events.
      service.live.nudge();
      if (index % (perSecond * 5) === 0) {
        globalThis.gc?.();
        memory.push(process.memoryUsage().heapUsed / 1e6);
      }
    }
    await pause(2000);
    const seen = await page.evaluate(() => (globalThis as unknown as { seen: Record<string, number> }).seen);
    const waits = [...endedAt].flatMap(([jobId, at]) => (seen[jobId] === undefined ? [] : [seen[jobId] - at])).sort((a, b) => a - b);
    const files = ["index.html", "page.js", "page.css", "icon.svg"].map((name) => readFileSync(path.join(pageDirectory(), name)));
    const bytes = files.reduce((sum, content) => sum + gzipSync(content).length, 0);

    console.log(`compressed size      ${(bytes / 1000).toFixed(0)} kB`);
    console.log(`first paint          ${painted.toFixed(0)} ms`);
    console.log(`ends seen            ${waits.length} of ${count}, at ${perSecond} per second`);
    console.log(`end to pixels        median ${percentile(waits, 0.5)} ms, p95 ${percentile(waits, 0.95)} ms, longest ${waits.at(-1)} ms`);
    console.log(`server's heap        ${memory.map((megabytes) => megabytes.toFixed(0)).join(", ")} MB, each 5 s`);
  } finally {
    await close();
    await served.close();
    await closeLeftByFiles();
  }
}

void run();
