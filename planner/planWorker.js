/** A thread that simulates one load under one candidate after another. @see Pool */
import { parentPort, workerData } from "node:worker_threads";
import { simulate } from "./simulate";
parentPort?.on("message", ({ settings, unknowns, withSeries }) => {
  simulate(workerData, settings, unknowns, { withSeries }).then(
    (outcome) => parentPort?.postMessage({ outcome }),
    (error) => parentPort?.postMessage({ error: error instanceof Error ? error.message : String(error) }),
  );
});
