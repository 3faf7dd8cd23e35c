import path from "node:path";
import { Worker } from "node:worker_threads";
/** Simulations of one load in worker threads, which share its memory. */
export class Pool {
  workers = [];
  idle = [];
  waiting = [];
  running = new Map();
  constructor(load, threads) {
    const shared = { ...load, arrivalSeconds: share(load.arrivalSeconds), durationSeconds: share(load.durationSeconds) };
    for (let thread = 0; thread < threads; thread++) {
      const worker = new Worker(path.join(__dirname, "planWorker.js"), { workerData: shared });
      worker.on("message", (answer) => this.settle(worker, answer));
      worker.on("error", (error) => this.fail(error));
      this.workers.push(worker);
      this.idle.push(worker);
    }
  }
  /** Rejects with what the simulation said, or when the pool is closed. */
  run(task) {
    return new Promise((resolve, reject) => {
      this.waiting.push({ task, resolve, reject });
      this.next();
    });
  }
  /** Ends at once; what has not been answered is rejected with the reason. */
  async close(reason = new Error("the plan was ended")) {
    this.fail(reason);
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
  next() {
    const worker = this.idle.at(-1);
    const waiting = worker && this.waiting.shift();
    if (!waiting) return;
    this.idle.pop();
    this.running.set(worker, waiting);
    worker.postMessage(waiting.task);
  }
  settle(worker, answer) {
    const waiting = this.running.get(worker);
    this.running.delete(worker);
    this.idle.push(worker);
    if ("error" in answer) waiting?.reject(new Error(answer.error));
    else waiting?.resolve(answer.outcome);
    this.next();
  }
  fail(error) {
    const left = [...this.running.values(), ...this.waiting.splice(0)];
    this.running.clear();
    for (const { reject } of left) reject(error);
  }
}
function share(numbers) {
  const shared = new Float64Array(new SharedArrayBuffer(numbers.byteLength));
  shared.set(numbers);
  return shared;
}
