import { duration } from "../../core/duration";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Option } from "commander";
import { contentTypeOfName } from "../../core/messages/contentTypes";
import { Checklist } from "../checklist";
import { bodyOfSize } from "../containerCheck/bodies";
import { sizes } from "../containerCheck/contract";
import { requestBounds } from "../../core/messages/request";
import { exitCodeOf, exitCodes } from "../exitCodes";
import { defaultWaitSeconds } from "../following";
import { readableFiles } from "../inputs";
import { integer } from "../options";
import { defaultSample, sample, sampleKinds } from "../sample";
import { addCommand, addCommonOptions, codedIn, withService } from "../session";
import { elapsed } from "../states";
import { readEndpoint } from "./endpoint";
/** No model takes this: what it is, its content type says. */
const unacceptable = { body: Buffer.from("not an input of any model\n"), contentType: "application/x-sagemaker-async-smoke-test" };
/** No other input needs to be large to show that the service works. */
const inputBytes = 100 * 1024 * 1024;
const [large] = sizes;
/** Kinds of content behind whose end readers look for nothing. */
const growing = /^(application\/json|text\/|image\/(png|jpeg))/;
/** `sagemaker-async smoke` */
export function addSmoke(program, session) {
  const command = addCommand(
    program,
    "smoke",
    "Try the deployed service with real jobs, as a checklist: endpoint, job, result, notification, a large input, the way of an error, and whether the model has loaded.",
    ["sagemaker-async smoke --stack dev", "sagemaker-async smoke --stack dev --input page.png --failing-input broken.png"],
  )
    .option("--input <file>", "what the model takes, in the place of a sample")
    .option("--failing-input <file>", "what the model refuses; default: bytes of a content type that no model knows")
    .option(
      "--large-input <file>",
      "an input over 6 MB; default: sample or --input enlarged to 7 MB, where JSON, text, PNG or JPEG allows it",
    )
    .addOption(new Option("--sample <kind>", "which sample; default: page on an embedded cloud, json elsewhere").choices(sampleKinds))
    .addOption(
      new Option("--wait-timeout <seconds>", "how long to wait for a job; a sleeping endpoint wakes in minutes")
        .argParser(integer(1, 86_400))
        .default(defaultWaitSeconds),
    );
  return addCommonOptions(command, { target: true }).action(async (options) => {
    readableFiles(
      [options.input, options.failingInput].filter((file) => file !== undefined),
      inputBytes,
      "100 MiB",
    );
    if (options.largeInput !== undefined) readableFiles([options.largeInput], requestBounds.inputBytes, "1 GiB");
    await withService(session, options, (service) => smoke(session, service, options));
  });
}
async function smoke(session, { target, client, aws }, options) {
  const checklist = new Checklist(session.output);
  const service = await client();
  const { outputs, endpointUrl } = target;
  const wait = { timeoutSeconds: options.waitTimeout, signal: session.signal };
  try {
    const { state, instances, instanceType, failureReason } = await readEndpoint(outputs, aws);
    checklist.add("endpoint", {
      status: state === "InService" ? "passed" : "failed",
      detail: `${outputs.endpointName} is ${state} with ${instances.current} of ${instanceType}`,
      ...(failureReason !== undefined && { request: failureReason }),
    });
    const good = sample(options.sample ?? defaultSample(endpointUrl));
    const given =
      options.input === undefined
        ? { input: good.body, contentType: good.contentType, fileName: good.name }
        : await fileInput(options.input);
    const { input, ...how } = given;
    const job = await service.submit(input, { ...how, signal: session.signal });
    checklist.add("job", { status: "passed", detail: `${job.jobId} was taken` });
    const result = await job.result({ ...wait, as: "bytes" });
    checklist.add(
      "result",
      result.success
        ? {
            status: "passed",
            detail: `${result.data.length} bytes of ${result.contentType ?? "unknown content"} after ${elapsed(result.timings) ?? "an unknown time"}`,
          }
        : {
            status: "failed",
            detail: `${result.error.code}: ${result.error.message}`,
            request:
              options.input === undefined
                ? "If the model takes something else than the sample, name a file with --input."
                : result.error.advice,
          },
    );
    checklist.add("notification", notified(await job.status({ signal: session.signal }), outputs.successTopicArn !== ""));
    const largeResult = await largeInput(service, options, given, wait);
    checklist.add("large input", largeResult.check);
    checklist.add("error path", await errorPath(service, options, wait));
    const failed = [result, largeResult.result].filter((each) => each !== undefined);
    checklist.add("model", modelLoaded(state === "InService", failed, `${session.invokedAs} logs --since 1h ${target.written}`.trimEnd()));
    return checklist.exitCode;
  } catch (error) {
    const coded = codedIn(session, error);
    const exitCode = exitCodeOf(coded.code);
    session.output.error(coded);
    return exitCode === exitCodes.done ? exitCodes.failed : exitCode;
  }
}
async function fileInput(file) {
  return { input: await readFile(file), fileName: path.basename(file) };
}
/** Whether an input that is too large for a real-time endpoint goes through service and model server. */
async function largeInput(client, { largeInput: file }, { input, fileName, contentType = contentTypeOfName(fileName) }, wait) {
  if (file === undefined && (contentType === undefined || !growing.test(contentType))) {
    const detail = `${contentType ?? "content of an unknown type"} can't be enlarged without changing what it says`;
    return { check: { status: "skipped", detail, request: "Name an input over 6 MB with --large-input." } };
  }
  const job =
    file === undefined
      ? await client.submit(enlarged(input, contentType), { fileName, contentType: contentType, signal: wait.signal })
      : await client.submit(pathToFileURL(path.resolve(file)), { signal: wait.signal });
  const result = await job.result({ ...wait, as: "bytes" });
  const what = file ?? `the input enlarged to ${large.title}`;
  if (result.success) {
    return {
      check: { status: "passed", detail: `${what}: ${result.data.length} bytes after ${elapsed(result.timings) ?? "an unknown time"}` },
      result,
    };
  }
  const { code, message, advice } = result.error;
  const request = `${advice} If the model only refuses what was added, name an input over 6 MB with --large-input; check-container names the server's variable.`;
  return { check: { status: "failed", detail: `${what}: ${code}: ${message}`, request }, result };
}
function enlarged(input, contentType) {
  return Buffer.concat([...bodyOfSize({ content: Buffer.from(input), contentType }, large.bytes).pieces()]);
}
/** Servers answer `/ping` also when loading has failed: then only that no job completes tells it. */
function modelLoaded(inService, results, logs) {
  if (results.some(({ success }) => success)) return { status: "passed", detail: "it has completed a job" };
  const codes = results.map((result) => (result.success ? "" : result.error.code));
  if (!inService || !codes.every((code) => code === "MODEL_ERROR")) {
    return { status: "skipped", detail: `no job was completed, and it was not the model that failed (${codes.join(", ")})` };
  }
  return {
    status: "failed",
    detail:
      "the endpoint is InService, and every job failed in the model: it may not have loaded. multi-model-server and TorchServe answer /ping with 200 all the same",
    request: `See what the container printed when it loaded: ${logs}`,
  };
}
/** Only SageMaker's own notification tells when it received a request: a job that knows was ended by one. */
function notified({ timings }, enabled) {
  if (!enabled) return { status: "skipped", detail: "notifications are off in this stack: jobs end by reconciliation" };
  if (timings.receivedAt !== undefined && timings.finishedAt !== undefined && timings.recordedAt !== undefined) {
    const late = Date.parse(timings.recordedAt) - Date.parse(timings.finishedAt);
    return { status: "passed", detail: `SageMaker's notification ended the job, ${duration(late)} after the model` };
  }
  return {
    status: "failed",
    detail: "the job ended, but by no notification of SageMaker's",
    request: "Look at the metric NotificationFailures, and whether the execution role may sns:Publish.",
  };
}
async function errorPath(client, options, wait) {
  const { failingInput } = options;
  const { input, ...how } =
    failingInput === undefined
      ? { input: unacceptable.body, contentType: unacceptable.contentType, fileName: "unacceptable" }
      : await fileInput(failingInput);
  const job = await client.submit(input, { ...how, signal: wait.signal });
  const result = await job.result({ ...wait, as: "bytes" });
  if (result.success) {
    return {
      status: "failed",
      detail: `the model took ${failingInput ?? `bytes of ${unacceptable.contentType}`}, so that no error was seen`,
      request: "Name a file that the model refuses with --failing-input.",
    };
  }
  if (result.error.code !== "MODEL_ERROR")
    return { status: "failed", detail: `${result.error.code} where MODEL_ERROR was expected: ${result.error.message}` };
  return { status: "passed", detail: `${job.jobId} failed as it should, with MODEL_ERROR` };
}
