import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { Option, type Command } from "commander";
import { embeddedAddress, isEmbedded, maskedOutputs, outputsProblem, servicesIn, type AsyncInferenceOutputs } from "../outputs";
import { endpointOf, endpointVariable } from "./aws";
import { failure, unreadableReason, UsageError } from "./failure";
import { cloudCommand } from "./invokedAs";
import { url } from "./options";

/** Options that name the deployed service. */
export interface TargetOptions {
  stack?: string;
  outputs?: string;
  /** The option that `outputs` is of. @default "--outputs" */
  outputsOption?: string;
  service?: string;
  endpointUrl?: string;
}

/** A deployed service, and how to reach it. */
export interface Target {
  outputs: AsyncInferenceOutputs;
  /** Where all AWS services are, for a cloud that isn't AWS's. */
  endpointUrl?: string;
  /** What named that address: a file, a variable or an option. */
  endpointFrom?: string;
  /** The options that named it, as they are written on a command line. */
  written: string;
}

const variable = "SAGEMAKER_ASYNC_OUTPUTS";

/** Found by itself in the folder where the command runs. */
const defaultFile = "outputs.json";

/** Adds the options that name the deployed service. */
export function addTargetOptions(command: Command): Command {
  return command
    .optionsGroup("Which service:")
    .addOption(new Option("--stack <name>", "Pulumi stack, read with the Pulumi CLI; in its project's folder or as org/project/stack"))
    .addOption(
      new Option("--outputs <file>", `stack outputs as JSON, bare or { endpointUrl, outputs } (or ${variable}); default: ./${defaultFile}`),
    )
    .addOption(new Option("--service <name>", "output that holds the service's own, or stack of an embedded cloud; of several, name one"))
    .addOption(new Option("--endpoint-url <url>", "where all AWS services are, for a cloud that isn't AWS's").argParser(url));
}

/**
 * Finds the deployed service: by an option, else by the variable, else by the file that an embedded cloud is told to write.
 *
 * @throws UsageError when nothing names one, two options do, or the file that is named can't be read
 */
export async function findTarget(options: TargetOptions, environment: NodeJS.ProcessEnv): Promise<Target> {
  return target(await find(options, environment), options, environment);
}

async function find({ stack, outputs: file, outputsOption = "--outputs" }: TargetOptions, environment: NodeJS.ProcessEnv): Promise<Found> {
  if (stack !== undefined && file !== undefined) {
    throw new UsageError("got --stack and --outputs: give one of them");
  }
  if (stack !== undefined) {
    return { subject: `The stack ${stack}`, source: stack, content: await stackOutputs(stack), written: `--stack ${shellWord(stack)}` };
  }
  if (file !== undefined) {
    return { ...inFile(file, outputsOption), written: `--outputs ${shellWord(file)}` };
  }
  const named = environment[variable];
  if (named !== undefined && named !== "") {
    // In a container or a CI job the outputs themselves are at hand more often than a file.
    if (named.trimStart().startsWith("{")) return { subject: variable, source: variable, content: parse(named, variable) };
    return { ...inFile(named, variable), source: `${named} (${variable})` };
  }
  if (existsSync(defaultFile)) return inFile(defaultFile);
  throw new UsageError(`no service: name it with --stack NAME, --outputs FILE or the variable ${variable}, or run where ${defaultFile} is`);
}

/** @param named the option or variable that has the file's name. @default it was found by itself */
function inFile(file: string, named?: string): Found {
  return { subject: `The file ${file}`, source: file, content: readOutputs(file, named) };
}

/** What `npm run cloud -- --outputs` writes. */
interface CloudOutputs {
  endpointUrl: string;
  outputs: object;
  stacks?: Record<string, object>;
}

/** What was found where. */
interface Found {
  /** As the beginning of a sentence names it. */
  subject: string;
  /** As an address is said to be from it. */
  source: string;
  content: unknown;
  /** The option that named it, as it is written on a command line. */
  written?: string;
}

function target({ subject, source, content, written = "" }: Found, options: TargetOptions, environment: NodeJS.ProcessEnv): Target {
  const { service, endpointUrl: override } = options;
  const cloud = content as CloudOutputs | null;
  const isCloud = typeof cloud?.endpointUrl === "string" && typeof cloud.outputs === "object";
  const outputs = serviceOutputs(subject, isCloud ? cloud.outputs : content, service, isCloud ? cloud.stacks : undefined);
  const words = [
    written,
    ...(service === undefined ? [] : [`--service ${shellWord(service)}`]),
    ...(override === undefined ? [] : [`--endpoint-url ${override}`]),
  ];
  const place =
    override === undefined
      ? placeOf(isCloud ? cloud.endpointUrl : undefined, outputs, source, environment)
      : { endpointUrl: override, endpointFrom: "--endpoint-url" };
  return { outputs, ...place, written: words.filter((part) => part !== "").join(" ") };
}

