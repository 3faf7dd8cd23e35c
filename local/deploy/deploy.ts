import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Stack } from "../stackFile";
import type { FromChild, ToChild } from "./messages";
import { checkAwsSettings, type StackOutputs } from "./pulumiResources";
import { Steps, type DeployEvent, type DeployTarget, type KnownResources } from "./steps";

export type { DeployEvent, DeployTarget, KnownResources };

/** What `pulumi.getOrganization()` answers; what stack references may begin with. */
const organization = "organization";

/** Starts a process that gets ready to run the program of a folder. Whoever does not hand it to {@link deploy} kills it. */
export function prepareProcess(directory: string, environment: NodeJS.ProcessEnv): ChildProcess {
  const child = startProcess(directory, environment);
  child.send({ kind: "prepare", directory } satisfies ToChild);
  return child;
}

function startProcess(directory: string, environment: NodeJS.ProcessEnv): ChildProcess {
  return fork(path.join(__dirname, "child.js"), {
    cwd: directory,
    env: { ...process.env, ...environment, PULUMI_NODEJS_ROOT_DIRECTORY: directory },
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
}

/**
 * Runs a Pulumi program in a process of its own and makes each resource that it registers real.
 *
 * @param known what the last deployment of the stack made; kept up to date. What it has with the same inputs stays as it is
 * @param prepared of {@link prepareProcess}, for the same folder and environment; ended afterwards
 * @throws Error with one clean message: `<type> "<name>": <reason>` for a resource, the program's own words for a
 * `pulumi.RunError`, message and stack for any other error. The program's process has ended by then.
 */
export async function deploy(
  stack: Stack,
  target: DeployTarget,
  onEvent: (event: DeployEvent) => void,
  known: KnownResources = new Map(),
  prepared?: ChildProcess,
): Promise<StackOutputs> {
  checkAwsSettings(stack.config, target.region, stack.stack);
  target.signal.throwIfAborted();
  const child = prepared?.connected ? prepared : startProcess(stack.directory, target.environment);
  const closed = once(child, "close");
  try {
    return await converse(child, stack, target, onEvent, known);
  } finally {
    child.kill("SIGKILL");
    await closed;
  }
}

function converse(
  child: ChildProcess,
  stack: Stack,
  target: DeployTarget,
  onEvent: (event: DeployEvent) => void,
  known: KnownResources,
): Promise<StackOutputs> {
  return new Promise((resolve, reject) => {
    let settled = false;
    /** The program has said all: how its process ends does not matter any more. */
    let told = false;
    const settle = (outcome: () => void) => {
      settled = true;
      outcome();
    };
    const report = (event: DeployEvent) => {
      if (!settled) onEvent(event);
    };
    const fail = (error: unknown) => settle(() => reject(error instanceof Error ? error : new Error(String(error))));
    const answer = (message: ToChild) => {
      // What can't be sent is of a program that has ended, by Ctrl-C for one: its exit says more than EPIPE.
      if (!settled && child.connected) child.send(message, () => undefined);
    };
    const steps = new Steps(stack, target, report, known);

    child.on("message", (message: FromChild) => {
      switch (message.kind) {
        case "create":
          return void steps.create(message).then(({ id, state }) => answer({ kind: "answer", request: message.request, id, state }), fail);
        case "call":
          return void steps.call(message).then((state) => answer({ kind: "answer", request: message.request, state }), fail);
        case "component":
        case "message":
          return report(message);
        case "outputs": {
          const { outputs, secretNames } = message;
          told = true;
          return void steps
            .finish()
            .then(() => settle(() => resolve({ project: stack.project, stack: stack.stack, outputs, secretNames })), fail);
        }
        case "failed":
          return fail(new Error(message.text));
      }
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on("line", (text) => report({ kind: "message", severity: "output", text }));
    }
    child.on("error", fail);
    child.on(
      "exit",
      (code, signal) => told || fail(new Error(`the program of ${stack.directory} ended with ${signal ?? `exit code ${code}`}`)),
    );
    target.signal.addEventListener("abort", () => fail(target.signal.reason), { once: true });

    const { directory, main, project, config, secretKeys } = stack;
    child.send({ kind: "run", directory, main, project, stack: stack.stack, organization, config, secretKeys } satisfies ToChild);
  });
}
