import * as pulumi from "@pulumi/pulumi";
import { handlerFunction, type HandlerEnvironment, type JobHandler } from "../functions/handler";
import { reportedRun, type TracedHandlerEnvironment } from "../functions/handlerRun";
import type { JobState } from "../core/records/job";
import { archivedPackages } from "./archive";
import { CallbackLambda, type FunctionInputs, type FunctionNetwork } from "./callbackLambda";
import { requireSerializable } from "./closure/check";
import { settings } from "./settings";
import { handlerStatements, keysOf } from "./grants";
import { keyStatements, readAndWrite, type Keys, type Statement } from "./policies";
import type { ServiceOutputs } from "./stackOutputs";
import { requireEnvironment, requireHandlerName } from "./nameChecks";

/** Options of `onCompleted` and `onFailed`. */
export interface HandlerOptions {
  /** What the handler may do besides reading results and writing its log. @default nothing */
  policyStatements?: Statement[];
  /** Further environment variables: with the handler's own, 4,096 bytes as JSON at most. @default none */
  environment?: Record<string, pulumi.Input<string>>;
  /** npm packages of yours that the handler requires; they go into its archive. @default none */
  packages?: string[];
  /** Seconds, 1 to 900, that one delivery may take. @default 60 */
  timeoutSeconds?: number;
  /** Memory in MB, 128 to 10240. @default 256 */
  memoryMb?: number;
  /** Days for which the handler's log is kept. @default as the service's; 30 for a service of another project */
  logRetentionDays?: pulumi.Input<number>;
  /** Key that encrypts the handler's log and environment. @default the service's own; AWS's for a service of another project */
  kmsKeyArn?: pulumi.Input<string>;
  /** Where the handler's traffic goes. @default as the service's functions; Lambda's own network for a service of another project */
  network?: FunctionNetwork;
  /**
   * Whether the handler's runs are spans in the traces of its jobs; the service must have `traceEndpoint`.
   *
   * @default as the service; false for a service of another project
   */
  traced?: boolean;
}

/**
 * Runs a closure of yours for each job that completed, in a Lambda of its own: as {@link AsyncInference.onCompleted}, for a
 * service that another project deployed, in the same account and region.
 *
 * @param name letters, digits and single hyphens; the function is called `completed-<name>`
 * @example
 * ```ts
 * onCompleted(outputs, "store", async (job, context) => {
 *   console.log(job.jobId, await context.readResult());
 * });
 * ```
 */
export function onCompleted(
  outputs: ServiceOutputs,
  name: string,
  handler: JobHandler,
  options: HandlerOptions = {},
  opts?: pulumi.ComponentResourceOptions,
): void {
  attach("completed", outputs, ["completed", name], handler, options, opts);
}

/**
 * Runs a closure of yours for each job that ended without a result: FAILED, EXPIRED or CANCELLED. Otherwise as
 * {@link onCompleted}; the function is called `failed-<name>`.
 */
export function onFailed(
  outputs: ServiceOutputs,
  name: string,
  handler: JobHandler,
  options: HandlerOptions = {},
  opts?: pulumi.ComponentResourceOptions,
): void {
  attach("failed", outputs, ["failed", name], handler, options, opts);
}

/** In the place of a function's ARN that is known later. */
const longestArn = "n".repeat(140);

/** In the place of a name that is known later: SageMaker's most for an endpoint, and more than a table's here. */
const longestName = "n".repeat(63);

const ends = {
  completed: ["COMPLETED"],
  failed: ["FAILED", "EXPIRED", "CANCELLED"],
} as const satisfies Record<string, readonly JobState[]>;

/**
 * Subscribes a closure to the ends of jobs.
 *
 * @param nameParts parts of the function's name, the user's own last
 * @param keys those of a service of the same program. @default what the outputs say
 */
export function attach(
  end: keyof typeof ends,
  outputs: ServiceOutputs,
  nameParts: readonly string[],
  handler: JobHandler,
  options: HandlerOptions,
  opts?: pulumi.ComponentResourceOptions,
  keys?: Keys,
): void {
  const name = nameParts.join("-");
  requireHandlerName(nameParts.at(-1) as string, name);
  const sound = requireSerializable(`The handler ${name}`, handler, archivedPackages(options.packages ?? []));
  const states = [...ends[end]];
  // Not the function's name: an effect is the same one after the function was replaced.
  const handlerName = `${pulumi.getProject()}/${pulumi.getStack()}/${name}`;
  const traced = options.traced === true ? tracing(name, outputs) : undefined;
  const ownVariables: FunctionInputs<HandlerEnvironment> = {
    ENDPOINT_NAME: outputs.endpointName,
    JOB_TABLE_NAME: outputs.jobTableName,
    HANDLER_NAME: handlerName,
    ...traced?.variables,
  };
  requireEnvironment(name, options.environment ?? {}, {
    ENDPOINT_NAME: longestName,
    JOB_TABLE_NAME: longestName,
    HANDLER_NAME: handlerName,
    ...(traced && { TRACING_FUNCTION_ARN: longestArn }),
  });
  const lambda = new CallbackLambda(
    name,
    {
      factory: handlerFunction(states, handler, traced ? reportedRun : undefined),
      environment: { ...options.environment, ...ownVariables },
      deadLetterQueueArn: outputs.deadLetterQueueArn,
      statements: pulumi
        .all([
          [...handlerStatements(outputs, handlerName, end), ...(traced ? [traced.statement] : [])],
          keys ? [] : keysOf(outputs, readAndWrite),
          options.policyStatements ?? [],
        ])
        .apply((lists) => lists.flat()),
      ...(keys === undefined ? {} : { keyStatements: keyStatements({ ...keys, decryptKeyArns: undefined }) }),
      timeoutSeconds: options.timeoutSeconds ?? 60,
      memoryMb: options.memoryMb ?? 256,
      logRetentionDays: options.logRetentionDays ?? settings.logRetentionDays.default,
      packages: options.packages,
      kmsKeyArn: options.kmsKeyArn,
      network: options.network,
    },
    // Nothing of a handler that can't run is registered.
    { ...opts, dependsOn: sound.then<pulumi.Input<pulumi.Resource>[]>(() => (opts?.dependsOn ?? []) as pulumi.Resource[]) },
  );
  lambda.subscribeTo(name, outputs.jobsTopicArn, { state: states });
}

/**
 * What a traced handler has besides: the right to report its runs, and to whom.
 *
 * @throws pulumi.RunError when the service exports no spans
 */
function tracing(
  name: string,
  { tracingFunctionArn }: ServiceOutputs,
): { variables: FunctionInputs<TracedHandlerEnvironment>; statement: Statement } {
  const arn = pulumi.output(tracingFunctionArn).apply((known) => {
    if (known !== "") return known;
    throw new pulumi.RunError(
      `The handler ${name}: traced: got true, but its service has no traceEndpoint: set it there, or remove traced`,
    );
  });
  return {
    variables: { TRACING_FUNCTION_ARN: arn },
    statement: { sid: "ReportRuns", actions: ["lambda:InvokeFunction"], resources: [arn] },
  };
}
