import type { Timer } from "../clock";
import type { Logs } from "../logs";
import type { CloudContext, CloudService, MetricSink, ScalableEndpoints, ScalableTargets } from "../ports";
import { startProcess, type StartContainer } from "./container";
import { ControlPlane } from "./controlPlane";
import { controlWire } from "./controlWire";
import type { EndpointDependencies } from "./deployment";
import { Journal } from "./journal";
import { invokeEndpointAsync, isRuntimeCall } from "./invoke";
import { invokeEndpoint, isRealTimeCall } from "./realTime";
import { sagemakerResources } from "./resources";
import type { AlarmWatch } from "./rollout";
import { RoleClients } from "./roleClients";

/** What the embedded SageMaker needs, and what can be decided about it. */
export interface SageMakerOptions {
  metrics: MetricSink;
  scalableTargets: ScalableTargets;
  /** Takes what containers print (stream `<variant>/<instance>`) and what the service says of failures (`…/data-log`). @default dropped */
  logs?: Pick<Logs, "append" | "hasGroup">;
  /** Called when an endpoint is gone: the service deregisters its scalable target silently. @default nothing */
  onEndpointDeleted?(endpointName: string): void;
  /** Instance types of which no further instance is available now. @default none */
  soldOut?: ReadonlySet<string>;
  /** How a container is started. @default a child process that runs the program's `local:modelCommand` */
  startContainer?: StartContainer;
  /**
   * Whether ApproximateBacklogSize counts running requests too. The documents disagree: an older guide says so,
   * field reports (running jobs killed by a scale-in) say not. @default false
   */
  backlogCountsInFlight?: boolean;
  /** The bytes of an object as S3 keeps them, so that large inputs need not be sent to it. @default all are read through S3's wire */
  storedObject?: (bucket: string, key: string) => Buffer | undefined;
  /** What serves models that no program registered. @default nothing */
  modelCommands?: ModelCommands;
  /** The alarms that roll releases back. @default none exists */
  alarms?: AlarmWatch;
  /** Whether an input that can't be read leaves an object at the failure path: not documented. @default false */
  failureObjectWithoutInput?: boolean;
}

/** What serves models that no program registered, or all. */
export interface ModelCommands {
  /** Folder that commands run in. */
  directory: string;
  /** Of every image that has none of its own. @default none */
  command?: string;
  /**
   * By the image of the model: as CreateModel names it, or, for one of this account's registry, as the setting `image` may name it, such
   * as `ocr:1`. @default none
   */
  byImage?: Readonly<Record<string, string>>;
  /** Whether they serve what a program registered too, in the place of its `local:modelCommand`. @default false */
  overPrograms?: boolean;
}

/** How long an instance of such a model takes to start, besides its container. */
const defaultInstanceStartupSeconds = 1;

const gaugeIntervalMilliseconds = 60_000;

/**
 * The embedded cloud's SageMaker: asynchronous and real-time endpoints whose instances are processes on this machine.
 *
 * Its runtime and its control plane are one service to SigV4, `sagemaker`. Serverless and batch inference are refused.
 */
export async function createSageMaker(
  context: CloudContext,
  options: SageMakerOptions,
): Promise<
  CloudService & {
    endpoints: ScalableEndpoints;
    redeploy(endpointName: string): void;
    renewModels(directory: string, command: string): boolean;
  }
