import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { changedInputs, needsNewCloud, type Created, type Program, type ResourceType, type ServiceResources } from "../resources";
import type { Kept } from "../kept";
import type { Stack } from "../stackFile";
import type { CallRequest, CreateRequest, FromChild, Severity, ToChild } from "./messages";
import { checkAwsSettings, pulumiResources, stackReferenceType, type StackOutputs } from "./pulumiResources";

/** What a deployment reports while it runs. Durations are the wall's, in milliseconds. */
export type DeployEvent =
  | { kind: "resource"; change: "creating"; urn: string; type: string; name: string; parent: string | undefined }
  | { kind: "resource"; change: "created" | "updated"; urn: string; type: string; name: string; milliseconds: number }
  | { kind: "resource"; change: "failed"; urn: string; type: string; name: string; milliseconds: number; reason: string }
  | { kind: "component"; urn: string; type: string; name: string; parent: string | undefined }
  | { kind: "message"; severity: Severity; text: string };

/** What a program is deployed to. */
export interface DeployTarget {
  region: string;
  resources: ServiceResources;
  /** Stacks that are deployed already, by `project/stack`: what a StackReference reads. */
  stacks: ReadonlyMap<string, StackOutputs>;
  /** Environment of the program, on top of this process's. */
  environment: NodeJS.ProcessEnv;
  /** Ends the deployment. */
  signal: AbortSignal;
}

/** A resource as the last deployment left it. */
interface Known {
  type: string;
  inputs: Record<string, unknown>;
  created: Created;
}

/** Resources of a deployed stack by URN. */
export type KnownResources = Pick<Kept<Known>, "get" | "set" | "delete" | "entries">;

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
    const settle = (outcome: () => void) => {
      settled = true;
      outcome();
    };
    const report = (event: DeployEvent) => {
      if (!settled) onEvent(event);
    };
    const fail = (error: unknown) => settle(() => reject(error instanceof Error ? error : new Error(String(error))));
    const answer = (message: ToChild) => {
      if (!settled && child.connected) child.send(message);
    };
    const resources = createResources(stack, target, report, known);

    child.on("message", (message: FromChild) => {
      switch (message.kind) {
        case "create":
          return void resources
            .create(message)
            .then(({ id, state }) => answer({ kind: "answer", request: message.request, id, state }), fail);
        case "call":
          return void resources.call(message).then((state) => answer({ kind: "answer", request: message.request, state }), fail);
        case "component":
        case "message":
          return report(message);
        case "outputs": {
          const { outputs, secretNames } = message;
          resources.reportLeft();
          return settle(() => resolve({ project: stack.project, stack: stack.stack, outputs, secretNames }));
        }
        case "failed":
          return fail(new Error(message.text));
      }
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on("line", (text) => report({ kind: "message", severity: "output", text }));
    }
    child.on("error", fail);
    child.on("exit", (code, signal) => fail(new Error(`the program of ${stack.directory} ended with ${signal ?? `exit code ${code}`}`)));
    target.signal.addEventListener("abort", () => fail(target.signal.reason), { once: true });

    const { directory, main, project, config, secretKeys } = stack;
    child.send({ kind: "run", directory, main, project, stack: stack.stack, organization, config, secretKeys } satisfies ToChild);
  });
}

/** Hands each request to the service that has its type. */
function createResources(stack: Stack, target: DeployTarget, report: (event: DeployEvent) => void, known: KnownResources) {
  const seen = new Set<string>();
  const types = { ...target.resources.resources, ...pulumiResources(target.region, target.stacks) };
  const dataSources = target.resources.dataSources ?? {};
  const { directory, project, localSettings } = stack;
  const program = { directory, project, stack: stack.stack, localSettings };

  return {
    async create(request: CreateRequest): Promise<Created> {
      const { urn, type, name, parent, inputs } = request;
      const start = performance.now();
      const taken = () => Math.round(performance.now() - start);
      const before = known.get(urn);
      seen.add(urn);
      if (before === undefined) report({ kind: "resource", change: "creating", urn, type, name, parent });
      try {
        const made = await (before === undefined ? make(types[type], request, program) : update(types[type], request, program, before));
        const created = made ?? (before as Known).created;
        known.set(urn, { type, inputs, created });
        if (made !== undefined) {
          const change = before === undefined ? "created" : "updated";
          report({ kind: "resource", change, urn, type, name, milliseconds: taken() });
        }
        return created;
      } catch (error) {
        const reason = withoutSubject(error, `${type} "${name}"`);
        report({ kind: "resource", change: "failed", urn, type, name, milliseconds: taken(), reason });
        throw new Error(`${type} "${name}": ${reason}`, { cause: error });
      }
    },
    reportLeft: () => leftOver(known, seen).forEach((text) => report({ kind: "message", severity: "warning", text })),
    async call({ token, inputs }: CallRequest): Promise<Record<string, unknown>> {
      try {
        const dataSource = dataSources[token];
        if (dataSource === undefined) throw new Error("this data source is not supported by the embedded cloud");
        return await dataSource(inputs);
      } catch (error) {
        throw new Error(`${token}: ${withoutSubject(error, token)}`, { cause: error });
      }
    },
  };
}

/** Brings a resource to what is wanted now; undefined when it is so already. */
async function update(
  type: ResourceType | undefined,
  request: CreateRequest,
  program: Program,
  before: Known,
): Promise<Created | undefined> {
  const { inputs } = request;
  if (type?.update) return type.update({ ...wanted(request), program }, before.created, before.inputs);
  const changed = changedInputs(before.inputs, inputs);
  if (changed.length === 0) return undefined;
  throw needsNewCloud(changed);
}

async function make(type: ResourceType | undefined, request: CreateRequest, program: Program): Promise<Created> {
  if (request.existingId !== undefined && request.type !== stackReferenceType) {
    throw new Error(`the embedded cloud has no resources but the programs' own, so it can't read ${request.existingId}`);
  }
  if (type === undefined) throw new Error("this resource type is not supported by the embedded cloud");
  return type.create({ ...wanted(request), program });
}

function wanted({ urn, type, name, inputs }: CreateRequest) {
  return { urn, type, name, inputs };
}

/** What the program does not have any more is not taken away: jobs may be on their way through it. */
function leftOver(known: KnownResources, seen: ReadonlySet<string>): string[] {
  const left = [...known.entries()].filter(([urn]) => !seen.has(urn));
  return left.map(
    ([urn, { type }]) => `${type} "${urn.split("::").at(-1)}" is no longer in the program; it stays until this embedded cloud ends`,
  );
}

/** A service's own checks name the resource already. */
function withoutSubject(error: unknown, subject: string): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.startsWith(`${subject}: `) ? message.slice(subject.length + 2) : message;
}
