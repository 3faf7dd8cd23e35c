import { expect } from "chai";
import { checkEndpointOptions, checkInvoke, checkList, checkMany, checkOverview, checkSettings, checkWait } from "../../client/checks";
import { AsyncInferenceError } from "../../client/errors";
import { checkKnown } from "../../client/knownOptions";
import type { InvokeOptions } from "../../client/types";

function wordsOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!(error instanceof AsyncInferenceError)) throw error;
    expect([error.code, error.message.startsWith(`${error.field}: `)]).to.deep.equal(["BAD_INPUT", true]);
    return error.message;
  }
}

/** Options as JavaScript gives them: without types. */
const loose = <Options>(options: object) => options as Options;
const endpoint = { bucket: "scans", endpointName: "ocr" };

describe("what a client is given", () => {
  const right: [what: string, check: () => void][] = [
    ["no settings", () => checkSettings(loose({}))],
    [
      "the least of each setting",
      () => checkSettings(loose({ maxOpenJobs: 1, pollIntervalSeconds: 0.1, timeoutSeconds: 0, maxAttempts: 1, waiter: "w" })),
    ],
    [
      "the most of each setting",
      () => checkSettings(loose({ maxOpenJobs: 1_000_000_000, pollIntervalSeconds: 60, timeoutSeconds: 604_800, maxAttempts: 10 })),
    ],
    ["URLs", () => checkSettings(loose({ endpointUrl: "http://localhost:4566", consumerQueueUrl: "https://sqs.example/1/jobs" }))],
    ["an endpoint", () => checkEndpointOptions(endpoint)],
    ["an endpoint of the longest name", () => checkEndpointOptions({ bucket: `a${"-".repeat(61)}b`, endpointName: `a${"-".repeat(61)}b` })],
    [
      "an endpoint with prefixes",
      () => checkEndpointOptions({ ...endpoint, inputPrefix: "a/", outputPrefix: "b".repeat(512), failurePrefix: "." }),
    ],
    ["other buckets", () => checkEndpointOptions({ ...endpoint, inputBuckets: ["my.scans-1"] })],
    ["no options of a wait", () => checkWait({})],
    ["each form of a result", () => ["auto", "json", "text", "bytes", "stream"].forEach((as) => checkWait(loose({ as, toFile: "a" })))],
    ["attempts", () => checkInvoke({ maxAttempts: 10 })],
    ["an array", () => checkMany([], { concurrency: 1 })],
    ["a generator", () => checkMany((async function* () {})(), { concurrency: 10_000 })],
    ["no filter", () => checkList({})],
    ["a filter", () => checkList({ state: "FAILED", since: "2026-01-25T22:46:00Z", limit: 1 })],
    ["a date", () => checkList({ since: new Date(0) })],
    ["what is undefined, as if it were not given", () => checkWait(loose({ timeout: undefined }))],
  ];
  for (const [what, check] of right) {
    it(`is taken: ${what}`, () => {
      expect(wordsOf(check)).to.equal(undefined);
    });
  }

  const bucket = "expected the name of a bucket, without s3://";
  const prefix = "expected 1 to 512 printable ASCII characters, without a leading slash";
  const wrong: [check: () => void, message: string][] = [
    [() => checkSettings(loose({ maxOpenJobs: 0 })), "maxOpenJobs: got 0, expected an integer from 1 to 1000000000"],
    [() => checkSettings(loose({ usdPerInstanceHour: -1 })), "usdPerInstanceHour: got -1, expected a number from 0 to 10000"],
    [() => checkSettings(loose({ maxOpenJobs: 1.5 })), "maxOpenJobs: got 1.5, expected an integer from 1 to 1000000000"],
    [() => checkSettings(loose({ maxOpenJobs: 1_000_000_001 })), "maxOpenJobs: got 1000000001, expected an integer from 1 to 1000000000"],
    [() => checkSettings(loose({ pollIntervalSeconds: 0.05 })), "pollIntervalSeconds: got 0.05, expected a number from 0.1 to 60"],
    [() => checkSettings(loose({ pollIntervalSeconds: "5" })), 'pollIntervalSeconds: got "5", expected a number from 0.1 to 60'],
    [() => checkSettings(loose({ timeoutSeconds: 604_801 })), "timeoutSeconds: got 604801, expected a number from 0 to 604800"],
    [() => checkSettings(loose({ maxAttempts: 11 })), "maxAttempts: got 11, expected an integer from 1 to 10"],
    [() => checkSettings(loose({ waiter: "a b" })), 'waiter: got "a b", expected 1 to 64 letters, digits, ".", "_" and "-"'],
    [() => checkSettings(loose({ waiter: 5 })), 'waiter: got 5, expected 1 to 64 letters, digits, ".", "_" and "-"'],
    [() => checkSettings(loose({ endpointUrl: "localhost" })), 'endpointUrl: got "localhost", expected an http: or https: URL'],
    [() => checkSettings(loose({ consumerQueueUrl: "s3://a" })), 'consumerQueueUrl: got "s3://a", expected an http: or https: URL'],
    [
      () => checkEndpointOptions({ endpointName: "ocr" }),
      "bucket: got nothing, expected the name of a bucket, or make the client with SageMakerAsyncClient.fromStackOutputs(outputs)",
    ],
    [
      () => checkEndpointOptions({ bucket: "scans" }),
      "endpointName: got nothing, expected the name of an endpoint, or make the client with SageMakerAsyncClient.fromStackOutputs(outputs)",
    ],
    [() => checkEndpointOptions({ ...endpoint, bucket: "s3://scans" }), `bucket: got "s3://scans", ${bucket}`],
    [() => checkEndpointOptions({ ...endpoint, bucket: "scans/" }), `bucket: got "scans/", ${bucket}`],
    [
      () => checkEndpointOptions({ ...endpoint, endpointName: "e".repeat(64) }),
      `endpointName: got "${"e".repeat(64)}", expected at most 63 letters, digits and "-"`,
    ],
    [
      () => checkEndpointOptions({ ...endpoint, endpointName: "-ocr" }),
      'endpointName: got "-ocr", expected at most 63 letters, digits and "-"',
    ],
    [
      () => checkEndpointOptions({ ...endpoint, inputBuckets: ["scans", "Scans"] }),
      'inputBuckets: got "Scans", expected names of buckets, without s3://',
    ],
    [() => checkEndpointOptions({ ...endpoint, inputPrefix: "/in" }), `inputPrefix: got "/in", ${prefix}`],
    [() => checkEndpointOptions({ ...endpoint, outputPrefix: "" }), `outputPrefix: got "", ${prefix}`],
    [() => checkEndpointOptions({ ...endpoint, failurePrefix: "f".repeat(513) }), `failurePrefix: got "${"f".repeat(76)}..., ${prefix}`],
    [() => checkWait(loose({ timeoutSeconds: -1 })), "timeoutSeconds: got -1, expected a number from 0 to 604800"],
    [() => checkWait(loose({ timeoutSeconds: () => 1 })), "timeoutSeconds: got function, expected a number from 0 to 604800"],
    [() => checkWait(loose({ as: "xml" })), 'as: got "xml", expected one of auto, json, text, bytes, stream'],
    [() => checkWait(loose({ toFile: "" })), 'toFile: got "", expected a path'],
    [() => checkWait(loose({ toFile: 5 })), "toFile: got 5, expected a path"],
    [
      () => checkInvoke({ toFile: `./${"k".repeat(300)}` }),
      `toFile: got "./${"k".repeat(74)}..., expected a shorter name: most file systems take 255 bytes between two slashes`,
    ],
    [() => checkWait({ toFile: "/" }), 'toFile: got "/", expected a file: this is a folder'],
    [() => checkInvoke(loose({ timeoutSeconds: -1 })), "timeoutSeconds: got -1, expected a number from 0 to 604800"],
    [() => checkInvoke({ maxAttempts: 0 }), "maxAttempts: got 0, expected an integer from 1 to 10"],
    [() => checkMany([], { maxAttempts: 0 }), "maxAttempts: got 0, expected an integer from 1 to 10"],
    [() => checkMany([], { concurrency: 0 }), "concurrency: got 0, expected an integer from 1 to 10000"],
    [() => checkMany([], { concurrency: 10_001 }), "concurrency: got 10001, expected an integer from 1 to 10000"],
    ...([{}, null, "text"] as const).map((inputs): [() => void, string] => [
      () => checkMany(inputs, {}),
      `inputs: got ${JSON.stringify(inputs)}, expected an array, a generator, or anything else to iterate over`,
    ]),
    [
      () => checkList(loose({ state: "DONE" })),
      'state: got "DONE", expected one of ACCEPTED, INVOKING, SUBMITTED, COMPLETED, FAILED, EXPIRED, CANCELLED',
    ],
    [() => checkList({ since: "yesterday" }), 'since: got "yesterday", expected a time, such as 2026-01-25T22:46:00Z'],
    [() => checkList({ limit: 0 }), "limit: got 0, expected an integer from 1 to 9007199254740991"],
    [
      () => checkWait(loose({ timeout: 5, timeoutSeconds: 5, toTheFile: "a" })),
      "timeout: not an option of result; expected timeoutSeconds, signal, as, toFile or schema; " +
        "toTheFile: not an option of result; expected timeoutSeconds, signal, as, toFile or schema",
    ],
    [() => checkList(loose({ states: [] })), "states: not an option of list; expected state, since, until, limit or signal"],
    [() => checkList(loose({ from: 1 }), "statuses"), "from: not an option of statuses; expected state, since, until, limit or signal"],
    [() => checkOverview(loose({ minutes: 5 })), "minutes: not an option of overview; expected historyMinutes or signal"],
    [() => checkKnown("status", loose({ jobId: "a" })), "jobId: not an option of status, but of submit, invoke; expected signal"],
    [() => checkKnown("logs", loose({ toString: 1 })), "toString: not an option of logs; expected logGroups, limit or signal"],
    [
      () => checkKnown("submit", { timeoutSeconds: 60 } satisfies InvokeOptions),
      "timeoutSeconds: not an option of submit, but of fromStackOutputs, a client of an endpoint, invoke, submitMany, result; expected jobId, contentType, accept, customAttributes, invocationTimeoutSeconds, " +
        "requestTtlSeconds, metadata, priority, onDoubt, traceContext, fileName, inputSchema, outputSchema, codec or signal",
    ],
    [
      () => checkKnown("submit", { ttlSeconds: 60 }),
      "ttlSeconds: not an option of submit; expected jobId, contentType, accept, customAttributes, invocationTimeoutSeconds, " +
        "requestTtlSeconds, metadata, priority, onDoubt, traceContext, fileName, inputSchema, outputSchema, codec or signal",
    ],
    [
      () => checkInvoke(loose({ schema: {} })),
      "schema: not an option of invoke, but of result; expected jobId, contentType, accept, customAttributes, invocationTimeoutSeconds, requestTtlSeconds, " +
        "metadata, priority, onDoubt, traceContext, fileName, inputSchema, outputSchema, codec, signal, timeoutSeconds, as, toFile or maxAttempts",
    ],
    [
      () => checkMany([], loose({ toFile: "a" })),
      "toFile: not an option of submitMany, but of invoke, result; expected contentType, accept, customAttributes, invocationTimeoutSeconds, requestTtlSeconds, " +
        "metadata, priority, onDoubt, traceContext, inputSchema, outputSchema, codec, signal, timeoutSeconds, as, maxAttempts, concurrency or each",
    ],
    [
      () => checkEndpointOptions(loose({ ...endpoint, outputs: {} })),
      "outputs: not an option of a client of an endpoint, but of fromStackOutputs; expected bucket, endpointName, region, inputPrefix, outputPrefix, failurePrefix, " +
        "inputBuckets, onDoubt, endpointUrl, credentials, clients, consumerQueueUrl, maxOpenJobs, usdPerInstanceHour, pollIntervalSeconds, " +
        "timeoutSeconds, maxAttempts, waiter or logger",
    ],
  ];
  for (const [check, message] of wrong) {
    it(`is refused before any call, with what it takes: ${message}`, () => {
      expect(wordsOf(check)).to.equal(message);
    });
  }
});
