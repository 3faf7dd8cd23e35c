import { readFile } from "node:fs/promises";
import path from "node:path";
import { Option } from "commander";
import { contentTypeOfBytes, contentTypeOfName } from "../../core/messages/contentTypes";
import { asyncInferenceError, isCredentialError } from "../../client/errors";
import { comparisonOf, differences } from "../difference";
import { exitCodeOf, exitCodes, worst } from "../exitCodes";
import { CommandError, failure, UsageError } from "../failure";
import { defaultWaitSeconds } from "../following";
import { readableFiles } from "../inputs";
import { header, integer, number } from "../options";
import { printable } from "../output";
import { addCommand, addCommonOptions, codedIn, withService } from "../session";
/** InvokeEndpoint takes no more. https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html */
const realTimeBytes = 6 * 1024 * 1024;
/** `sagemaker-async compare` */
export function addCompare(program, session) {
  const command = addCommand(
    program,
    "compare",
    "Send the same inputs to this service and to a real-time endpoint, and compare the answers: proof that a migration changes nothing.",
    [
      "sagemaker-async compare pages/*.png --realtime ocr-realtime --stack dev",
      "sagemaker-async compare features.csv --realtime scores --tolerance 0.0001 --stack dev",
    ],
  )
    .argument("<file...>", "inputs, each at most 6 MiB: the real-time endpoint takes no more")
    .addOption(new Option("--realtime <endpoint>", "name of the real-time endpoint, in the same region").makeOptionMandatory())
    .addOption(
      new Option(
        "--as <form>",
        "compare bytes, JSON values, or numbers within --tolerance; default: JSON when both answers are, else bytes",
      ).choices(["bytes", "json", "numbers"]),
    )
    .addOption(
      new Option("--tolerance <number>", "how far numbers may be apart: of 1, or of the larger one if that is more").argParser(
        number(0, ""),
      ),
    )
    .addOption(new Option("--content-type <type>", "of the inputs").argParser(header))
    .addOption(new Option("--accept <type>", "what the model should answer with").argParser(header))
    .addOption(
      new Option("--wait-timeout <seconds>", "how long to wait for a job").argParser(integer(1, 604_800)).default(defaultWaitSeconds),
    );
  return addCommonOptions(command, { target: true }).action(async (files, options) => {
    if (options.tolerance !== undefined && options.as !== undefined && options.as !== "numbers") {
      throw new UsageError(`--tolerance: got it with --as ${options.as}; it is for --as numbers, which it implies`);
    }
    readableFiles(files, realTimeBytes, "6 MiB, the real-time endpoint's limit");
    await withService(session, options, async ({ target, client, aws }) => {
      const { SageMakerRuntimeClient, InvokeEndpointCommand } = await import("@aws-sdk/client-sagemaker-runtime");
      const runtime = new SageMakerRuntimeClient(aws);
      const service = await client();
      const ends = [];
      await requireEndpoint(options.realtime, aws);
      try {
        // One after the other: a real-time endpoint may have one small instance.
        for (const file of files) {
          if (session.signal.aborted) return exitCodes.interrupted;
          try {
            const body = await readFile(file);
            const contentType = options.contentType ?? contentTypeOfName(file) ?? contentTypeOfBytes(body) ?? "application/octet-stream";
            const realTime = async () => {
              const { accept, realtime } = options;
              const invoke = new InvokeEndpointCommand({
                EndpointName: realtime,
                Body: body,
                ContentType: contentType,
                ...(accept && { Accept: accept }),
              });
              const answer = await runtime.send(invoke, { abortSignal: session.signal });
              return { body: answer.Body, contentType: answer.ContentType };
            };
            // First what may be refused at once: a job that nobody compares would wake the endpoint for nothing.
            const b = await realTime();
            const a = await asynchronous(service, file, body, contentType, options, session.signal);
            const report = compared(file, a, b, options);
            session.output.show(report, (paint) => render(report, paint));
            ends.push(report.same ? exitCodes.done : exitCodes.failed);
          } catch (error) {
            const coded = codedIn(session, error);
            session.output.error(coded, { file });
            ends.push(exitCodeOf(coded.code));
          }
        }
        const same = ends.filter((end) => end === exitCodes.done).length;
        session.output.note(`${same} of ${files.length} the same on ${target.outputs.endpointName} and ${options.realtime}.`);
        return worst(ends);
      } finally {
        runtime.destroy();
      }
    });
  });
}
/** @throws CommandError when there is no such real-time endpoint, or it can't answer; whoever may not look finds out by calling it */
async function requireEndpoint(EndpointName, aws) {
  const { SageMakerClient, DescribeEndpointCommand } = await import("@aws-sdk/client-sagemaker");
  const client = new SageMakerClient(aws);
  try {
    const { EndpointStatus, EndpointConfigName } = await client.send(new DescribeEndpointCommand({ EndpointName }));
    if (EndpointStatus === "InService" || EndpointStatus === "Updating" || EndpointStatus === "SystemUpdating") return;
    const advice = `Look at its configuration ${EndpointConfigName} and its log, or name another endpoint. No job was submitted.`;
    throw failure("UNAVAILABLE", `--realtime: the endpoint ${EndpointName} is ${EndpointStatus}.`, advice);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const { name, message } = error;
    if (name === "ValidationException" && /could not find/i.test(message)) {
      const advice = `\`aws sagemaker list-endpoints --region ${aws.region}\` shows which there are. No job was submitted.`;
      throw failure("NOT_FOUND", `--realtime: there is no endpoint ${EndpointName} in ${aws.region}.`, advice, error);
    }
    if (asyncInferenceError(error).code !== "ACCESS_DENIED" || isCredentialError(error)) throw error;
  } finally {
    client.destroy();
  }
}
async function asynchronous(client, file, body, contentType, { accept, waitTimeout }, signal) {
  const result = await client.invoke(body, {
    as: "bytes",
    contentType,
    fileName: path.basename(file),
    timeoutSeconds: waitTimeout,
    signal,
    ...(accept !== undefined && { accept }),
  });
  if (!result.success) throw result.error;
  return { body: result.data, contentType: result.contentType };
}
function compared(file, a, b, { as, tolerance }) {
  const comparedAs = as ?? (tolerance === undefined ? comparisonOf(a, b) : "numbers");
  const found = differences(a, b, comparedAs, tolerance ?? 0);
  return {
    file,
    same: found.length === 0,
    comparedAs,
    bytes: { asynchronous: a.body.length, realTime: b.body.length },
    differences: found,
  };
}
function render({ file, same, comparedAs, bytes, differences: found }, paint) {
  if (same) return `${paint("green", "same")}     ${file}  (as ${comparedAs}, ${bytes.asynchronous} bytes)`;
  const lines = found.map(({ at, asynchronous, realTime }) =>
    printable(`\n  ${at}: asynchronous ${shown(asynchronous)}, real-time ${shown(realTime)}`),
  );
  return `${paint("red", "differs")}  ${file}  (as ${comparedAs})${lines.join("")}`;
}
function shown(value) {
  const text = value === undefined ? "nothing" : typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}
