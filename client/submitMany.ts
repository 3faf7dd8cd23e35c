import { guardedError } from "./guard";
import type { InferenceResult, ManyResult } from "./types";

/** How many inputs become jobs. */
export interface Many<In, Data> {
  concurrency: number;
  signal: AbortSignal | undefined;
  /** One input's job, from its submission to its result. */
  run: (input: In, index: number, signal: AbortSignal) => Promise<InferenceResult<Data>>;
}

/**
 * Results as they finish. At most `concurrency` inputs are open, those included whose results nobody has taken yet, so that
 * the input is consumed as the results are. An input that fails is a result without success. Whoever stops early ends the
 * waits and submits nothing more; what the service has taken goes on.
 *
 * @throws AsyncInferenceError `ABORTED` by the signal; what the input itself throws, after the results of all before it
 */
export async function* submitMany<In, Data>(
  inputs: Iterable<In> | AsyncIterable<In>,
  { concurrency, signal, run }: Many<In, Data>,
): AsyncGenerator<ManyResult<Data>> {
  const stopping = new AbortController();
  const until = signal === undefined ? stopping.signal : AbortSignal.any([signal, stopping.signal]);
  const source = Symbol.asyncIterator in inputs ? inputs[Symbol.asyncIterator]() : inputs[Symbol.iterator]();
  const finished: ManyResult<Data>[] = [];
  let open = 0;
  let next = 0;
  let reading = false;
  let end: { error?: unknown } | undefined;
  let wake = (): void => undefined;

  const start = async (input: In, index: number): Promise<void> => {
    let result: InferenceResult<Data>;
    try {
      result = await run(input, index, until);
    } catch (thrown) {
      const error = guardedError(thrown, until, undefined);
      result = { success: false, error, jobId: error.jobId ?? "", inferenceId: "", timings: {} };
    }
    finished.push({ ...result, index });
    wake();
  };
  const read = async (): Promise<void> => {
    reading = true;
    try {
      const step = await source.next();
      if (step.done === true) end ??= {};
      else {
        open++;
        void start(step.value, next++);
      }
    } catch (error) {
      end ??= { error };
    }
    reading = false;
    wake();
  };

  signal?.addEventListener("abort", () => wake(), { signal: stopping.signal });
  try {
    for (;;) {
      if (signal?.aborted) throw guardedError(signal.reason, signal, undefined);
      const result = finished.shift();
      if (result !== undefined) {
        yield result;
        open--;
        continue;
      }
      if (end !== undefined && open === 0) {
        if ("error" in end) throw end.error;
        return;
      }
      const changed = new Promise<void>((resolve) => (wake = resolve));
      if (end === undefined && !reading && open < concurrency) void read();
      await changed;
    }
  } finally {
    stopping.abort();
    if (end === undefined) {
      // Not awaited: a source that stalls never answers.
      void Promise.resolve(source.return?.()).catch(() => undefined);
    }
  }
}
