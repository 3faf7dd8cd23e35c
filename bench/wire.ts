import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { controlPlaneCalls } from "./controlPlaneCalls";
import type { Deployed } from "./deployWorker";
import { aim, median, percentile, root, seconds, table, timed } from "./measure";

const deployments = 8;
const calls = 500;

/** A clone of another version, built: what is measured beside this one. */
const base = process.env["BENCH_BASE"];

/**
 * The embedded cloud's two doors: how long a deployment takes by the monitor's, and what the cloud then weighs; and how long the
 * AWS provider's calls take by the wire's.
 */
export async function wireRun(): Promise<string> {
  return [await deployedByProgram(), await calledOverTheWire()].join("\n\n");
}

async function deployedByProgram(): Promise<string> {
  const builds = { "this build": root, ...(base !== undefined && { [base]: path.resolve(base) }) };
  const measured = new Map<string, Deployed[]>(Object.keys(builds).map((name) => [name, []]));
  // In turns, each the first one every other time: what disturbs the machine disturbs all alike. The first round warms the disk's cache.
  for (let round = 0; round <= deployments; round++) {
    const inTurn = Object.entries(builds);
    for (const [name, directory] of round % 2 === 0 ? inTurn : inTurn.reverse()) {
      const one = await deployOnce(directory);
      if (round > 0) measured.get(name)?.push(one);
    }
  }
  const of = (name: string, key: keyof Deployed) => median((measured.get(name) ?? []).map((one) => one[key]));
  const megabytes = (value: number) => `${value.toFixed(0)} MB`;
  const rows = [...measured.keys()].map((name) => [
    name,
    seconds(of(name, "deployMilliseconds")),
    megabytes(of(name, "emptyMegabytes")),
    megabytes(of(name, "deployedMegabytes")),
  ]);
  return [
    `Deployed by the program's door (median of ${deployments}), and the cloud's memory at rest`,
    table([["", "deployment", "nothing deployed", "deployed"], ...rows]),
    ...(base === undefined ? ["  BENCH_BASE=DIR measures another clone, built, beside this one"] : [`  ${ratios(measured, base)}`]),
  ].join("\n");
}

/** Of each round by itself: the machine's load changes from one to the next. */
function ratios(measured: ReadonlyMap<string, readonly Deployed[]>, other: string): string {
  const [here = [], there = []] = ["this build", other].map((name) => measured.get(name));
  const ratio = (key: keyof Deployed) => median(here.map((one, round) => one[key] / (there[round]?.[key] ?? NaN)));
  const deployment = ratio("deployMilliseconds");
  const verdict = deployment <= 1.05 ? "met" : "missed";
  return `median of the rounds' ratios: deployment ${deployment.toFixed(2)}, aim at most 1.05: ${verdict}; memory ${ratio("deployedMegabytes").toFixed(2)}`;
}

async function deployOnce(directory: string): Promise<Deployed> {
  const worker = ["--expose-gc", path.join(__dirname, "deployWorker.js"), directory];
  const { stdout } = await promisify(execFile)(process.execPath, worker, { cwd: directory });
  return JSON.parse(stdout) as Deployed;
}

/** Calls one after the other, as one resource's are: what is measured is an answer, and not how many fit into a second. */
async function calledOverTheWire(): Promise<string> {
  const cloud = spawn(process.execPath, [path.join(root, "build/local/commands/cloud.js"), "--empty", "--json", "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(createInterface(cloud.stdout), "line")) as [string];
    const callsOf = controlPlaneCalls((JSON.parse(line) as { endpointUrl: string }).endpointUrl);
    for (const call of callsOf("warm")) await call();
    const times: number[] = [];
    for (let round = 0; times.length < calls; round++) {
      for (const call of callsOf(`round-${round}`).slice(0, calls - times.length)) times.push(await timed(call));
    }
    const milliseconds = (value: number) => `${value.toFixed(1)} ms`;
    const rows = [
      ["", "median", "p95", "longest"],
      ["create or read", milliseconds(median(times)), milliseconds(percentile(times, 0.95)), milliseconds(Math.max(...times))],
    ];
    return [`${calls} control-plane calls over the wire`, table(rows), `  p95: ${aim(percentile(times, 0.95), 20)}`].join("\n");
  } finally {
    cloud.kill();
    await once(cloud, "exit");
  }
}
