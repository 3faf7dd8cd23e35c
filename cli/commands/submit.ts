import { Option, type Command } from "commander";
import type { SubmitOptions } from "../../client";
import { requestBounds } from "../../core/messages/request";
import { present } from "../../core/present";
import { priorities, type Priority } from "../../core/records/job";
import { exitCodes } from "../exitCodes";
import { UsageError } from "../failure";
import { defaultWaitSeconds, Following } from "../following";
import { readInputs, type Input } from "../inputs";
import { nameInRow } from "../output";
import { header, integer, jobId, pairs, traceparent } from "../options";
import { makeOutputFolder } from "../outputFolder";
import { defaultSample, sampleKinds, type SampleKind } from "../sample";
import { addCommand, addCommonOptions, codedIn, withService, type Service, type Session } from "../session";
import type { TargetOptions } from "../target";

interface SubmitCommandOptions extends TargetOptions {
  wait?: boolean;
  displayResults?: boolean;
  output?: string;
  waitTimeout: number;
  jobId?: string;
  ttl?: number;
  timeout?: number;
  contentType?: string;
  accept?: string;
  metadata?: Record<string, string>;
  priority?: Priority;
  traceparent?: string;
  sample?: SampleKind;
}

/** Uploads that run at once: bounds how many files are open. */
const submissionsAtOnce = 16;

/** `sagemaker-async submit` */
export function addSubmit(program: Command, session: Session): Command {
  const command = addCommand(
    program,
    "submit",
    "Submit a job for each file. Without a file: a sample payload; - reads the standard input.",
    [
      "sagemaker-async submit --wait --display-results --stack dev",
      "sagemaker-async submit scans/*.png --output results --stack dev",
      'echo \'{"inputs": "It works."}\' | sagemaker-async submit - --job-id order-17 --metadata tenant=acme --stack dev',
    ],
  )
    .argument("[file...]", "inputs; the content type goes by name and first bytes")
    .optionsGroup("The job:")
    .addOption(new Option("--job-id <id>", "its identity: the same again returns the same job; for one input").argParser(jobId))
    .addOption(
      new Option("--ttl <seconds>", "how long it may wait in the endpoint's queue").argParser(
        integer(requestBounds.minRequestTtlSeconds, requestBounds.maxRequestTtlSeconds),
      ),
    )
    .addOption(
      new Option("--timeout <seconds>", "how long the model may take").argParser(
        integer(requestBounds.minInvocationTimeoutSeconds, requestBounds.maxInvocationTimeoutSeconds),
      ),
    )
    .addOption(new Option("--content-type <type>", "of the input, such as image/png").argParser(header))
    .addOption(new Option("--accept <type>", "what the model should answer with").argParser(header))
    .addOption(new Option("--metadata <name=value>", "handed on with the job and its events; repeatable").argParser(pairs))
    .addOption(new Option("--priority <which>", "low: waits while many others are invoked; docs/priority.md").choices([...priorities]))
    .addOption(
      new Option("--traceparent <context>", "the W3C trace that it is part of; default: TRACEPARENT, with TRACESTATE").argParser(
        traceparent,
      ),
    )
    .addOption(new Option("--sample <kind>", "which sample; default: page on an embedded cloud, json elsewhere").choices(sampleKinds))
    .optionsGroup("Waiting:")
    .option("-w, --wait", "wait for the ends")
    .option("--display-results", "wait, and print each result")
    .option("--output <dir>", "wait, and write each result there, named after its input")
    .addOption(new Option("--wait-timeout <seconds>", "how long to wait").argParser(integer(1, 604_800)).default(defaultWaitSeconds));
  return addCommonOptions(command, { target: true }).action(async (files: string[], options: SubmitCommandOptions) => {
    if (options.jobId !== undefined && files.length > 1) {
      throw new UsageError(`--job-id: got it with ${files.length} files; it is one job's identity, so give one file`);
    }
    if (options.sample !== undefined && files.length > 0) throw new UsageError("--sample: got it with a file; give one of them");
    await withService(session, options, async (service) => {
      const inputs = await readInputs(files, options.sample ?? defaultSample(service.target.endpointUrl), process.stdin);
      if (options.output !== undefined) await makeOutputFolder(options.output);
      return submitAll(session, service, inputs, options);
    });
  });
}

async function submitAll(session: Session, { client }: Service, inputs: readonly Input[], options: SubmitCommandOptions) {
  const { output, signal } = session;
  const waits = options.wait === true || options.displayResults === true || options.output !== undefined;
  const { waitTimeout: timeoutSeconds, displayResults, output: folder } = options;
  const following = new Following(
    session,
    // Without a wait the list would take the ids along when it leaves the terminal.
    { timeoutSeconds, live: waits, ...(displayResults && { displayResults }), ...(folder !== undefined && { output: folder }) },
  );
  const service = await client();
  const ends: Promise<void>[] = [];

  const submitOne = async (input: Input) => {
    try {
      const job = await service.submit(input.input, submitOptionsOf(input, options, session));
      const { jobId, inferenceId, outputLocation } = job;
      const submitted = { jobId, input: input.name, ...(inferenceId && { inferenceId }), ...(outputLocation && { outputLocation }) };
      if (output.json || !waits) {
        output.show(submitted, (paint) =>
          output.isTerminal ? `${paint("bold", jobId)}  ${nameInRow(input.name)}` : `${jobId}\t${nameInRow(input.name)}`,
        );
      }
      if (waits) ends.push(following.follow({ job, input: input.name }));
    } catch (error) {
      following.refused(codedIn(session, error), input.name);
    }
  };

  return following.during(async () => {
    const queue = inputs.values();
    const worker = async () => {
      for (const input of queue) {
        if (signal.aborted) {
          following.count(exitCodes.interrupted);
          return;
        }
        await submitOne(input);
      }
    };
    await Promise.all(Array.from({ length: submissionsAtOnce }, worker));
    await Promise.all(ends);
  });
}

function submitOptionsOf(input: Input, options: SubmitCommandOptions, { signal, environment }: Session): SubmitOptions {
  const { jobId, accept, metadata, priority, ttl, timeout } = options;
  const contentType = options.contentType ?? input.contentType;
  return {
    signal,
    ...(jobId !== undefined && { jobId }),
    ...(contentType !== undefined && { contentType }),
    ...(accept !== undefined && { accept }),
    ...(metadata !== undefined && { metadata }),
    ...(priority !== undefined && { priority }),
    traceContext: traceOf(options, environment),
    ...(ttl !== undefined && { requestTtlSeconds: ttl }),
    ...(timeout !== undefined && { invocationTimeoutSeconds: timeout }),
    ...(input.fileName !== undefined && { fileName: input.fileName }),
  };
}

/** https://opentelemetry.io/docs/specs/otel/context/env-carriers/ */
function traceOf(
  { traceparent }: SubmitCommandOptions,
  { TRACEPARENT, TRACESTATE }: Session["environment"],
): SubmitOptions["traceContext"] {
  if (traceparent !== undefined) return { traceparent };
  return TRACEPARENT === undefined ? false : present({ traceparent: TRACEPARENT, tracestate: TRACESTATE });
}
