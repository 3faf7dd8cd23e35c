import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import path from "node:path";
import { promisify } from "node:util";
import { root } from "../support/service";

const run = promisify(execFile);

/** The AWS provider that a run has. */
export interface ChosenProvider {
  engineVersion: string;
  /** In words, for whoever reads the run. */
  description: string;
  isStandIn: boolean;
  /** What lets the engine find it. */
  environment: Record<string, string>;
  end(): void;
}

/**
 * The AWS provider that is installed for Pulumi (`pulumi plugin install resource aws`, or a `pulumi-resource-aws` on the PATH), and
 * a stand-in for it where there is none.
 *
 * @returns why there is none: without a `pulumi` CLI
 */
export async function chooseProvider(): Promise<ChosenProvider | string> {
  const version = await run("pulumi", ["version"]).catch(() => undefined);
  if (version === undefined) {
    return "there is no pulumi CLI on the PATH. Install it (https://www.pulumi.com/docs/install/) and run this again.";
  }
  const engineVersion = version.stdout.trim();
  const installed = await installedProvider();
  if (installed !== undefined) {
    return { engineVersion, description: `the AWS provider ${installed}`, isStandIn: false, environment: {}, end: () => undefined };
  }
  const child = spawn(process.execPath, [path.join(root, "build/test/engine/provider/server.js")], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const ended = once(child, "exit").then(() => Promise.reject(new Error("the stand-in for the AWS provider ended")));
  ended.catch(() => undefined);
  const [port] = (await Promise.race([once(createInterface(child.stdout as NodeJS.ReadableStream), "line"), ended])) as [string];
  return {
    engineVersion,
    description: "a stand-in for the AWS provider (none is installed: `pulumi plugin install resource aws` installs it)",
    isStandIn: true,
    environment: { PULUMI_DEBUG_PROVIDERS: `aws:${port}` },
    end: () => child.kill(),
  };
}

/** Version of the AWS provider that the engine would take; undefined for none. */
async function installedProvider(): Promise<string | undefined> {
  const onPath = await run("pulumi-resource-aws", ["-version"]).catch((error: NodeJS.ErrnoException) =>
    error.code === "ENOENT" ? undefined : { stdout: "on the PATH" },
  );
  if (onPath !== undefined) return onPath.stdout.trim();
  const { stdout } = await run("pulumi", ["plugin", "ls", "--json"]);
  const plugins = JSON.parse(stdout) as { name: string; kind: string; version?: string }[];
  return plugins.find(({ name, kind }) => name === "aws" && kind === "resource")?.version;
}
