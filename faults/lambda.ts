import { dateOf } from "../local/date";
import type { Injector } from "../local/faults/injector";
import { jobIdIn } from "../local/faults/jobOf";
import type { Scheduler } from "./scheduler";
import { sdkFor, serviceError, type Caller, type SdkPorts, type ServiceDouble } from "./sdk";

/** A function as the program deployed it. */
export interface FunctionDefinition {
  /** Without the service's name: `submit`, `completed-store`. */
  name: string;
  arn: string;
  /** The archive's one file, as Pulumi serialized it. */
  text: string;
  environment: Readonly<Record<string, string>>;
  timeoutSeconds: number;
  maximumRetryAttempts: number;
  /** Where events go that failed for good. */
  onFailureArn: string | undefined;
}

/** How one invocation ended. */
export interface Outcome {
  failed: boolean;
  /** What the function returned, or `{ errorType, errorMessage }`. */
  payload: unknown;
}

/** Waits before the second and the third try of an asynchronous event. */
const retryDelaysMilliseconds = [60_000, 120_000];

/** How long a throttled event waits, and for how long events are kept. */
const throttlePauseMilliseconds = 30_000;

type Handler = (event: unknown, context: object) => Promise<unknown>;
type Module = (exports: object, require: unknown, module: object, ...globals: unknown[]) => void;

/** What every environment of every function shares. */
export interface LambdaPorts {
  scheduler: Scheduler;
  injector: Injector;
  sdk: SdkPorts;
  /** Milliseconds by which a function's clock is off. */
  skewOf(functionName: string): number;
  /** Takes an event that failed for good. */
  deadLetter(destinationArn: string, document: object): void;
  log(functionName: string, line: string): void;
}

/** What an archive may read of its surroundings; everything else is the language's own. */
const globalNames = ["process", "console", "Date", "Math", "setTimeout", "clearTimeout", "AbortSignal"] as const;

const compiled = new Map<string, Module>();

function compile(text: string): Module {
  const known = compiled.get(text);
  if (known) return known;
  // oxlint-disable-next-line typescript/no-implied-eval -- what is evaluated is what Pulumi uploads
  const made = new Function("exports", "require", "module", ...globalNames, text) as Module;
  compiled.set(text, made);
  return made;
}

/** One sandbox of one function, which handles one event at a time until it is killed. */
class Environment implements Caller {
  readonly handler: Handler;
  alive = true;
  jobId: string | undefined;
  onKilled: ((reason: string) => void) | undefined;

  constructor(
    readonly definition: FunctionDefinition,
    ports: LambdaPorts,
  ) {
    const { scheduler } = ports;
    const skew = ports.skewOf(definition.name);
    const now = () => scheduler.now() + skew;
    const timeout = (run: () => void, milliseconds = 0) => scheduler.after(milliseconds, () => this.alive && run());
    const globals: Record<(typeof globalNames)[number], unknown> = {
      process: { env: { ...definition.environment } },
      console: Object.fromEntries(
        ["log", "info", "warn", "error"].map((name) => [name, (line: string) => ports.log(definition.name, line)]),
      ),
      Date: dateOf(now),
      Math: mathOf(scheduler),
      setTimeout: timeout,
      clearTimeout: (timer: { cancelled: boolean } | undefined) => timer && (timer.cancelled = true),
      AbortSignal: {
        timeout(milliseconds: number) {
          const controller = new AbortController();
          timeout(() => controller.abort(), milliseconds);
          return controller.signal;
        },
      },
    };
    const module = { exports: {} as { handler: Handler } };
    const load = sdkFor(this, ports.sdk);
    compile(definition.text)(module.exports, load, module, ...globalNames.map((name) => globals[name]));
    this.handler = module.exports.handler;
  }

  get functionName(): string {
    return this.definition.name;
  }

  kill(reason: string): void {
    if (!this.alive) return;
    this.alive = false;
    this.onKilled?.(reason);
  }
}

/** Lambda: warm and cold environments, time-outs, retries and destinations. */
export class LambdaDouble {
  private readonly idle = new Map<string, Environment[]>();
  /** Environments whose code is to be thrown away once their event is done. */
  private readonly outdated = new WeakSet<Environment>();
  private readonly busy = new Set<Environment>();
  private readonly byArn: ReadonlyMap<string, FunctionDefinition>;
  /** Asynchronous events that are still being tried. */
  underWay = 0;

  constructor(
    readonly functions: readonly FunctionDefinition[],
    private readonly ports: LambdaPorts,
  ) {
    this.byArn = new Map(functions.map((definition) => [definition.arn, definition]));
  }

