import path from "node:path";
import { Worker } from "node:worker_threads";
import type { Load } from "./load";
import type { Outcome } from "./outcome";
import type { PlanSettings, Unknowns } from "./settings";

/** One simulation. */
export interface Task {
  settings: PlanSettings;
  unknowns: Unknowns;
  withSeries: boolean;
}

/** What a worker answers. */
export type Answer = { outcome: Outcome } | { error: string };

interface Waiting {
  task: Task;
  resolve: (outcome: Outcome) => void;
  reject: (error: Error) => void;
}

/** What a simulation makes dies at once; with the usual 48 MB for it, a thread takes a tenth more memory and is no faster. */
const resourceLimits = { maxYoungGenerationSizeMb: 8 };

/** Simulations of one load in worker threads, which share its memory. */
export class Pool {
  private readonly workers: Worker[] = [];
  private readonly idle: Worker[] = [];
  private readonly waiting: Waiting[] = [];
  private readonly running = new Map<Worker, Waiting>();

  constructor(load: Load, threads: number) {
    const shared: Load = { ...load, arrivalSeconds: share(load.arrivalSeconds), durationSeconds: share(load.durationSeconds) };
    for (let thread = 0; thread < threads; thread++) {
      const worker = new Worker(path.join(__dirname, "planWorker.js"), { workerData: shared, resourceLimits });
      worker.on("message", (answer: Answer) => this.settle(worker, answer));
      worker.on("error", (error: Error) => this.fail(error));
      this.workers.push(worker);
      this.idle.push(worker);
    }
  }

  /** Rejects with what the simulation said, or when the pool is closed. */
  run(task: Task): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ task, resolve, reject });
      this.next();
    });
  }

  /** Ends at once; what has not been answered is rejected with the reason. */
  async close(reason: Error = new Error("the plan was ended")): Promise<void> {
    this.fail(reason);
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  private next(): void {
    const worker = this.idle.at(-1);
    const waiting = worker && this.waiting.shift();
    if (!waiting) return;
    this.idle.pop();
    this.running.set(worker, waiting);
    worker.postMessage(waiting.task);
  }

  private settle(worker: Worker, answer: Answer): void {
    const waiting = this.running.get(worker);
    this.running.delete(worker);
    this.idle.push(worker);
    if ("error" in answer) waiting?.reject(new Error(answer.error));
    else waiting?.resolve(answer.outcome);
    this.next();
  }

  private fail(error: Error): void {
    const left = [...this.running.values(), ...this.waiting.splice(0)];
    this.running.clear();
    for (const { reject } of left) reject(error);
  }
}

function share(numbers: Float64Array): Float64Array {
  if (numbers.buffer instanceof SharedArrayBuffer) return numbers;
  const shared = new Float64Array(new SharedArrayBuffer(numbers.byteLength));
  shared.set(numbers);
  return shared;
}
