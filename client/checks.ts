import { statSync } from "node:fs";
import { requestPatterns } from "../core/messages/request";
import { clientError, type AsyncInferenceError } from "./errors";
import { checkKnown } from "./knownOptions";
import type { OverviewOptions } from "./overview/types";
import type { ClientSettings, EndpointClientOptions, InvokeOptions, ListOptions, SubmitManyOptions, WaitOptions } from "./types";
import { jobStates } from "../core/records/job";

/** A value that isn't what a field takes, in the words of every other check of this project. */
function problem(field: string, value: unknown, expected: string): AsyncInferenceError {
  const got = value === undefined ? "nothing" : (JSON.stringify(value) ?? typeof value);
  return clientError("BAD_INPUT", `${field}: got ${got.length > 80 ? `${got.slice(0, 77)}...` : got}, expected ${expected}`, { field });
}

function checkNumber(field: string, value: unknown, least: number, most: number, isInteger: boolean): void {
  if (value === undefined) return;
  const right = typeof value === "number" && value >= least && value <= most && (!isInteger || Number.isInteger(value));
  if (!right) throw problem(field, value, `${isInteger ? "an integer" : "a number"} from ${least} to ${most}`);
}

function checkPattern(field: string, value: unknown, pattern: string, expected: string): void {
  if (value !== undefined && !(typeof value === "string" && new RegExp(pattern).test(value))) throw problem(field, value, expected);
}

/** Longest wait that is taken, in seconds: a week, longer than any job can be open. */
const longestWaitSeconds = 7 * 86_400;

const name = '1 to 64 letters, digits, ".", "_" and "-"';

/** @throws AsyncInferenceError `BAD_INPUT` naming the setting */
export function checkSettings(settings: ClientSettings): void {
  const { maxOpenJobs, usdPerInstanceHour, pollIntervalSeconds, timeoutSeconds, maxAttempts, waiter, endpointUrl, consumerQueueUrl } =
    settings;
  checkNumber("maxOpenJobs", maxOpenJobs, 1, 1_000_000_000, true);
  checkNumber("usdPerInstanceHour", usdPerInstanceHour, 0, 10_000, false);
  checkNumber("pollIntervalSeconds", pollIntervalSeconds, 0.1, 60, false);
  checkNumber("timeoutSeconds", timeoutSeconds, 0, longestWaitSeconds, false);
  checkNumber("maxAttempts", maxAttempts, 1, 10, true);
  checkPattern("waiter", waiter, requestPatterns.metadataName, name);
  for (const [field, url] of Object.entries({ endpointUrl, consumerQueueUrl })) {
    if (url !== undefined && !(URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)))
      throw problem(field, url, "an http: or https: URL");
  }
}

/** @throws AsyncInferenceError `BAD_INPUT` naming the option */
export function checkEndpointOptions(options: Partial<EndpointClientOptions>): asserts options is EndpointClientOptions {
  checkKnown("a client of an endpoint", options);
  const { bucket, endpointName, inputBuckets = [] } = options;
  const advice = "or make the client with SageMakerAsyncClient.fromStackOutputs(outputs)";
  const bucketPattern = "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$";
  if (bucket === undefined) throw problem("bucket", bucket, `the name of a bucket, ${advice}`);
  if (endpointName === undefined) throw problem("endpointName", endpointName, `the name of an endpoint, ${advice}`);
  checkPattern("bucket", bucket, bucketPattern, "the name of a bucket, without s3://");
  // https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointAsync.html
  checkPattern("endpointName", endpointName, "^(?=.{1,63}$)[a-zA-Z0-9](-*[a-zA-Z0-9])*$", 'at most 63 letters, digits and "-"');
  for (const each of inputBuckets) checkPattern("inputBuckets", each, bucketPattern, "names of buckets, without s3://");
  for (const field of ["inputPrefix", "outputPrefix", "failurePrefix"] as const) {
    checkPattern(field, options[field], "^[!-.0-~][!-~]{0,511}$", "1 to 512 printable ASCII characters, without a leading slash");
  }
}

/** @throws AsyncInferenceError `BAD_INPUT` naming the option */
export function checkWait(options: WaitOptions<unknown>): void {
  checkKnown("result", options);
  checkForm(options);
}

function checkForm({ timeoutSeconds, as, toFile }: Pick<WaitOptions<unknown>, "timeoutSeconds" | "as" | "toFile">): void {
  checkNumber("timeoutSeconds", timeoutSeconds, 0, longestWaitSeconds, false);
  const forms = ["auto", "json", "text", "bytes", "stream"];
  if (as !== undefined && !forms.includes(as)) throw problem("as", as, `one of ${forms.join(", ")}`);
  if (toFile === undefined) return;
  if (typeof toFile !== "string" || toFile === "") throw problem("toFile", toFile, "a path");
  checkPlace(toFile);
}

/** Nobody should wait an hour for a job to hear that its result has no place. */
function checkPlace(toFile: string): void {
  let isFolder = false;
  try {
    isFolder = statSync(toFile, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch (error) {
    // Whatever else is wrong with it may have changed when the job ends.
    if ((error as NodeJS.ErrnoException).code !== "ENAMETOOLONG") return;
    throw problem("toFile", toFile, "a shorter name: most file systems take 255 bytes between two slashes");
  }
  if (isFolder) throw problem("toFile", toFile, "a file: this is a folder");
}

/** @throws AsyncInferenceError `BAD_INPUT` naming the option */
export function checkInvoke(options: InvokeOptions): void {
  checkKnown("invoke", options);
  checkForm(options);
  checkNumber("maxAttempts", options.maxAttempts, 1, 10, true);
}

/** @throws AsyncInferenceError `BAD_INPUT` naming the option */
export function checkMany(inputs: unknown, options: SubmitManyOptions): void {
  checkKnown("submitMany", options);
  checkForm(options);
  checkNumber("maxAttempts", options.maxAttempts, 1, 10, true);
  checkNumber("concurrency", options.concurrency, 1, 10_000, true);
  const iterable = typeof inputs === "object" && inputs !== null && (Symbol.iterator in inputs || Symbol.asyncIterator in inputs);
  if (!iterable) throw problem("inputs", inputs, "an array, a generator, or anything else to iterate over");
}

/** @throws AsyncInferenceError `BAD_INPUT` naming the option */
export function checkOverview(options: OverviewOptions): void {
  checkKnown("overview", options);
  checkNumber("historyMinutes", options.historyMinutes, 1, 1440, true);
}

/** @throws AsyncInferenceError `BAD_INPUT` naming the option */
export function checkList(options: ListOptions, call: "list" | "statuses" = "list"): void {
  checkKnown(call, options);
  const { state, since, until, limit } = options;
  if (state !== undefined && !jobStates.includes(state)) throw problem("state", state, `one of ${jobStates.join(", ")}`);
  if (since !== undefined && Number.isNaN(new Date(since).getTime())) throw problem("since", since, "a time, such as 2026-01-25T22:46:00Z");
  if (until !== undefined && Number.isNaN(new Date(until).getTime())) throw problem("until", until, "a time, such as 2026-01-25T22:46:00Z");
  checkNumber("limit", limit, 1, Number.MAX_SAFE_INTEGER, true);
}
