import { Option, type Command } from "commander";
import { requestBounds } from "../../core/messages/request";
import { asyncInferenceError, isCredentialError } from "../../client/errors";
import type { AwsSettings } from "../aws";
import {
  addComparisonOptions,
  askService,
  checkComparison,
  compareFiles,
  type Compared,
  type ComparedInput,
  type ComparisonOptions,
} from "../comparison";
import type { Answer } from "../difference";
import { exitCodes, type ExitCode } from "../exitCodes";
import { CommandError, failure, UsageError } from "../failure";
import { readableFiles } from "../inputs";
import { addCommand, addCommonOptions, withService, type Service, type Session } from "../session";
import type { TargetOptions } from "../target";

interface CompareOptions extends TargetOptions, ComparisonOptions {
  realtime?: string;
  with?: string;
  withOutputs?: string;
}

/** InvokeEndpoint takes no more. https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html */
const realTimeBytes = 6 * 1024 * 1024;

/** `sagemaker-async compare` */
export function addCompare(program: Command, session: Session): Command {
  const command = addCommand(
    program,
    "compare",
    "Send the same inputs to this service and to a real-time endpoint or another service, and compare the answers: proof that a migration or a new version changes nothing.",
    [
      "sagemaker-async compare pages/*.png --realtime ocr-realtime --stack dev",
      "sagemaker-async compare features.csv --realtime scores --tolerance 0.0001 --stack dev",
      "sagemaker-async compare pages/*.png --with prod --stack dev",
    ],
  )
    .argument("<file...>", "inputs, each at most 6 MiB for a real-time endpoint, which takes no more")
    .addOption(new Option("--realtime <endpoint>", "name of a real-time endpoint, in the same region"))
    .addOption(new Option("--with <stack>", "another stack of this project with an asynchronous service"))
    .addOption(new Option("--with-outputs <file>", "outputs of another asynchronous service as JSON, as --outputs takes them"));
  addComparisonOptions(command);
  return addCommonOptions(command, { target: true }).action(async (files: string[], options: CompareOptions) => {
    checkComparison(options);
    const others = [options.realtime, options.with, options.withOutputs].filter((other) => other !== undefined);
    if (others.length !== 1) {
      throw new UsageError(`got ${others.length} endpoints to compare with, expected one of --realtime, --with and --with-outputs`);
    }
    const { realtime } = options;
    if (realtime === undefined) readableFiles(files, requestBounds.inputBytes, "1 GiB");
    else readableFiles(files, realTimeBytes, "6 MiB, the real-time endpoint's limit");
    await withService(session, options, (service) =>
      realtime === undefined ? withOther(session, files, options, service) : withRealTime(session, files, options, service, realtime),
    );
  });
}

async function withRealTime(
  session: Session,
  files: readonly string[],
  options: CompareOptions,
  { target, client, aws }: Service,
  realtime: string,
): Promise<ExitCode> {
  const { SageMakerRuntimeClient, InvokeEndpointCommand } = await import("@aws-sdk/client-sagemaker-runtime");
  const runtime = new SageMakerRuntimeClient(aws);
  const { accept } = options;
  const ask = async ({ body, contentType }: ComparedInput): Promise<Answer> => {
    const invoke = new InvokeEndpointCommand({
      EndpointName: realtime,
      Body: body,
      ContentType: contentType,
      ...(accept && { Accept: accept }),
    });
    const answer = await runtime.send(invoke, { abortSignal: session.signal });
    return { body: answer.Body, contentType: answer.ContentType };
  };
  await requireEndpoint(realtime, aws);
  try {
    const compared = await compareFiles(session, files, client, { name: "realTime", shown: "real-time", ask }, options);
    return ended(session, compared, files, target.outputs.endpointName, realtime);
  } finally {
    runtime.destroy();
  }
}

async function withOther(session: Session, files: readonly string[], options: CompareOptions, service: Service): Promise<ExitCode> {
  const { with: stack, withOutputs: outputs, endpointUrl } = options;
  const otherTarget = {
    ...(stack !== undefined && { stack }),
    ...(outputs !== undefined && { outputs, outputsOption: "--with-outputs" }),
    ...(endpointUrl && { endpointUrl }),
  };
  let code: ExitCode = exitCodes.done;
  await withService({ ...session }, otherTarget, async (other) => {
    const ask = async (input: ComparedInput) => askService(await other.client(), input, options, session.signal);
    const compared = await compareFiles(session, files, service.client, { name: "other", shown: "other", ask }, options);
    code = ended(session, compared, files, service.target.outputs.endpointName, other.target.outputs.endpointName);
  });
  return code;
}

function ended(session: Session, { code, same }: Compared, files: readonly string[], one: string, other: string): ExitCode {
  if (code !== exitCodes.interrupted) session.output.note(`${same} of ${files.length} the same on ${one} and ${other}.`);
  return code;
}

/** @throws CommandError when there is no such real-time endpoint, or it can't answer; whoever may not look finds out by calling it */
async function requireEndpoint(EndpointName: string, aws: AwsSettings): Promise<void> {
  const { SageMakerClient, DescribeEndpointCommand } = await import("@aws-sdk/client-sagemaker");
  const client = new SageMakerClient(aws);
  try {
    const { EndpointStatus, EndpointConfigName } = await client.send(new DescribeEndpointCommand({ EndpointName }));
    if (EndpointStatus === "InService" || EndpointStatus === "Updating" || EndpointStatus === "SystemUpdating") return;
    const advice = `Look at its configuration ${EndpointConfigName} and its log, or name another endpoint. No job was submitted.`;
    throw failure("UNAVAILABLE", `--realtime: the endpoint ${EndpointName} is ${EndpointStatus}.`, advice);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const { name, message } = error as Error;
    if (name === "ValidationException" && /could not find/i.test(message)) {
      const advice = `\`aws sagemaker list-endpoints --region ${aws.region}\` shows which there are. No job was submitted.`;
      throw failure("NOT_FOUND", `--realtime: there is no endpoint ${EndpointName} in ${aws.region}.`, advice, error);
    }
    if (asyncInferenceError(error).code !== "ACCESS_DENIED" || isCredentialError(error)) throw error;
  } finally {
    client.destroy();
  }
}
