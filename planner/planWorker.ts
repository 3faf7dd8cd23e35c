/** A thread that simulates one load under one candidate after another. @see Pool */
import { parentPort, workerData } from "node:worker_threads";
import type { Load } from "./load";
import type { Answer, Task } from "./pool";
import { simulate } from "./simulate";

parentPort?.on("message", ({ settings, unknowns, withSeries }: Task) => {
  simulate(workerData as Load, settings, unknowns, { withSeries }).then(
    (outcome) => parentPort?.postMessage({ outcome } satisfies Answer),
    (error: unknown) => parentPort?.postMessage({ error: error instanceof Error ? error.message : String(error) } satisfies Answer),
  );
});
