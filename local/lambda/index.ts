import * as path from "node:path";
import type { Logs } from "../logs";
import type { RunningFunction } from "../faults/cloudFaults";
import type { CloudContext, CloudService, EventTargets, MetricDatum, MetricSink } from "../ports";
import { RoleLog } from "../roleLog";
import { ServiceError } from "../wire";
import { lambdaApi } from "./api";
import { AsynchronousInvocations } from "./asynchronous";
import { defaultEventInvokeSettings, type EventInvokeSettings, type FunctionDefinition, type InvokePermission } from "./definition";
import { embeddedMetrics } from "./embeddedMetrics";
import { Environment, type Invocation, type Outcome } from "./environment";
import { EnvironmentPool } from "./pool";
import { permissionPolicy } from "./permissions";
import { lambdaResources } from "./resources";

/** What Lambda needs of the other services. */
export interface LambdaDependencies {
  /** Takes AWS/Lambda's metrics and those of embedded metric format. */
  metrics: MetricSink;
  /** Where an on-success or on-failure destination leads that is a function. */
  targets: Pick<EventTargets, "invokeFunction">;
  logs: Pick<Logs, "append" | "hasGroup">;
  /** Milliseconds by which the clock of a new environment of a function is ahead of the cloud's. @default 0 */
  skewOf?: (functionArn: string) => number;
}

/** The embedded cloud's Lambda. */
export type Lambda = CloudService &
  Pick<EventTargets, "invokeFunction"> & {
    definitions(): FunctionDefinition[];
    /** What functions with a role run at the moment. */
    running(roleArn: string): RunningFunction[];
    /** Has every further invocation of a function start in a new environment. */
    renew(functionArn: string): void;
  };

interface DeployedFunction {
  definition: FunctionDefinition;
  pool: EnvironmentPool;
  eventInvoke: EventInvokeSettings;
  permissions: InvokePermission[];
}

const functionNamePattern = /^(?:(?:arn:aws[a-z-]*:lambda:[a-z0-9-]+:)?\d{12}:function:)?([a-zA-Z0-9-_]+)(?::(.+))?$/;

/** AWS Lambda: functions from Pulumi archives, run by Node processes of their own. */
export async function createLambda(context: CloudContext, { metrics, targets, logs, skewOf }: LambdaDependencies): Promise<Lambda> {
  const { clock, region, accountId } = context;
  // A folder that the user keeps serves the next cloud too; by itself this leaves nothing of the functions' code on the disk.
  const compileCacheDirectory = process.env["NODE_COMPILE_CACHE"] ?? path.join(context.workDirectory, "compile-cache");
  const functions = new Map<string, DeployedFunction>();

  const deployed = (nameOrArn: string, qualifier?: string): DeployedFunction => {
    const [, name = nameOrArn, inName] = functionNamePattern.exec(nameOrArn) ?? [];
    const version = qualifier ?? inName;
    const found = functions.get(name);
    if (found && (version === undefined || version === "$LATEST")) return found;
    const arn = `arn:aws:lambda:${region}:${accountId}:function:${name}${version === undefined ? "" : `:${version}`}`;
    throw new ServiceError("ResourceNotFoundException", `Function not found: ${arn}`, 404);
  };

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

  const run = async (definition: FunctionDefinition, invocation: Invocation, immediate: boolean): Promise<Outcome> => {
    const { name: functionName } = definition;
    const { requestId } = invocation;
    const running = deployed(functionName).pool.run(invocation, immediate);
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
    settings: ({ name }) => deployed(name).eventInvoke,
    run: (definition, invocation) => run(definition, invocation, false),
    count: (definition, metricName) => measure(definition, { [metricName]: 1 }),
  });

  return {
    resources: lambdaResources(context, {
      find: (nameOrArn) => deployed(nameOrArn).definition,
      add: (definition) => {
        if (functions.has(definition.name)) {
          throw new ServiceError("ResourceConflictException", `Function already exist: ${definition.name}`, 409);
        }
        const own: DeployedFunction = {
          definition,
          pool: new EnvironmentPool(
            () => own.definition.reservedConcurrency,
            () => startEnvironment(own.definition),
          ),
          eventInvoke: defaultEventInvokeSettings,
          permissions: [],
        };
        functions.set(definition.name, own);
      },
      replace: (definition) => {
        const own = deployed(definition.name);
        own.definition = definition;
        own.pool.renew();
      },
      permit: (permission) => deployed(permission.functionArn).permissions.push(permission),
      configureEvents: ({ name }, settings) => {
        deployed(name).eventInvoke = settings;
      },
    }),

    wire: {
      lambda: (request) =>
        lambdaApi(request, {
          find: (nameOrArn, qualifier) => deployed(nameOrArn, qualifier).definition,
          list: () => [...functions.values()].map(({ definition }) => definition).sort((a, b) => (a.name < b.name ? -1 : 1)),
          runNow: async (definition, invocation) => {
            try {
              return await run(definition, invocation, true);
            } catch (error) {
              measure(definition, { Throttles: 1 });
              throw error;
            }
          },
          queue: (definition, invocation) => asynchronous.accept(definition, invocation),
          forbid: ({ name }, statementId) => {
            const { permissions } = deployed(name);
            const index = permissions.findIndex((permission) => permission.statementId === statementId);
            if (index >= 0) permissions.splice(index, 1);
            else throw new ServiceError("ResourceNotFoundException", `Statement ${statementId} is not found in resource policy.`, 404);
          },
        }),
    },

    invokeFunction: async (functionArn, event, source) => {
      const { definition } = deployed(functionArn);
      if (source) context.access.requireService(source, { action: "lambda:InvokeFunction", resource: definition.arn });
      asynchronous.accept(definition, { requestId: crypto.randomUUID(), event: JSON.stringify(event) });
    },

    renew: (functionArn) => deployed(functionArn).pool.renew(),
    definitions: () => [...functions.values()].map(({ definition }) => definition),
    running: (roleArn) =>
      [...functions.values()]
        .filter(({ definition }) => definition.roleArn === roleArn)
        .flatMap(({ definition, pool }) =>
          pool.running().map((environment) => ({
            functionName: definition.name,
            event: environment.invocation?.event ?? "",
            kill: () => environment.kill(),
          })),
        ),
    factsOf: (arn) => {
      const found = /^arn:aws:lambda:[^:]*:\d*:function:([^:]+)$/.exec(arn)?.[1];
      const known = found === undefined ? undefined : functions.get(found);
      return known && { policy: permissionPolicy(known.permissions) };
    },

    close: async () => {
      asynchronous.close();
      await Promise.all([...functions.values()].map(({ pool }) => pool.close()));
    },
  };
}
