import { createAutoscaling, type Autoscaling } from "../../local/autoscaling";
import { createCloudWatch, type CloudWatch } from "../../local/cloudwatch";
import { keepInMemory } from "../../local/kept";
import type { CloudContext, CloudEvent } from "../../local/ports";
import { ConnectionError, type Container, type StartContainer } from "../../local/sagemaker/container";
import type { EndpointDependencies } from "../../local/sagemaker/deployment";
import { Endpoint } from "../../local/sagemaker/endpoint";
import type { WireRequest } from "../../local/wire";
import { openAccess } from "../../doubles/access";
import { SimulatedClock } from "./clock";
import { create, type Declared } from "./declared";

/** What the service does not document, and what the hardware needs. */
export interface Conditions {
  /** Whether ApproximateBacklogSize counts running requests too: documents disagree. */
  backlogCountsInFlight: boolean;
  /** How late SageMaker's metrics can be read. */
  metricDelaySeconds: number;
  /** From the order of an instance to its first request; it is paid for. */
  startupSeconds: number;
  requestTtlSeconds: number;
  invocationTimeoutSeconds: number;
  maxConcurrentInvocationsPerInstance: number;
  /** Whether target tracking leaves zero. @default true, what is best for the usual snippet */
  trackingLeavesZero?: boolean;
  /** @default 1 */
  initialInstances?: number;
}

/** The conditions of the published figures. */
export const usualConditions: Conditions = {
  backlogCountsInFlight: false,
  metricDelaySeconds: 120,
  startupSeconds: 240,
  requestTtlSeconds: 21_600,
  invocationTimeoutSeconds: 3600,
  maxConcurrentInvocationsPerInstance: 1,
};

/** Names of the one endpoint. */
export const endpointName = "bench";
export const variantName = "AllTraffic";

/** When simulations begin: midnight of a Monday. */
export const startOfTime = Date.UTC(2026, 0, 5);
const minute = 60_000;
/** A container has so long to end after SIGTERM. */
const graceSeconds = 30;
const role = "arn:aws:iam::000000000000:role/bench";

/** The embedded cloud's own CloudWatch, Application Auto Scaling and endpoint, in virtual time. */
export interface Simulation {
  clock: SimulatedClock;
  conditions: Conditions;
  cloudWatch: CloudWatch;
  autoscaling: Autoscaling;
  endpoint: Endpoint;
  /** Seconds since the start, of now. */
  seconds(): number;
  /** Hands a request to the endpoint, whose model takes so long. */
  invoke(inferenceId: string, modelSeconds: number): void;
  /** Calls one operation of Application Auto Scaling as its clients do. */
  autoscalingCall(operation: string, input: unknown): Promise<unknown>;
  /** Calls `work` each minute, so many seconds past it. */
  eachMinute(secondsPast: number, work: () => void): void;
  on(listener: (event: CloudEvent) => void): void;
  runUntil(seconds: number): Promise<void>;
  close(): Promise<void>;
}

