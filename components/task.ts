import * as pulumi from "@pulumi/pulumi";
import { openSeconds } from "../core/lifecycle/lookTimes";
import { requestBounds, type SubmitRequest } from "../core/messages/request";
import { present } from "../core/present";
import { fail } from "./fail";
import { show, type Problem } from "./problems";
import type { ServiceOutputs } from "./stackOutputs";

/** What a task may say of its job: the request's fields, but for those that the task brings, or that are for callers who wait. */
type TaskField = Exclude<keyof SubmitRequest, "taskToken" | "waitSeconds" | "waiter">;

/**
 * The request that a task makes, as a template of Amazon States Language: a field by its name with its value, or by its name and `.$`
 * with a path such as `$.page`. Exactly one of `input`, `inputBase64` and `inputLocation`.
 */
export type TaskRequest = { [Field in TaskField]?: pulumi.Input<NonNullable<SubmitRequest[Field]>> } & {
  [Path in `${TaskField}.$`]?: string;
};

/** What a state may say besides. As in Amazon States Language, in its spelling. */
export interface TaskState {
  /** The state that comes after. @default none: the task is the last state */
  Next?: string;
  /** When to try again; before the rules that the task has of its own. @default none */
  Retry?: readonly object[];
  /** Where to go with an error. @default none: the workflow fails */
  Catch?: readonly object[];
  /** What becomes of the state's input first. @default "$": nothing */
  InputPath?: string;
  /** @default the whole of what the task gets of the job */
  ResultSelector?: Readonly<Record<string, unknown>>;
  /** Where in the input the result goes. @default "$": in its place */
  ResultPath?: string | null;
  /** What of it goes on. @default "$": all */
  OutputPath?: string | null;
  Comment?: string;
  /**
   * Seconds without a sign of life after which the workflow gives the job up, 900 to 86400. The sweeper gives one every five minutes, but
   * none of a job that waits for its priority: not with `priority: "low"`.
   *
   * @default 1800
   */
  HeartbeatSeconds?: number;
  /**
   * Seconds after which the workflow gives the job up, up to a year: at least what the service needs to end it in its own words. Needed with
   * `priority: "low"`, since such a job waits for as long as others fill the endpoint.
   *
   * @default what the service needs
   */
  TimeoutSeconds?: number;
}

/** Errors after which the same task is tried again, as a new job: refusals that pass, and what Lambda itself throws. */
const ownRetries = [
  {
    ErrorEquals: ["LIMIT", "CAPACITY"],
    IntervalSeconds: 60,
    MaxAttempts: 20,
    BackoffRate: 2,
    MaxDelaySeconds: 900,
    JitterStrategy: "FULL",
  },
  {
    ErrorEquals: [
      "THROTTLED",
      "UNAVAILABLE",
      // https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
      "Lambda.ClientExecutionTimeoutException",
      "Lambda.ServiceException",
      "Lambda.AWSLambdaException",
      "Lambda.SdkClientException",
      "Lambda.TooManyRequestsException",
    ],
    IntervalSeconds: 2,
    MaxAttempts: 6,
    BackoffRate: 2,
    JitterStrategy: "FULL",
  },
];

const heartbeat = { least: 900, most: 86_400, usual: 1800 };

/** How long an execution may run. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const longestExecutionSeconds = 31_536_000;

/** Time for what comes before a job's first attempt: its input, the floor, and the sweeper's rounds. */
const placingSeconds = 3600;

const taskFields = {
  accept: true,
  contentType: true,
  customAttributes: true,
  input: true,
  inputBase64: true,
  inputLocation: true,
  invocationTimeoutSeconds: true,
  jobId: true,
  metadata: true,
  onDoubt: true,
  priority: true,
  requestTtlSeconds: true,
  traceContext: true,
} satisfies Record<TaskField, true>;

/**
 * A state for a Step Functions state machine that runs one job and goes on when it has ended, however that comes: as
 * {@link AsyncInference.task}, for a service that another project deployed with `workflowsEnabled`, in the same account and region.
 *
 * @example
 * ```ts
 * const definition = pulumi.jsonStringify({ StartAt: "Read", States: { Read: task(outputs, { "inputLocation.$": "$.page" }) } });
 * ```
 * @throws pulumi.InputPropertiesError naming every field that is wrong, what it got and what it accepts
 */
