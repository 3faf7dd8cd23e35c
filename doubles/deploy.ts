import * as pulumi from "@pulumi/pulumi";
import { answerOf, awsState } from "../testing/awsDouble";
import { runProgram, type ProgramOptions } from "../testing/runProgram";

/** One registered resource: what a reviewer needs to see of it. */
export interface Registered {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

/** What a program did against the mocks. */
export interface Deployment {
  /** Custom resources, sorted by type and name. */
  resources: Registered[];
  /** Component resources: type and name, sorted. */
  components: string[];
  /** Names of the outputs that each component has registered, by type and name. */
  registeredOutputs: Map<string, string[]>;
  /** Options of every resource, by type and name. */
  options: Map<string, pulumi.CustomResourceOptions>;
  /** `info: …`, `warning: …`, `error: …`, in the order in which they were logged. */
  messages: string[];
  /** What the program returned, its Outputs resolved. */
  outputs: Record<string, unknown>;
}

/** Where and with which settings a program runs. */
export interface DeployOptions extends ProgramOptions {
  /** What the creation of a resource waits for. @default nothing */
  creation?: (resource: Registered) => Promise<void> | undefined;
}

/**
 * Runs `program` against Pulumi's mocks and returns everything that it did.
 *
 * @param registered collects type and name of each registration, in order, also when the program throws
 */
export async function deploy(program: () => unknown, options: DeployOptions = {}, registered: string[] = []): Promise<Deployment> {
  const { project = "sagemaker-async-inference", stack = "test", config = {}, secrets = [], creation } = options;
  const resources: Registered[] = [];
  const components: string[] = [];
  const messages: string[] = [];
  const seen = new Map<string, pulumi.CustomResourceOptions>();
  const registeredOutputs = new Map<string, string[]>();
  const restoreLog = captureLog(messages);
  const restoreOutputs = captureOutputs(registeredOutputs);
  let outputs: Record<string, unknown>;
  try {
    outputs = await runProgram(
      program,
      {
        newResource: async ({ type, name, inputs, custom }) => {
          registered.push(`${type} ${name}`);
          const resource = { type, name, inputs: withSecretsMarked(inputs) as Record<string, unknown> };
          if (!custom) components.push(`${type} ${name}`);
          else resources.push(resource);
          await creation?.(resource);
          return awsState(type, name, inputs as Record<string, unknown>);
        },
        call: ({ token, inputs }) => answerOf(token, inputs as Record<string, unknown>),
      },
      { project, stack, config, secrets },
      () => {
        pulumi.runtime.registerStackTransformation(({ type, name, opts }) => {
          seen.set(`${type} ${name}`, opts);
          return undefined;
        });
      },
    );
  } finally {
    restoreLog();
    restoreOutputs();
  }
  const order = (a: Registered, b: Registered) => `${a.type} ${a.name}`.localeCompare(`${b.type} ${b.name}`);
  return {
    resources: resources.sort(order),
    components: components.sort(),
    registeredOutputs,
    options: seen,
    messages,
    outputs,
  };
}

/** Secrets arrive wrapped: `{ secret: value }` here. */
function withSecretsMarked(value: unknown): unknown {
  if (pulumi.runtime.isRpcSecret(value)) return { secret: withSecretsMarked(pulumi.runtime.unwrapRpcSecret(value)) };
  if (Array.isArray(value)) return value.map(withSecretsMarked);
  if (typeof value !== "object" || value === null || pulumi.asset.Archive.isInstance(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withSecretsMarked(item)]));
}

/** The engine's log, which mocks don't have: pulumi.log prints to the console instead. */
function captureLog(messages: string[]): () => void {
  const { log, info, warn, error } = console;
  const capture = (...parts: unknown[]) => void messages.push(parts.map(String).join(" ").replace(" [runtime]", ""));
  Object.assign(console, { log: capture, info: capture, warn: capture, error: capture });
  return () => Object.assign(console, { log, info, warn, error });
}

/** What components register, which mocks drop. */
function captureOutputs(registered: Map<string, string[]>): () => void {
  const prototype = pulumi.ComponentResource.prototype as unknown as { registerOutputs: (outputs?: object) => void };
  const { registerOutputs } = prototype;
  prototype.registerOutputs = function (this: { __pulumiType: string; __name: string }, outputs = {}) {
    const key = `${this.__pulumiType} ${this.__name}`;
    // The base class calls it once more, for components that did not.
    if (!registered.has(key)) registered.set(key, Object.keys(outputs));
    registerOutputs.call(this, outputs);
  };
  return () => void (prototype.registerOutputs = registerOutputs);
}