  /** Lambda's own API, as functions and operators call it. */
  readonly operations: ServiceDouble = {
    Invoke: async (input) => {
      const name = String(input["FunctionName"]).split(":").at(-1) as string;
      const definition = this.functions.find(({ arn }) => arn.endsWith(`:${name}`));
      if (!definition) throw serviceError("ResourceNotFoundException", `Function not found: ${name}`, 404);
      const event: unknown = JSON.parse(String(input["Payload"]));
      if (input["InvocationType"] === "Event") {
        this.accept(definition.arn, event);
        return { StatusCode: 202 };
      }
      const outcome = await this.invoke(definition, event);
      if (!outcome) throw serviceError("TooManyRequestsException", "Rate Exceeded.", 429);
      return { StatusCode: 200, ...(outcome.failed ? { FunctionError: "Unhandled" } : {}), Payload: JSON.stringify(outcome.payload) };
    },
  };

  /** Invokes and waits. Undefined when Lambda refuses. @param jobId whom the event is about, where it does not say so */
  async invoke(definition: FunctionDefinition, event: unknown, jobId = jobIdIn(JSON.stringify(event))): Promise<Outcome | undefined> {
    const fault = this.ports.injector.next("invocation", jobId);
    if (fault?.kind === "lambda-throttled") return undefined;
    return this.run(definition, event, jobId, fault?.kind === "lambda-killed-after");
  }

  /** Takes an event and tries it until it succeeds or is given up. */
  accept(functionArn: string, event: unknown): void {
    const definition = this.byArn.get(functionArn);
    if (!definition) throw new Error(`no function ${functionArn}`);
    this.underWay += 1;
    void this.deliver(definition, event).finally(() => {
      this.underWay -= 1;
    });
  }

  /** New code: what runs ends as it is, the next event meets a new environment. */
  replaceAll(): void {
    this.idle.clear();
    for (const environment of this.busy) this.outdated.add(environment);
  }

  private async deliver(definition: FunctionDefinition, event: unknown): Promise<void> {
    const { scheduler } = this.ports;
    for (let tries = 1; ;) {
      const outcome = await this.invoke(definition, event);
      if (outcome === undefined) {
        // Throttling takes none of the tries.
        await scheduler.sleep(throttlePauseMilliseconds);
        continue;
      }
      if (!outcome.failed) return;
      if (tries > definition.maximumRetryAttempts) {
        if (definition.onFailureArn === undefined) return;
        const requestContext = { functionArn: `${definition.arn}:$LATEST`, condition: "RetriesExhausted", approximateInvokeCount: tries };
        const document = { version: "1.0", requestContext, requestPayload: event, responsePayload: outcome.payload };
        return this.ports.deadLetter(definition.onFailureArn, document);
      }
      await scheduler.sleep(retryDelaysMilliseconds[tries - 1] ?? 0);
      tries += 1;
    }
  }

  private run(definition: FunctionDefinition, event: unknown, jobId: string | undefined, killedAfter: boolean): Promise<Outcome> {
    const { scheduler } = this.ports;
    const environment = this.idle.get(definition.name)?.pop() ?? new Environment(definition, this.ports);
    this.busy.add(environment);
    environment.jobId = jobId;
    const deadline = scheduler.now() + definition.timeoutSeconds * 1000;
    return new Promise<Outcome>((resolve) => {
      const end = (failed: boolean, payload: unknown) => {
        timer.cancelled = true;
        this.busy.delete(environment);
        environment.onKilled = undefined;
        if (environment.alive && !this.outdated.has(environment)) this.keep(environment);
        resolve({ failed, payload });
      };
      const failedBy = (errorMessage: string, errorType = "Error") => end(true, { errorType, errorMessage });
      const timer = scheduler.after(definition.timeoutSeconds * 1000, () =>
        environment.kill(`Task timed out after ${definition.timeoutSeconds}.00 seconds`),
      );
      environment.onKilled = (reason) => failedBy(reason, "Runtime.ExitError");
      const context = { getRemainingTimeInMillis: () => deadline - scheduler.now() };
      // A function gets a copy, as over the wire, and its answer is one.
      const answered = (async () => environment.handler(JSON.parse(JSON.stringify(event)), context))();
      answered.then(
        (value) => {
          if (!environment.alive) return;
          if (killedAfter) environment.kill("killed after its work");
          else end(false, value === undefined ? null : JSON.parse(JSON.stringify(value)));
        },
        (error: unknown) => {
          if (environment.alive) failedBy(error instanceof Error ? error.message : String(error));
        },
      );
    });
  }

  private keep(environment: Environment): void {
    const { name } = environment.definition;
    const warm = this.idle.get(name) ?? [];
    this.idle.set(name, warm);
    warm.push(environment);
  }
}

function mathOf(scheduler: Scheduler): Math {
  return Object.create(Math, { random: { value: () => scheduler.random.next() } }) as Math;
}