export function task(
  outputs: Pick<ServiceOutputs, "partition" | "submitFunctionArn" | "maxAttempts" | "requestTtlSeconds" | "invocationTimeoutSeconds">,
  request: TaskRequest,
  state: TaskState = {},
): pulumi.Output<Record<string, unknown>> {
  const isLow = mayBeLow(request);
  fail("A task", [...requestProblems(request), ...stateProblems(state), ...(isLow ? lowProblems(state) : [])]);
  const { partition, submitFunctionArn, maxAttempts, requestTtlSeconds, invocationTimeoutSeconds } = outputs;
  const { Next, Retry = [], HeartbeatSeconds = heartbeat.usual, TimeoutSeconds, ...others } = state;
  return pulumi
    .all([partition, submitFunctionArn, maxAttempts, requestTtlSeconds, invocationTimeoutSeconds, pulumi.output(request)])
    .apply(([where, FunctionName, attempts, ttlSeconds, timeoutSeconds, payload]): Record<string, unknown> => {
      const attemptSeconds = openSeconds({
        requestTtlSeconds: longest(payload, "requestTtlSeconds", ttlSeconds),
        invocationTimeoutSeconds: longest(payload, "invocationTimeoutSeconds", timeoutSeconds),
      });
      // Longer than the service needs to end the job in its own words.
      const leastSeconds = attempts * attemptSeconds + placingSeconds;
      fail("A task", timeoutProblems(TimeoutSeconds ?? leastSeconds, leastSeconds));
      return {
        Type: "Task",
        Resource: `arn:${where}:states:::lambda:invoke.waitForTaskToken`,
        Parameters: { FunctionName, Payload: { ...payload, "taskToken.$": "$$.Task.Token" } },
        TimeoutSeconds: TimeoutSeconds ?? leastSeconds,
        ...(isLow ? {} : { HeartbeatSeconds }),
        Retry: [...Retry, ...ownRetries],
        ...present(others),
        ...(Next === undefined ? { End: true } : { Next }),
      };
    });
}

/** What a field is in the job: as the request says, at most its bound when only the workflow knows it, else as the service has it. */
function longest(payload: object, field: "requestTtlSeconds" | "invocationTimeoutSeconds", usual: number): number {
  const most = {
    requestTtlSeconds: requestBounds.maxRequestTtlSeconds,
    invocationTimeoutSeconds: requestBounds.maxInvocationTimeoutSeconds,
  };
  return `${field}.$` in payload ? most[field] : ((payload as SubmitRequest)[field] ?? usual);
}

function requestProblems(request: TaskRequest): Problem[] {
  const names = Object.keys(request);
  const unknown = names.filter((name) => !Object.hasOwn(taskFields, plain(name)));
  const inputs = names.map(plain).filter((name) => /^input(Base64|Location)?$/.test(name));
  const twice = names.filter((name) => name.endsWith(".$") && names.includes(plain(name)));
  const paths = Object.entries(request).filter(
    ([name, value]) => name.endsWith(".$") && !(typeof value === "string" && /^(\$|States\.)/.test(value)),
  );
  return [
    ...unknown.map((name) => ({
      propertyPath: name,
      reason: `is not a field of a task's request, expected one of ${Object.keys(taskFields).join(", ")}, each also with .$ and a path`,
    })),
    ...(inputs.length === 1
      ? []
      : [
          {
            propertyPath: "input",
            reason: `got ${inputs.length === 0 ? "none" : inputs.join(" and ")}, expected exactly one of input, inputBase64 and inputLocation`,
          },
        ]),
    ...twice.map((name) => ({ propertyPath: name, reason: `got one together with ${plain(name)}, expected one of both` })),
    ...paths.map(([name, value]) => ({
      propertyPath: name,
      reason: `got ${show(value)}, expected a path such as $.page, or an intrinsic function`,
    })),
  ];
}

/** Whether the job may have to wait for its priority. */
function mayBeLow(request: TaskRequest): boolean {
  const { priority } = request;
  return "priority.$" in request || (priority !== undefined && priority !== "normal");
}

function timeoutProblems(seconds: number, leastSeconds: number): Problem[] {
  if (Number.isInteger(seconds) && seconds >= leastSeconds && seconds <= longestExecutionSeconds) return [];
  const expected = `expected a whole number from ${leastSeconds}, which the service needs for a job, to ${longestExecutionSeconds}`;
  return [{ propertyPath: "TimeoutSeconds", reason: `got ${show(seconds)}, ${expected}` }];
}

/** What a job that may wait for its priority takes. */
function lowProblems({ HeartbeatSeconds, TimeoutSeconds }: TaskState): Problem[] {
  const why = 'with priority "low", or one that only the workflow knows';
  return [
    ...(TimeoutSeconds === undefined
      ? [{ propertyPath: "TimeoutSeconds", reason: `got nothing, expected how many seconds the job may wait and run, ${why}` }]
      : []),
    ...(HeartbeatSeconds === undefined
      ? []
      : [{ propertyPath: "HeartbeatSeconds", reason: `got one ${why}: a job that waits gives no sign of life; remove it` }]),
  ];
}

function stateProblems({ HeartbeatSeconds = heartbeat.usual, ...state }: TaskState): Problem[] {
  const { least, most } = heartbeat;
  const known = ["Next", "Retry", "Catch", "InputPath", "ResultSelector", "ResultPath", "OutputPath", "Comment", "TimeoutSeconds"];
  const isFine = Number.isInteger(HeartbeatSeconds) && HeartbeatSeconds >= least && HeartbeatSeconds <= most;
  return [
    ...Object.keys(state)
      .filter((name) => !known.includes(name))
      .map((name) => ({ propertyPath: name, reason: `is not for a task to set, expected one of ${known.join(", ")}, HeartbeatSeconds` })),
    ...(isFine
      ? []
      : [{ propertyPath: "HeartbeatSeconds", reason: `got ${show(HeartbeatSeconds)}, expected a whole number from ${least} to ${most}` }]),
  ];
}

function plain(name: string): string {
  return name.replace(/\.\$$/, "");
}
