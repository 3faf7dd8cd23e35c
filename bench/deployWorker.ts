/**
 * Deploys the program of a clone that has been built to its own embedded cloud, in this process alone. Started with `--expose-gc`
 * and the clone's folder; prints a {@link Deployed} as JSON.
 */
import path from "node:path";
import { setImmediate } from "node:timers/promises";

/** What one deployment took. */
export interface Deployed {
  deployMilliseconds: number;
  /** Resident memory of a cloud in which nothing is deployed, and of one whose program is, both at rest. */
  emptyMegabytes: number;
  deployedMegabytes: number;
}

type Cloud = typeof import("../local/embeddedCloud");

async function main([root = ""]: readonly string[]): Promise<void> {
  // The clone's own, which may be of another version.
  const { EmbeddedCloud } = (await import(path.join(root, "build/local/embeddedCloud.js"))) as Cloud;
  const cloud = await EmbeddedCloud.start();
  const emptyMegabytes = await residentMegabytes();
  const start = performance.now();
  await cloud.deploy({
    directory: root,
    stack: "local",
    compiledMain: path.join(root, "build/index.js"),
    settings: { "local:modelCommand": "node build/test/support/modelServer.js" },
  });
  const deployMilliseconds = performance.now() - start;
  const deployed: Deployed = { deployMilliseconds, emptyMegabytes, deployedMegabytes: await residentMegabytes() };
  await cloud.close();
  console.log(JSON.stringify(deployed));
}

async function residentMegabytes(): Promise<number> {
  // What a collection lets go is taken back by the next one.
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await setImmediate();
  }
  return process.memoryUsage.rss() / 2 ** 20;
}

void main(process.argv.slice(2)).then(() => process.exit(0));
