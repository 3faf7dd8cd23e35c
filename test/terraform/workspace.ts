import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { isDeepStrictEqual, promisify } from "node:util";
import { deploy } from "../../doubles/deploy";
import { environment, program } from "../../doubles/program";
import { writeTerraform } from "../../docs/terraform";
import { terraformLines, type CloudAddress } from "../../local/clientEnvironment";

const run = promisify(execFile);

/** What a plan does to one resource: `update aws_sqs_queue.inference-dead-letters`, and what it changes. */
export interface PlannedChange {
  address: string;
  actions: readonly string[];
  /** Names of the attributes that differ. */
  attributes: readonly string[];
}

/** A resource as the state has it. */
export interface StateResource {
  address: string;
  type: string;
  values: Record<string, unknown>;
}

interface ResourceChange {
  address: string;
  mode: string;
  change: { actions: string[]; before: Fields | null; after: Fields | null; after_unknown?: Fields };
}

interface Plan {
  resource_changes?: ResourceChange[];
  resource_drift?: ResourceChange[];
}

type Fields = Record<string, unknown>;

const keyId = "12345678-1234-1234-1234-123456789012";

/** What `kmsKeyArn` is given for the key that the configuration makes itself. */
export const ownKeyArn = `arn:aws:kms:us-east-1:123456789012:key/${keyId}`;

/** A customer's key that the account's policies give, and that the services may use. */
const keyBlocks = `
resource "aws_kms_key" "service" {
  description             = "of the service"
  enable_key_rotation     = true
  deletion_window_in_days = 7
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for principal in [
        { AWS = "arn:aws:iam::\${data.aws_caller_identity.current.account_id}:root" },
        { Service = ["cloudwatch.amazonaws.com", "logs.\${data.aws_region.current.id}.amazonaws.com", "sns.amazonaws.com"] },
      ] : { Effect = "Allow", Principal = principal, Action = "kms:*", Resource = "*" }
    ]
  })
}

resource "aws_kms_alias" "service" {
  name          = "alias/service"
  target_key_id = aws_kms_key.service.key_id
}
`;

/** `terraform`, or `tofu` where there is only that; undefined without either. */
export async function terraformCommand(): Promise<string | undefined> {
  for (const command of ["terraform", "tofu"]) {
    const version = await run(command, ["version"]).catch(() => undefined);
    if (version !== undefined) return command;
  }
  return undefined;
}

/** A folder with the local environment's program as a Terraform configuration, and the state of what was applied. */
export class Workspace {
  readonly directory = mkdtempSync(path.join(tmpdir(), "sagemaker-async-terraform-"));
  private runtime: string | undefined;

  constructor(
    private readonly command: string,
    address: CloudAddress,
  ) {
    const required = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n\n';
    writeFileSync(path.join(this.directory, "provider.tf"), required + terraformLines(address).join("\n"));
  }

  /** Fetches the AWS provider. @returns its version, or undefined where it can't be had */
  async initialize(): Promise<string | undefined> {
    const installed = await this.tool("init", "-input=false").catch(() => undefined);
    if (installed === undefined) return undefined;
    const { provider_selections: selected } = JSON.parse(await this.tool("version", "-json")) as {
      provider_selections: Record<string, string>;
    };
    const [version] = Object.values(selected);
    // Newer runtimes than a provider knows are refused before anything is asked of AWS.
    if (version !== undefined && Number.parseInt(version) < 6) this.runtime = "nodejs22.x";
    return version;
  }

  /** Writes the program with these settings in the place of the local environment's. */
  async write(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const { config, project, ...rest } = environment("local");
    const given = Object.fromEntries(Object.entries(settings).map(([name, value]) => [`${project}:${name}`, value]));
    const deployment = await deploy(program, { ...rest, project, config: { ...config, ...given } });
    const { runtime } = this;
    const resources = deployment.resources.map((resource) =>
      runtime !== undefined && resource.inputs["runtime"] !== undefined
        ? { ...resource, inputs: { ...resource.inputs, runtime } }
        : resource,
    );
    await writeTerraform({ ...deployment, resources }, this.directory);
    const main = path.join(this.directory, "main.tf");
    // Only a configuration knows the key: it is made by the same apply.
    const text = readFileSync(main, "utf8").replaceAll(new RegExp(`arn:aws:kms:[^"]*?${keyId}`, "g"), "${aws_kms_key.service.arn}");
    writeFileSync(main, `${text}\n${keyBlocks}`);
  }

  /** @throws Error with Terraform's own words */
  async apply(): Promise<void> {
    await this.tool("apply", "-auto-approve", "-input=false");
  }

  /** Takes into the state what is there now. */
  async refresh(): Promise<void> {
    await this.tool("apply", "-refresh-only", "-auto-approve", "-input=false");
  }

  async destroy(): Promise<void> {
    await this.tool("destroy", "-auto-approve", "-input=false");
  }

  /** What an apply would change now. */
  async plan(...options: string[]): Promise<PlannedChange[]> {
    await this.tool("plan", "-input=false", "-out=plan", ...options);
    const { resource_changes: changes = [] } = JSON.parse(await this.tool("show", "-json", "plan")) as Plan;
    return changes.filter(({ mode, change }) => mode === "managed" && !change.actions.every((action) => action === "no-op")).map(planned);
  }

  /** What a refresh finds to be otherwise than the state has it. */
  async drift(): Promise<PlannedChange[]> {
    await this.tool("plan", "-refresh-only", "-input=false", "-out=plan");
    const { resource_drift: drift = [] } = JSON.parse(await this.tool("show", "-json", "plan")) as Plan;
    return drift.map(planned);
  }

  async state(): Promise<StateResource[]> {
    const { values } = JSON.parse(await this.tool("show", "-json")) as {
      values?: { root_module?: { resources?: (StateResource & { mode: string })[] } };
    };
    return (values?.root_module?.resources ?? []).filter(({ mode }) => mode === "managed");
  }

  async outputs(): Promise<Record<string, unknown>> {
    const outputs = JSON.parse(await this.tool("output", "-json")) as Record<string, { value: unknown }>;
    return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async tool(...[command = "", ...rest]: string[]): Promise<string> {
    try {
      const { stdout } = await run(this.command, [`-chdir=${this.directory}`, command, ...rest], {
        env: { ...process.env, TF_IN_AUTOMATION: "1", TF_CLI_ARGS: "-no-color" },
        maxBuffer: 64 * 1024 * 1024,
      });
      return stdout;
    } catch (error) {
      const { stderr, message } = error as Error & { stderr?: string };
      throw new Error(stderr || message, { cause: error });
    }
  }
}

function planned({ address, change: { actions, before, after, after_unknown: unknown } }: ResourceChange): PlannedChange {
  const names = Object.keys({ ...before, ...after, ...unknown });
  const attributes = names.filter((name) => unknown?.[name] === true || !isDeepStrictEqual(before?.[name], after?.[name]));
  return { address, actions, attributes: before === null || after === null ? [] : attributes };
}