> {
  const { clock, accountId } = context;
  const clients = new RoleClients(context);
  const shared = {
    context,
    clients,
    metrics: options.metrics,
    startContainer: options.startContainer ?? startProcess,
    logs: options.logs ?? { append: () => undefined, hasGroup: () => true },
    soldOut: options.soldOut ?? new Set<string>(),
    backlogCountsInFlight: options.backlogCountsInFlight ?? false,
    failureObjectWithoutInput: options.failureObjectWithoutInput ?? false,
    storedObject: options.storedObject ?? (() => undefined),
    alarms: options.alarms ?? { exists: () => false, inAlarm: async () => undefined },
    servingOf: servingBy(options.modelCommands, context),
    journal: new Journal(context.keeper),
  };
  const plane = new ControlPlane(context, options.scalableTargets, shared, (endpointName) => options.onEndpointDeleted?.(endpointName));
  const control = controlWire(plane);

  let redeployed = 0;
  let gauges: Timer;
  const scheduleGauges = () => {
    gauges = clock.setTimeout(
      () => {
        for (const endpoint of plane.endpoints.values()) endpoint.publishGauges();
        scheduleGauges();
      },
      gaugeIntervalMilliseconds - (clock.now() % gaugeIntervalMilliseconds),
    );
  };
  scheduleGauges();

  /** Undefined also while the endpoint is being made, and when that failed. */
  const find = (endpointName: string) => {
    const endpoint = plane.endpoints.get(endpointName);
    if (!endpoint || !["InService", "Updating", "RollingBack"].includes(endpoint.status)) return undefined;
    const { config, variant } = endpoint.deployment;
    return {
      ...(config && { config }),
      isAsynchronous: config !== undefined,
      variantName: variant.VariantName,
      enqueue: endpoint.accept.bind(endpoint),
      invoke: endpoint.invoke.bind(endpoint),
    };
  };

  return {
    wire: {
      sagemaker: async (request) => {
        if (isRealTimeCall(request)) return invokeEndpoint(request, { accountId, find });
        return isRuntimeCall(request.path) ? invokeEndpointAsync(request, { accountId, now: clock.now(), find }) : control(request);
      },
    },
    ...sagemakerResources(context, plane),
    factsOf: (arn) => {
      const endpoint = [...plane.endpoints.values()].find(({ name }) => plane.arn("endpoint", name) === arn);
      return endpoint && { endpointConfigArn: plane.arn("endpoint-config", endpoint.deployment.configName) };
    },
    endpoints: {
      variant: (endpointName, variantName) => {
        const endpoint = plane.endpoints.get(endpointName);
        if (!endpoint || endpoint.deployment.variant.VariantName !== variantName) return undefined;
        const { status, currentInstanceCount, desiredInstanceCount, deployment } = endpoint;
        return { endpointStatus: status, currentInstanceCount, desiredInstanceCount, instanceType: deployment.variant.InstanceType };
      },
      setDesiredInstanceCount: (endpointName, _variantName, count, cause) => plane.endpoint(endpointName).scale(count, cause),
    },
    // The same configuration under another name: what a deployment makes of one whose settings changed.
    redeploy: (endpointName) => {
      const { configName } = plane.endpoint(endpointName).deployment;
      const config = plane.configs.get(configName);
      if (!config) return;
      const EndpointConfigName = `redeployed-${++redeployed}`;
      plane.createEndpointConfig({ ...config.input, EndpointConfigName });
      // A program's own configuration stays: its next deployment asks for it.
      const deleteFormer = () => configName.startsWith("redeployed-") && plane.deleteEndpointConfig(configName);
      plane
        .updateEndpoint({ EndpointName: endpointName, EndpointConfigName })
        .updated.then(deleteFormer)
        .catch((error: unknown) => {
          context.emit({ kind: "warning", message: `${endpointName} was not redeployed: ${String(error)}` });
        });
    },
    renewModels: (directory, command) => [...plane.endpoints.values()].filter((endpoint) => endpoint.renew(directory, command)).length > 0,
    resume: () => plane.resume(),
    close: async () => {
      clock.clearTimeout(gauges);
      await Promise.all([...plane.endpoints.values()].map((endpoint) => endpoint.leave()));
      clients.close();
    },
  };
}

function servingBy(commands: ModelCommands | undefined, { accountId, region }: CloudContext): EndpointDependencies["servingOf"] {
  const registry = `${accountId}.dkr.ecr.${region}.amazonaws.com/`;
  const ofImage = (image: string) =>
    commands?.byImage?.[image] ?? (image.startsWith(registry) ? commands?.byImage?.[image.slice(registry.length)] : undefined);
  return (image, ofProgram) => {
    const command = (image === undefined ? undefined : ofImage(image)) ?? commands?.command;
    if (commands === undefined || command === undefined || (ofProgram && commands.overPrograms !== true)) return ofProgram;
    return { instanceStartupSeconds: defaultInstanceStartupSeconds, ...ofProgram, command, directory: commands.directory };
  };
}
