import { randomUUID } from "node:crypto";
import { StateMachine } from "aws-local-stepfunctions";
import { atAddress } from "../../aws/atAddress";
import type { CloudContext } from "../ports";
import { ServiceError } from "../wire";
import { statesOf, withoutTimeouts, type Definition, type State } from "./definition";
import { requireName } from "./names";
import { TaskError, type TaskTokens } from "./tokens";

/** One run of a state machine. Times in milliseconds since the epoch. */
export interface Execution {
  arn: string;
  name: string;
  stateMachineArn: string;
  status: "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
  startedAt: number;
  stoppedAt?: number;
  input: string;
  output?: string;
  error?: string | undefined;
  cause?: string | undefined;
}

/** What is run. */
export interface Machine {
  arn: string;
  name: string;
  roleArn: string;
  definition: Definition;
}

/** The executions of one embedded cloud. They end with it: none goes on after a restart. */
export class Executions {
  private readonly executions = new Map<string, Execution>();
  private readonly running = new Map<string, AbortController>();

  constructor(
    private readonly context: CloudContext,
    private readonly tokens: TaskTokens,
  ) {}

  /** @throws ServiceError InvalidName, or ExecutionAlreadyExists for a name that was used with another input, or has ended */
  start(machine: Machine, name: string = randomUUID(), input = "{}"): Execution {
    requireName(name);
    const arn = machine.arn.replace(":stateMachine:", ":execution:") + `:${name}`;
    const before = this.executions.get(arn);
    if (before?.status === "RUNNING" && before.input === input) return before;
    if (before) throw new ServiceError("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
    const startedAt = this.context.clock.now();
    const execution: Execution = { arn, name, stateMachineArn: machine.arn, status: "RUNNING", startedAt, input };
    this.executions.set(arn, execution);
    void this.run(execution, machine);
    return execution;
  }

  /** @throws ServiceError ExecutionDoesNotExist */
  find(arn: string): Execution {
    const execution = this.executions.get(arn);
    if (!execution) throw new ServiceError("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
    return execution;
  }

  /** The newest first. */
  of(stateMachineArn: string): Execution[] {
    return [...this.executions.values()].filter((execution) => execution.stateMachineArn === stateMachineArn).reverse();
  }

  stop(arn: string, error: string | undefined, cause: string | undefined): Execution {
    const execution = this.find(arn);
    this.end(execution, { status: "ABORTED", error, cause });
    return execution;
  }

  close(): void {
    for (const stop of this.running.values()) stop.abort();
  }

  private async run(execution: Execution, machine: Machine): Promise<void> {
    const { clock } = this.context;
    const stop = new AbortController();
    this.running.set(execution.arn, stop);
    this.context.emit({ kind: "execution", executionArn: execution.arn, change: "started" });
    const { TimeoutSeconds, ...timeless } = withoutTimeouts(machine.definition);
    const timeout =
      TimeoutSeconds === undefined
        ? undefined
        : clock.setTimeout(() => this.end(execution, { status: "TIMED_OUT", error: "States.Timeout" }), TimeoutSeconds * 1000);
    const states = statesOf(timeless);
    const run = new StateMachine(timeless, { validationOptions: { noValidate: true } }).run(JSON.parse(execution.input) as never, {
      noThrowOnAbort: true,
      overrides: {
        taskResourceLocalHandlers: Object.fromEntries(
          statesOf(machine.definition).flatMap(([name, state]) =>
            state.Type === "Task" ? [[name, (input: unknown) => this.task(machine, state, input, stop.signal) as never]] : [],
          ),
        ),
        // The engine waits by the wall's clock.
        ...(clock.speed > 1 && {
          waitTimeOverrides: Object.fromEntries(
            states.flatMap(([name, { Seconds }]) => (Seconds === undefined ? [] : [[name, (Seconds * 1000) / clock.speed]])),
          ),
        }),
      },
      context: this.contextObject(execution, machine),
    });
    stop.signal.addEventListener("abort", () => run.abort());
    try {
      const output = await run.result;
      this.end(execution, { status: "SUCCEEDED", output: JSON.stringify(output) });
    } catch (error) {
      const { name, message } = ((error as Error).cause ?? error) as Error;
      this.end(execution, { status: "FAILED", error: name, cause: message });
    } finally {
      clock.clearTimeout(timeout);
    }
  }

  /** What `$$` leads to. Each look at the task's token makes one: the engine has one context for all tasks of an execution. */
  private contextObject({ arn, name, startedAt }: Execution, machine: Machine) {
    const token = () => this.tokens.issue(machine.arn);
    return {
      Execution: { Id: arn, Name: name, RoleArn: machine.roleArn, StartTime: new Date(startedAt).toISOString() },
      StateMachine: { Id: machine.arn, Name: machine.name },
      Task: {
        get Token() {
          return token();
        },
      },
    };
  }

  /** Ends it, unless it has ended. */
  private end(execution: Execution, end: Pick<Execution, "status" | "output" | "error" | "cause">): void {
    if (execution.status !== "RUNNING") return;
    Object.assign(execution, end, { stoppedAt: this.context.clock.now() });
    const change = ({ SUCCEEDED: "succeeded", FAILED: "failed", TIMED_OUT: "timedOut", ABORTED: "aborted", RUNNING: "started" } as const)[
      end.status
    ];
    this.context.emit({ kind: "execution", executionArn: execution.arn, change, ...(end.error !== undefined && { detail: end.error }) });
    this.running.get(execution.arn)?.abort();
    this.running.delete(execution.arn);
  }

  private async task(machine: Machine, state: State, input: unknown, signal: AbortSignal): Promise<unknown> {
    const { Resource = "", TimeoutSeconds, HeartbeatSeconds } = state;
    const isDirect = /:function:/.test(Resource);
    const { FunctionName, Payload } = isDirect
      ? { FunctionName: Resource, Payload: input }
      : (input as { FunctionName: string; Payload: unknown });
    if (!Resource.endsWith(".waitForTaskToken")) {
      const payload = await this.inTime(this.invoke(machine, FunctionName, Payload), TimeoutSeconds);
      return isDirect ? payload : { ExecutedVersion: "$LATEST", Payload: payload, StatusCode: 200 };
    }
    const tokens = this.tokens.within(input);
    if (tokens.length === 0)
      throw new TaskError("States.Runtime", "The task token was not passed on: expected $$.Task.Token in Parameters.");
    const answered = this.tokens.wait(tokens, TimeoutSeconds, HeartbeatSeconds, signal);
    // What the function answers does not matter; that it fails does.
    const failed = this.invoke(machine, FunctionName, Payload).then(() => new Promise<never>(() => undefined));
    failed.catch(() => undefined);
    answered.catch(() => undefined);
    return Promise.race([answered, failed]);
  }

  private async inTime(work: Promise<unknown>, seconds: number | undefined): Promise<unknown> {
    if (seconds === undefined) return work;
    const { clock } = this.context;
    return new Promise((resolve, reject) => {
      const timer = clock.setTimeout(() => reject(new TaskError("States.Timeout", "")), seconds * 1000);
      void work.then(resolve, reject).finally(() => clock.clearTimeout(timer));
    });
  }

  /** @throws TaskError as Step Functions names what a function throws, and what Lambda refuses */
  private async invoke({ roleArn }: Machine, FunctionName: string, payload: unknown): Promise<unknown> {
    const { endpointUrl, region } = this.context;
    const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
    const credentials = this.context.credentialsFor(roleArn, "states");
    const client = new LambdaClient({
      ...atAddress(endpointUrl),
      region,
      credentials,
      maxAttempts: 1,
      requestHandler: { requestTimeout: 0 },
    });
    try {
      const { Payload, FunctionError } = await client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload) }));
      const text = Buffer.from(Payload ?? []).toString();
      const answer = JSON.parse(text === "" ? "null" : text) as { errorType?: string };
      if (FunctionError === undefined) return answer;
      throw new TaskError(answer.errorType ?? "Lambda.Unknown", text);
    } catch (error) {
      if (error instanceof TaskError) throw error;
      const { name, message } = error as Error;
      throw new TaskError(name === "AccessDeniedException" ? "Lambda.AWSLambdaException" : `Lambda.${name}`, message);
    } finally {
      client.destroy();
    }
  }
}
