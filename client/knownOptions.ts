import { clientError } from "./errors";
import type { JobLogOptions, OverviewOptions } from "./overview/types";
import type {
  ClientSettings,
  EndpointClientOptions,
  InvokeOptions,
  ListOptions,
  StackClientOptions,
  SubmitManyOptions,
  SubmitOptions,
  WaitOptions,
} from "./types";

/** Every name of an interface: the compiler says which is missing, and which is none. */
type Names<Options> = Readonly<Record<keyof Options, true>>;

const settings: Names<ClientSettings> = {
  endpointUrl: true,
  credentials: true,
  clients: true,
  consumerQueueUrl: true,
  maxOpenJobs: true,
  usdPerInstanceHour: true,
  pollIntervalSeconds: true,
  timeoutSeconds: true,
  maxAttempts: true,
  waiter: true,
  logger: true,
};
const stack: Names<StackClientOptions> = { outputs: true, ...settings };
const endpoint: Names<EndpointClientOptions> = {
  bucket: true,
  endpointName: true,
  region: true,
  inputPrefix: true,
  outputPrefix: true,
  failurePrefix: true,
  inputBuckets: true,
  onDoubt: true,
  ...settings,
};
const submit: Names<SubmitOptions> = {
  jobId: true,
  contentType: true,
  accept: true,
  customAttributes: true,
  invocationTimeoutSeconds: true,
  requestTtlSeconds: true,
  metadata: true,
  priority: true,
  onDoubt: true,
  traceContext: true,
  fileName: true,
  inputSchema: true,
  outputSchema: true,
  codec: true,
  signal: true,
};
const result: Names<WaitOptions> = { timeoutSeconds: true, signal: true, as: true, toFile: true, schema: true };
const invoke: Names<InvokeOptions> = { ...submit, timeoutSeconds: true, as: true, toFile: true, maxAttempts: true };
const { jobId: _, toFile: __, fileName: ___, ...ofMany } = invoke;
const submitMany: Names<SubmitManyOptions> = { ...ofMany, concurrency: true, each: true };
const list: Names<ListOptions> = { state: true, since: true, until: true, limit: true, signal: true };
const signal: Names<{ signal?: AbortSignal }> = { signal: true };

/** The options of each call, by the name that an error gives it. */
const known = {
  fromStackOutputs: stack,
  "a client of an endpoint": endpoint,
  submit,
  invoke,
  submitMany,
  result,
  list,
  statuses: list,
  overview: { historyMinutes: true, signal: true } satisfies Names<OverviewOptions>,
  logs: { logGroups: true, limit: true, signal: true } satisfies Names<JobLogOptions>,
  status: signal,
  explain: signal,
  open: signal,
  progress: signal,
} as const;

/** Options of another call pass the compiler where they stand in a variable of their own: `InvokeOptions` are `SubmitOptions` to it. */
function takenBy(name: string): string {
  const calls = Object.entries(known).flatMap(([call, names]) => (Object.hasOwn(names, name) ? [call] : []));
  return calls.length === 0 ? "" : `, but of ${calls.join(", ")}`;
}

/**
 * Refuses what no option of a call is: a typing mistake would be the default without a word. What is undefined is not given.
 *
 * @throws AsyncInferenceError `BAD_INPUT` naming every one
 */
export function checkKnown(call: keyof typeof known, options: object): void {
  const names: Readonly<Record<string, true>> = known[call];
  let unknown: string[] | undefined;
  for (const name in options) {
    if (!Object.hasOwn(names, name) && options[name as never] !== undefined) (unknown ??= []).push(name);
  }
  if (unknown === undefined) return;
  const takes = Object.keys(names);
  const accepted = takes.length === 1 ? takes[0] : `${takes.slice(0, -1).join(", ")} or ${takes.at(-1)}`;
  const told = unknown.map((name) => `${name}: not an option of ${call}${takenBy(name)}; expected ${accepted}`);
  throw clientError("BAD_INPUT", told.join("; "), { field: unknown[0] });
}
