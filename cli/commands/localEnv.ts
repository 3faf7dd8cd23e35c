import { existsSync } from "node:fs";
import { Option, type Command } from "commander";
import { pulumiLines, pulumiSettings, shellLines, terraformLines } from "../../local/clientEnvironment";
import { integer } from "../options";
import { addCommand, type Session } from "../session";
import { writeIntoStackFile } from "../stackFileSettings";
import { readStackSettings } from "../stackSettings";

/** Where a cloud serves that was started without `--port`. */
const defaultPort = 4566;

/** A cloud's region as `local` takes it, which runs the stack local of this folder's program unless it is told to run another. */
const regionOfFolder = () => (existsSync("Pulumi.local.yaml") ? readStackSettings(".", "local")?.region : undefined) ?? "us-east-1";

interface EnvOptions {
  pulumi?: boolean;
  terraform?: boolean;
  write?: string;
  port: number;
  region?: string;
}

/** `sagemaker-async local env` */
export function addLocalEnv(local: Command, session: Session): Command {
  const command = addCommand(
    local.helpCommand(false),
    "env",
    "Print what makes a client of the embedded cloud: lines for a shell, the AWS provider's settings for a stack file's `config:`, " +
      "or a provider block of Terraform. --write puts the settings into a stack file, which keeps all else that it has, comments included.",
    [
      'eval "$(sagemaker-async local env)"',
      "sagemaker-async local env --pulumi --write Pulumi.dev.yaml",
      "sagemaker-async local env --terraform > embedded_cloud_override.tf",
    ],
  );
  return command
    .addOption(new Option("--pulumi", "the provider's settings for a stack file's `config:`").conflicts("terraform"))
    .addOption(
      new Option("--write <file>", "a stack file, such as Pulumi.dev.yaml, that the settings are put into; made if missing")
        .conflicts("terraform")
        .implies({ pulumi: true }),
    )
    .option("--terraform", "the provider's block")
    .addOption(new Option("--port <number>", "port that the cloud serves on").default(defaultPort).argParser(integer(1, 65_535)))
    .option(
      "--region <name>",
      `the cloud's region (default: that of Pulumi.local.yaml in this folder, or us-east-1; with --pulumi the stack file's \`aws:region\` holds)`,
    )
    .action(async () => {
      const { write: file, port, region } = command.opts<EnvOptions>();
      if (file !== undefined) {
        const endpointUrl = `http://127.0.0.1:${port}`;
        const written = writeIntoStackFile(file, { settings: pulumiSettings(endpointUrl), region, fallbackRegion: regionOfFolder() });
        return session.output.raw(`${file} leads the AWS provider to ${endpointUrl}, region ${written}.\n`);
      }
      await session.output.raw(`${linesOf(command.opts<EnvOptions>()).join("\n")}\n`);
    });
}

function linesOf({ pulumi, terraform, port, region }: EnvOptions): string[] {
  const endpointUrl = `http://127.0.0.1:${port}`;
  if (pulumi) return pulumiLines({ endpointUrl, region });
  const address = { endpointUrl, region: region ?? regionOfFolder() };
  return terraform ? terraformLines(address) : shellLines(address);
}
