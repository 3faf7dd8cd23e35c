import * as path from "node:path";
import type { Logs } from "../logs";
import type { RunningFunction } from "../faults/cloudFaults";
import type { CloudContext, CloudService, EventTargets, MetricDatum, MetricSink } from "../ports";
import { RoleLog } from "../roleLog";
import { lambdaApi } from "./api";
import { AsynchronousInvocations } from "./asynchronous";
import type { FunctionDefinition } from "./definition";
import { embeddedMetrics } from "./embeddedMetrics";
import { Environment, type Invocation, type Outcome } from "./environment";
import { EventSources } from "./eventSources";
import { Functions } from "./functions";
import { permissionPolicy } from "./permissions";
import { lambdaResources } from "./resources";

/** What Lambda needs of the other services. */
export interface LambdaDependencies {
  /** Takes AWS/Lambda's metrics and those of embedded metric format. */
  metrics: MetricSink;
  /** Where an on-success or on-failure destination leads that is a function. */
  targets: Pick<EventTargets, "invokeFunction">;
  logs: Pick<Logs, "append" | "hasGroup">;
  /** Where code comes from that lies in a bucket: an object's content. @throws ServiceError as S3 refuses */
  storedObject: (bucket: string, key: string) => Buffer;
  /** Seconds for which a queue hides what was received; undefined when there is no such queue. */
  visibilitySecondsOf: (queueArn: string) => number | undefined;
  /** Milliseconds by which the clock of a new environment of a function is ahead of the cloud's. @default 0 */
  skewOf?: (functionArn: string) => number;
}

/** The embedded cloud's Lambda. */
export type Lambda = CloudService &
  Pick<EventTargets, "invokeFunction"> & {
    definitions(): FunctionDefinition[];
    /** Invokes a function and waits for its answer. Throws ServiceError when there is no such function, or too many run. */
    invokeNow(functionArn: string, event: unknown): Promise<Outcome>;
    /** What functions with a role run at the moment. */
    running(roleArn: string): RunningFunction[];
    /** Updates a function with the settings and code that it has: a revision of its own, run in new environments. */
    redeploy(functionArn: string): void;
    /** Has every further invocation of a function start in a new environment. */
    renew(functionArn: string): void;
  };

/** AWS Lambda: functions from Pulumi archives and zips, run by Node processes of their own. */
export async function createLambda(
  context: CloudContext,
  { metrics, targets, logs, storedObject, visibilitySecondsOf, skewOf }: LambdaDependencies,
): Promise<Lambda> {
  const { clock } = context;
  // A folder that the user keeps serves the next cloud too; by itself this leaves nothing of the functions' code on the disk.
  const compileCacheDirectory = process.env["NODE_COMPILE_CACHE"] ?? path.join(context.workDirectory, "compile-cache");

  const measure = ({ name }: FunctionDefinition, values: Record<string, number>) => {
    const timestamp = clock.now();
    metrics.put(
      Object.entries(values).map(([metricName, value]): MetricDatum => {
        const unit = metricName === "Duration" ? "Milliseconds" : "Count";
        return { namespace: "AWS/Lambda", metricName, dimensions: { FunctionName: name }, value, unit, timestamp };
      }),
    );
  };

  const startEnvironment = (definition: FunctionDefinition) => {
    const { arn, roleArn, name, logGroup } = definition;
    const log = new RoleLog(context, logs, { roleArn, sessionName: name, group: logGroup, writer: arn });
    const write = (stream: string, line: string, at: number) => {
      // Metrics in a log that nobody may write are lost with it.
      if (!log.append(stream, line, at)) return;
      context.emit({ kind: "printed", functionName: name, line });
      const embedded = embeddedMetrics(line);
      if (embedded.length > 0) metrics.put(embedded);
    };
    return new Environment(definition, context, compileCacheDirectory, write, skewOf?.(arn));
  };

  const functions = await Functions.open(context, startEnvironment);

  const run = async (definition: FunctionDefinition, invocation: Invocation, immediate: boolean): Promise<Outcome> => {
    const { name: functionName } = definition;
    const { requestId } = invocation;
    const running = functions.pool(functionName).run(invocation, immediate);
    context.emit({ kind: "function", functionName, change: "started", requestId });
    const outcome = await running;
    measure(definition, { Invocations: 1, Errors: outcome.failed ? 1 : 0, Duration: outcome.durationMilliseconds });
    context.emit({
      kind: "function",
      functionName,
      change: outcome.failed ? "failed" : "succeeded",
      requestId,
      ...(outcome.failed ? { detail: outcome.payload } : {}),
    });
    return outcome;
  };

  const asynchronous = new AsynchronousInvocations({
    context,
    targets,
    find: (name) => (functions.has(name) ? functions.find(name) : undefined),
    settings: ({ name }) => functions.eventSettings(name),
    run: (definition, invocation) => run(definition, invocation, false),
    count: (definition, metricName) => measure(definition, { [metricName]: 1 }),
  });

  const eventSources = new EventSources({
    context,
    find: (name) => functions.find(name),
    visibilitySecondsOf,
    run: (definition, invocation) => run(definition, invocation, false),
  });

  const runNow = async (definition: FunctionDefinition, invocation: Invocation): Promise<Outcome> => {
    try {
      return await run(definition, invocation, true);
    } catch (error) {
      measure(definition, { Throttles: 1 });
      throw error;
    }
  };

  return {
    resources: lambdaResources(context, functions, eventSources),

    wire: {
      lambda: lambdaApi({
        functions,
        eventSources,
        storedObject,
        runNow,
        queue: (definition, invocation) => asynchronous.accept(definition, invocation),
      }),
    },

    invokeFunction: async (functionArn, event, source) => {
      const definition = functions.find(functionArn);
      if (source) context.access.requireService(source, { action: "lambda:InvokeFunction", resource: definition.arn });
      asynchronous.accept(definition, { requestId: crypto.randomUUID(), event: JSON.stringify(event) });
    },

    invokeNow: (functionArn, event) =>
      runNow(functions.find(functionArn), { requestId: crypto.randomUUID(), event: JSON.stringify(event) }),

    redeploy: (functionArn) => {
      functions.update(functionArn, {}).catch((error: unknown) => {
        context.emit({ kind: "warning", message: `${functionArn} was not redeployed: ${String(error)}` });
      });
    },
    renew: (functionArn) => functions.pool(functionArn).renew(),
    definitions: () => functions.all(),
    running: (roleArn) =>
      functions
        .all()
        .filter((definition) => definition.roleArn === roleArn)
        .flatMap(({ name }) =>
          functions
            .pool(name)
            .running()
            .map((environment) => ({
              functionName: name,
              event: environment.invocation?.event ?? "",
              kill: () => environment.kill(),
            })),
        ),
    factsOf: (arn) => {
      const name = /^arn:aws:lambda:[^:]*:\d*:function:([^:]+)$/.exec(arn)?.[1];
      return name !== undefined && functions.has(name) ? { policy: permissionPolicy(functions.permissions(name)) } : undefined;
    },

    resume: () => {
      asynchronous.resume();
      eventSources.resume();
    },
    close: async () => {
      asynchronous.close();
      await eventSources.close();
      await functions.close();
    },
  };
}