/** Where the service's cloud is, and what says so; nothing for AWS. The variable says where an embedded cloud is now, the outputs where it was. */
function placeOf(
  written: string | undefined,
  outputs: AsyncInferenceOutputs,
  source: string,
  environment: NodeJS.ProcessEnv,
): Pick<Target, "endpointUrl" | "endpointFrom"> {
  if (written !== undefined) return { endpointUrl: written, endpointFrom: source };
  if (!isEmbedded(outputs)) return {};
  const now = endpointOf(environment);
  return now === undefined
    ? { endpointUrl: embeddedAddress(outputs), endpointFrom: source }
    : { endpointUrl: now, endpointFrom: endpointVariable };
}

/** The outputs of one service: those that are named, else the only ones that there are. */
function serviceOutputs(
  subject: string,
  content: unknown,
  service: string | undefined,
  stacks: Record<string, object> = {},
): AsyncInferenceOutputs {
  const all = typeof content === "object" && content !== null ? (content as Record<string, unknown>) : {};
  const services = servicesIn(all);
  const isOne = "contractVersion" in all;
  const stackNames = Object.keys(stacks);
  const check = (of: string, outputs: unknown) => {
    const problem = outputsProblem(of, outputs);
    if (problem !== undefined) throw failure("BAD_INPUT", problem, "");
    return outputs as AsyncInferenceOutputs;
  };
  if (service === undefined) {
    if (isOne || services.length === 0) return check(subject, content);
    if (services.length === 1) return check(`The output ${services.join()} of ${within(subject)}`, all[services.join()]);
    throw new UsageError(`${subject} has the outputs of several services: name one with --service ${services.join(" or --service ")}`);
  }
  if (services.includes(service)) return check(`The output ${service} of ${within(subject)}`, all[service]);
  if (Object.hasOwn(stacks, service)) return serviceOutputs(`The stack ${service} in ${within(subject)}`, stacks[service], undefined);
  const known = [...services, ...stackNames];
  const advice = known.length === 0 ? "it has those of one service only: leave --service out" : `expected ${known.join(" or ")}`;
  throw new UsageError(`--service: got ${service}, and ${within(subject)} has no such output; ${advice}`);
}

/** A subject in the middle of a sentence. */
function within(subject: string): string {
  return subject.replace(/^The /, "the ");
}

function readOutputs(file: string, named?: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const advice = `Write it with \`pulumi stack output --json > outputs.json\`, or \`${cloudCommand()} --outputs outputs.json\`.`;
    throw new UsageError(`${named === undefined ? "" : `${named}: `}${file}: ${unreadableReason(error)}`, advice);
  }
  return parse(text, file);
}

function parse(text: string, subject: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw failure("BAD_INPUT", `${subject} is not JSON: ${(error as Error).message}`, "", error);
  }
}

/** What `pulumi stack output --json` says; with the values of secrets only where a part of the service is one. */
async function stackOutputs(stack: string, more: readonly string[] = []): Promise<unknown> {
  try {
    const args = ["stack", "output", "--json", "--stack", stack, "--non-interactive", ...more];
    const { stdout } = await promisify(execFile)("pulumi", args, { maxBuffer: 16 * 1024 * 1024 });
    const outputs = parse(stdout, `The stack ${stack}`);
    const isMasked = more.length === 0 && typeof outputs === "object" && outputs !== null && maskedOutputs(outputs).length > 0;
    return isMasked ? await stackOutputs(stack, ["--show-secrets"]) : outputs;
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === "ENOENT") throw pulumiMissing("--stack");
    if (stderr === undefined) throw error;
    const words = stderr.replaceAll(/^error: /gm, "").trim();
    throw failure(
      "NOT_FOUND",
      `pulumi stack output --stack ${stack}: ${words}`,
      "`pulumi stack ls` shows the stacks of this project.",
      error,
    );
  }
}

/** The Pulumi CLI is not there. */
export function pulumiMissing(what: string) {
  return failure(
    "NOT_FOUND",
    `${what} needs the Pulumi CLI, and there is no pulumi on the PATH.`,
    "Install it (https://www.pulumi.com/docs/install/), or give --outputs FILE where a command takes it.",
  );
}

/** A word of a shell's command line. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
