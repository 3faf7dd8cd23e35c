import { existsSync } from "node:fs";
import path from "node:path";
import type { Command } from "commander";
import { addCloudOptions, cloudOptionsOf } from "../../local/commands/cloudOptions";
import { failure } from "../failure";
import { addCommand } from "../session";

/** `sagemaker-async local` */
export function addLocal(program: Command): Command {
  const command = addCommand(
    program,
    "local",
    "Run the embedded cloud: the deployed program with a model on this machine, until Ctrl-C. Part of the repository, not of the package.",
    [
      "sagemaker-async local --outputs outputs.json",
      "SAGEMAKER_ASYNC_OUTPUTS=outputs.json sagemaker-async submit --wait --display-results",
    ],
  );
  return addCloudOptions(command).action(async () => {
    const options = cloudOptionsOf(command, process.cwd());
    const cloud = await embeddedCloud();
    try {
      await cloud.serve(cloud.withPlan(options));
    } catch (error) {
      throw failure("UNAVAILABLE", cloud.plainFailure(error, options), "", error);
    }
  });
}

/**
 * The embedded cloud's code, where it is. It stays out of the package: with its emulators and its OCR model it weighs
 * several times what everything else does, and its users have the repository, whose program it runs.
 */
async function embeddedCloud(): Promise<typeof import("../../local/commands/cloud")> {
  // This file runs from build/cli/commands, and bundled from dist.
  const file = ["../../local/commands/cloud.js", "../build/local/commands/cloud.js"]
    .map((name) => path.resolve(__dirname, name))
    .find(existsSync);
  if (file !== undefined) return (await import(file)) as typeof import("../../local/commands/cloud");
  throw failure(
    "NOT_FOUND",
    "The embedded cloud is not part of the installed package.",
    "Clone the repository and run `npm ci && npm run cloud -- --outputs outputs.json`; this command line works with that file.",
  );
}
