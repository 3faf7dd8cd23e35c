import { existsSync } from "node:fs";
import path from "node:path";
import { Option, type Command } from "commander";
import { CommandError, failure, UsageError } from "../failure";
import { instanceType, pairs, s3Object } from "../options";
import { packagesMissing } from "../../core/records/errors";
import { addCommand, addCommonOptions, type Session } from "../session";
import { pulumiMissing } from "../target";
import { facts } from "../output";

interface DeployOptions {
  modelUri: string;
  stack: string;
  instanceType?: string;
  image?: string;
  config?: Record<string, string>;
}

/** Settings that a model artifact takes the place of. */
const otherModels = ["huggingFaceModelId", "huggingFaceTask"];

/** `sagemaker-async deploy` */
export function addDeploy(program: Command, session: Session): Command {
  const command = addCommand(
    program,
    "deploy",
    "Set the model in the stack's configuration and run `pulumi up`, in the folder of the Pulumi.yaml. It asks nothing.",
    [
      "sagemaker-async deploy --model-uri s3://my-models/ocr/model.tar.gz",
      "sagemaker-async deploy --model-uri s3://my-models/ocr/2.tar.gz --stack prod --config maxCapacity=10",
    ],
  )
    .addOption(new Option("--model-uri <uri>", "model artifact: the setting modelDataUrl").argParser(s3Object).makeOptionMandatory())
    .option("--stack <name>", "stack to deploy; made when it does not exist", "dev")
    .addOption(new Option("--instance-type <type>", "the setting instanceType").argParser(instanceType))
    .option("--image <address>", "the setting image")
    .addOption(new Option("--config <name=value>", "any other setting; repeatable").argParser(pairs));
  return addCommonOptions(command, { target: false }).action((options: DeployOptions) => deploy(session, options));
}

async function deploy(session: Session, options: DeployOptions): Promise<void> {
  const { output, signal } = session;
  const workDir = process.cwd();
  if (!existsSync(path.join(workDir, "Pulumi.yaml"))) {
    throw new UsageError(`no Pulumi.yaml in ${workDir}: run in the folder of the Pulumi program`);
  }
  const { LocalWorkspace, PulumiCommand } = await automation();
  const pulumiCommand = await PulumiCommand.get().catch((error: unknown) => {
    if (/ENOENT|not found|Failed to execute|spawn/i.test(String(error))) throw pulumiMissing("deploy");
    throw failure("UNAVAILABLE", firstLine(error), "Update the Pulumi CLI: https://www.pulumi.com/docs/install/", error);
  });
  try {
    const stack = await LocalWorkspace.createOrSelectStack({ stackName: options.stack, workDir }, { pulumiCommand });
    const { instanceType, image, modelUri, config } = options;
    const settings = { modelDataUrl: modelUri, ...(instanceType && { instanceType }), ...(image && { image }), ...config };
    const given = Object.keys(await stack.getAllConfig()).map((key) => key.slice(key.indexOf(":") + 1));
    const removed = otherModels.filter((name) => given.includes(name));
    if (removed.length > 0) {
      await stack.removeAllConfig(removed);
      output.note(`Removed ${removed.join(" and ")}: the artifact takes its place.`);
    }
    await stack.setAllConfig(Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, { value }])));
    // A terminal's Ctrl-C reaches Pulumi too, which then ends in order; a second one would break it off.
    const { summary, outputs } = await stack.up({
      color: process.stdout.isTTY ? "auto" : "never",
      ...(!output.json && { onOutput: (text: string) => void process.stderr.write(text) }),
    });
    const plain = Object.fromEntries(
      Object.entries(outputs).map(([name, { value, secret }]) => [name, secret ? "[secret]" : (value as unknown)]),
    );
    const report = { stack: options.stack, result: summary.result, changes: summary.resourceChanges ?? {}, outputs: plain };
    output.show(report, (paint) => {
      const shown = ["endpointName", "bucketName", "submitFunctionName"].map((name) => [name, textOf(plain[name])] as const);
      return `${paint("green", "✔")} ${paint("bold", options.stack)} is deployed\n${facts(shown, paint, output.columns)}`;
    });
    output.note(`Send it a job: ${session.invokedAs} submit --wait --stack ${options.stack}`);
  } catch (error) {
    if (signal.aborted)
      throw failure("ABORTED", "The deployment was interrupted.", `pulumi refresh --stack ${options.stack} shows what was made.`, error);
    const words = pulumiWords(error);
    if (words === undefined) throw error;
    throw failure("INTERNAL", words, "What Pulumi printed says which resource, and why.", error);
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** What a command of the Pulumi CLI that failed said; undefined for other errors. */
function pulumiWords(error: unknown): string | undefined {
  const { commandResult } = error as { commandResult?: { stderr: string; err?: { stderr?: string } } };
  const said = (commandResult?.err?.stderr ?? commandResult?.stderr)?.trim();
  return said?.replaceAll(/^error: /gm, "");
}

/** Pulumi is a peer of the package: a user who only submits jobs does without. */
async function automation(): Promise<typeof import("@pulumi/pulumi/automation")> {
  try {
    return await import("@pulumi/pulumi/automation/index.js");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND" && (error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND")
      throw error;
    throw new CommandError(packagesMissing("deploy", ["@pulumi/pulumi", "@pulumi/aws"]), error);
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] as string;
}