/** Brings an endpoint with one instance, and then the declared resources, into service: time 0. */
export async function simulate(conditions: Conditions, resources: readonly Declared[]): Promise<Simulation> {
  const clock = new SimulatedClock(startOfTime - conditions.startupSeconds * 1000 - minute);
  const listeners: ((event: CloudEvent) => void)[] = [];
  const context: CloudContext = {
    clock,
    region: "us-east-1",
    accountId: "000000000000",
    endpointUrl: "",
    workDirectory: "",
    keeper: keepInMemory(),
    credentialsFor: () => ({ accessKeyId: "", secretAccessKey: "" }),
    access: openAccess,
    emit: (event) => {
      for (const tell of listeners) tell(event);
    },
  };
  const cloudWatch = await createCloudWatch(context, {
    targets: {
      executePolicy: (...policy) => autoscaling.executePolicy(...policy),
      publish: () => Promise.resolve(),
      invokeFunction: () => Promise.resolve(),
    },
    metricDelaySeconds: conditions.metricDelaySeconds,
  });
  const endpoint = new Endpoint(endpointName, deployment(conditions), {
    context,
    metrics: cloudWatch,
    alarms: cloudWatch.watch,
    // Objects and notifications take no time and are read by nobody.
    clients: { as: () => ({ s3: { send: () => Promise.resolve({}) } }) } as unknown as EndpointDependencies["clients"],
    startContainer,
    logs: { append: () => undefined, hasGroup: () => true },
    backlogCountsInFlight: conditions.backlogCountsInFlight,
    soldOut: new Set(),
    failureObjectWithoutInput: false,
    storedObject: () => undefined,
    servingOf: (_image, ofProgram) => ofProgram,
  });
  const autoscaling = await createAutoscaling(context, {
    endpoints: {
      variant: () => ({
        endpointStatus: endpoint.status,
        currentInstanceCount: endpoint.currentInstanceCount,
        desiredInstanceCount: endpoint.desiredInstanceCount,
        instanceType: endpoint.deployment.variant.InstanceType,
      }),
      setDesiredInstanceCount: (_endpoint, _variant, count, cause) => endpoint.scale(count, cause),
    },
    alarms: cloudWatch,
    trackingLeavesZero: conditions.trackingLeavesZero ?? true,
  });

  const simulation: Simulation = {
    clock,
    conditions,
    cloudWatch,
    autoscaling,
    endpoint,
    seconds: () => (clock.now() - startOfTime) / 1000,
    invoke: (inferenceId, modelSeconds) => {
      const { requestTtlSeconds, invocationTimeoutSeconds } = conditions;
      endpoint.accept({
        inferenceId,
        endpointName,
        receivedAt: clock.now(),
        inlinePayload: Buffer.from(String(modelSeconds)),
        outputLocation: `s3://bench/${inferenceId}`,
        requestTtlSeconds,
        invocationTimeoutSeconds,
        config: endpoint.deployment.config as NonNullable<Endpoint["deployment"]["config"]>,
      });
    },
    autoscalingCall: async (operation, input) => {
      const request: WireRequest = {
        method: "POST",
        path: "/",
        query: new URLSearchParams(),
        headers: { "x-amz-target": `AnyScaleFrontendService.${operation}` },
        body: Buffer.from(JSON.stringify(input)),
      };
      const answer = await autoscaling.wire?.["application-autoscaling"]?.(request);
      return JSON.parse(String(answer?.body)) as unknown;
    },
    eachMinute: (secondsPast, work) => {
      const offset = secondsPast * 1000;
      const next = () => {
        clock.setTimeout(
          () => {
            next();
            work();
          },
          minute - ((((clock.now() - offset) % minute) + minute) % minute),
        );
      };
      next();
    },
    on: (listener) => void listeners.push(listener),
    runUntil: (seconds) => clock.runUntil(startOfTime + seconds * 1000),
    close: async () => {
      await autoscaling.close();
      await cloudWatch.close();
      await endpoint.leave();
      clock.close();
    },
  };
  simulation.eachMinute(0, () => endpoint.publishGauges());
  const started = endpoint.start();
  await clock.runUntil(startOfTime - minute / 2);
  await started;
  await create(resources, { ...cloudWatch.resources, ...autoscaling.resources });
  await clock.runUntil(startOfTime);
  return simulation;
}

function deployment({ startupSeconds, maxConcurrentInvocationsPerInstance, initialInstances = 1 }: Conditions): Endpoint["deployment"] {
  return {
    configName: "bench",
    variant: { VariantName: variantName, ModelName: "bench", InstanceType: "ml.g5.2xlarge", InitialInstanceCount: initialInstances },
    config: {
      ClientConfig: { MaxConcurrentInvocationsPerInstance: maxConcurrentInvocationsPerInstance },
      OutputConfig: { S3OutputPath: "s3://bench" },
    },
    roleArn: role,
    environment: {},
    serving: { command: "bench", directory: "", instanceStartupSeconds: startupSeconds },
  };
}

/** A model that takes as many seconds as its request says, and is killed with its instance. */
const startContainer: StartContainer = ({ clock }) => {
  const broken = new AbortController();
  let running = 0;
  let idle: (() => void) | undefined;
  let tellExited: (reason: string) => void = () => undefined;
  const exited = new Promise<string>((resolve) => (tellExited = resolve));
  const container: Container = {
    exited,
    invoke: ({ body }, signal) =>
      new Promise((resolve, reject) => {
        running += 1;
        const end = (settle: () => void) => {
          running -= 1;
          clock.clearTimeout(timer);
          broken.signal.removeEventListener("abort", breakOff);
          signal.removeEventListener("abort", breakOff);
          settle();
          if (running === 0) idle?.();
        };
        const breakOff = () => end(() => reject(new ConnectionError("the instance was taken away")));
        const timer = clock.setTimeout(() => end(() => resolve({ status: 200, body: Buffer.alloc(0) })), Number(body.toString()) * 1000);
        broken.signal.addEventListener("abort", breakOff);
        signal.addEventListener("abort", breakOff);
      }),
    stop: async () => {
      if (running > 0) {
        // What ends within the grace period has ended well.
        await new Promise<void>((resolve) => {
          idle = resolve;
          clock.setTimeout(resolve, graceSeconds * 1000);
        });
      }
      return container.kill();
    },
    kill: () => {
      broken.abort();
      tellExited("was stopped");
      return Promise.resolve();
    },
  };
  return Promise.resolve(container);
};
