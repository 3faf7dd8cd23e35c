import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { Command } from "commander";
import { version } from "../../client/version";
import { addCloudOptions, cloudOptionsOf, type GivenCloudOptions } from "../../local/commands/cloudOptions";
import type { ProgramSource } from "../../local/embeddedCloud";
import { failure, UsageError } from "../failure";
import { addCommand, type Session } from "../session";
import { addLocalEnv } from "./localEnv";

/** Where the embedded cloud comes from. It stays out of the main package: applications that submit jobs do without. */
const packageName = "sagemaker-async-inference-local";

/** `sagemaker-async local` */
export function addLocal(program: Command, session: Session): Command {
  const command = addCommand(
    program,
    "local",
    "Run the embedded cloud: Pulumi programs with a model on this machine, without an account, until Ctrl-C. Needs the package " +
      `${packageName}; without --program it runs the stack local of the program in this folder.`,
    [
      "sagemaker-async local --program . --stack dev --watch --outputs outputs.json",
      "SAGEMAKER_ASYNC_OUTPUTS=outputs.json sagemaker-async submit --wait --display-results",
      "sagemaker-async local --empty --state ./cloud-state --model-command 'python serve.py'",
    ],
  );
  addLocalEnv(command, session);
  return addCloudOptions(command).action(async () => {
    const options = cloudOptionsOf(command, process.cwd());
    const { cloud, own } = await embeddedCloud();
    const given = own === undefined ? options.programs : [own, ...options.programs];
    const programs = given.length > 0 || (options.empty && !hasLocalStack()) ? given : [{ directory: process.cwd(), stack: "local" }];
    const planned = withFaults(cloud, options);
    try {
      await cloud.serve(planned, programs);
    } catch (error) {
      throw failure("UNAVAILABLE", cloud.plainFailure(error, options), "", error);
    }
  });
}

/** @throws UsageError for a plan of faults that is none */
function withFaults(cloud: Cloud, options: GivenCloudOptions): ReturnType<Cloud["withPlan"]> {
  try {
    return cloud.withPlan(options);
  } catch (error) {
    throw new UsageError(`--faults: ${(error as Error).message}`);
  }
}

/** Whether this folder has a program that a cloud with nothing deployed takes its settings from. */
function hasLocalStack(): boolean {
  return existsSync("Pulumi.yaml") && existsSync("Pulumi.local.yaml");
}

type Cloud = Pick<typeof import("../../local/commands/packaged"), "serve" | "withPlan" | "plainFailure">;

/** The embedded cloud's code: in the repository that of the build, with the repository's own program; else that of the package. */
async function embeddedCloud(): Promise<{ cloud: Cloud; own?: ProgramSource }> {
  // This file runs from build/cli/commands, and bundled from dist.
  const file = ["../../local/commands/cloud.js", "../build/local/commands/cloud.js"]
    .map((name) => path.resolve(__dirname, name))
    .find(existsSync);
  if (file !== undefined) {
    const cloud = (await import(file)) as typeof import("../../local/commands/cloud");
    return { cloud, own: cloud.ownProgram };
  }
  const installed = [path.join(process.cwd(), "index.js"), __filename].map(resolved).find((found) => found !== undefined);
  if (installed === undefined) {
    throw failure("BAD_INPUT", `local needs the package ${packageName}, which is not installed.`, `npm install --save-dev ${packageName}`);
  }
  const cloud = (await import(installed)) as typeof import("../../local/commands/packaged");
  const found: string = cloud.version;
  if (found !== version) {
    const message = `${packageName} has version ${found}, and sagemaker-async-inference ${version}: they go together.`;
    throw failure("CONFLICT", message, `npm install --save-dev ${packageName}@${version}`);
  }
  return { cloud };
}

/** Where a project that has this file installs the package; a global command line has it beside itself. */
function resolved(from: string): string | undefined {
  try {
    return createRequire(from).resolve(`${packageName}/cloud`);
  } catch {
    return undefined;
  }
}
