import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { isDeepStrictEqual, promisify } from "node:util";
import { deploy } from "../../doubles/deploy";
import { environment, program } from "../../doubles/program";
import { writeTerraform } from "../../docs/terraform";
import { terraformLines } from "../../local/clientEnvironment";
const run = promisify(execFile);
/** `terraform`, or `tofu` where there is only that; undefined without either. */
export async function terraformCommand() {
    for (const command of ["terraform", "tofu"]) {
        const version = await run(command, ["version"]).catch(() => undefined);
        if (version !== undefined)
            return command;
    }
    return undefined;
}
/** A folder with the local environment's program as a Terraform configuration, and the state of what was applied. */
export class Workspace {
    command;
    directory = mkdtempSync(path.join(tmpdir(), "sagemaker-async-terraform-"));
    runtime;
    constructor(command, address) {
        this.command = command;
        const required = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n\n';
        writeFileSync(path.join(this.directory, "provider.tf"), required + terraformLines(address).join("\n"));
    }
    /** Fetches the AWS provider. @returns its version, or undefined where it can't be had */
    async initialize() {
        const installed = await this.tool("init", "-input=false").catch(() => undefined);
        if (installed === undefined)
            return undefined;
        const { provider_selections: selected } = JSON.parse(await this.tool("version", "-json"));
        const [version] = Object.values(selected);
        // Newer runtimes than a provider knows are refused before anything is asked of AWS.
        if (version !== undefined && Number.parseInt(version) < 6)
            this.runtime = "nodejs22.x";
        return version;
    }
    /** Writes the program with these settings in the place of the local environment's. */
    async write(settings = {}) {
        const { config, project, ...rest } = environment("local");
        const given = Object.fromEntries(Object.entries(settings).map(([name, value]) => [`${project}:${name}`, value]));
        const deployment = await deploy(program, { ...rest, project, config: { ...config, ...given } });
        const { runtime } = this;
        const resources = deployment.resources.map((resource) => runtime !== undefined && resource.inputs["runtime"] !== undefined
            ? { ...resource, inputs: { ...resource.inputs, runtime } }
            : resource);
        await writeTerraform({ ...deployment, resources }, this.directory);
    }
    /** @throws Error with Terraform's own words */
    async apply() {
        await this.tool("apply", "-auto-approve", "-input=false");
    }
    async destroy() {
        await this.tool("destroy", "-auto-approve", "-input=false");
    }
    /** What an apply would change now. */
    async plan(...options) {
        await this.tool("plan", "-input=false", "-out=plan", ...options);
        const { resource_changes: changes = [] } = JSON.parse(await this.tool("show", "-json", "plan"));
        return changes.filter(({ mode, change }) => mode === "managed" && !change.actions.every((action) => action === "no-op")).map(planned);
    }
    /** What a refresh finds to be otherwise than the state has it. */
    async drift() {
        await this.tool("plan", "-refresh-only", "-input=false", "-out=plan");
        const { resource_drift: drift = [] } = JSON.parse(await this.tool("show", "-json", "plan"));
        return drift.map(planned);
    }
    async state() {
        const { values } = JSON.parse(await this.tool("show", "-json"));
        return (values?.root_module?.resources ?? []).filter(({ mode }) => mode === "managed");
    }
    async outputs() {
        const outputs = JSON.parse(await this.tool("output", "-json"));
        return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
    }
    remove() {
        rmSync(this.directory, { recursive: true, force: true });
    }
    async tool(...[command = "", ...rest]) {
        try {
            const { stdout } = await run(this.command, [`-chdir=${this.directory}`, command, ...rest], {
                env: { ...process.env, TF_IN_AUTOMATION: "1", TF_CLI_ARGS: "-no-color" },
                maxBuffer: 64 * 1024 * 1024,
            });
            return stdout;
        }
        catch (error) {
            const { stderr, message } = error;
            throw new Error(stderr || message, { cause: error });
        }
    }
}
function planned({ address, change: { actions, before, after, after_unknown: unknown } }) {
    const names = Object.keys({ ...before, ...after, ...unknown });
    const attributes = names.filter((name) => unknown?.[name] === true || !isDeepStrictEqual(before?.[name], after?.[name]));
    return { address, actions, attributes: before === null || after === null ? [] : attributes };
}
