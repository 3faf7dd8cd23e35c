import type { Logs } from "../logs";
import type { Network } from "../network";
import type { CloudContext, MetricSink } from "../ports";
import type { StartContainer } from "./container";
import type { Journal } from "./journal";
import type { RoleClients } from "./roleClients";
import type { AlarmWatch } from "./rollout";
import type { AsyncInferenceConfig, DeploymentConfig, ProductionVariant } from "./shapes";

/** What the model needs to be served on this machine. */
export interface Serving {
  /** Setting `local:modelCommand` of the program that registered the model. */
  command?: string;
  directory: string;
  /** Setting `local:instanceStartupSeconds`. */
  instanceStartupSeconds: number;
}

/** Everything that one deployment of an endpoint runs with: its configuration and model as they are now. */
export interface Deployment {
  configName: string;
  variant: ProductionVariant;
  /** Undefined for a real-time endpoint. */
  config?: AsyncInferenceConfig;
  roleArn: string;
  image?: string | undefined;
  modelDataUrl?: string | undefined;
  /** Undefined: SageMaker's own network. */
  network?: Network | undefined;
  /** Key of the instances' volumes. */
  volumeKeyArn?: string | undefined;
  environment: Readonly<Record<string, string>>;
  /** Undefined for a model that no program registered. */
  serving?: Serving;
  /** As CreateEndpoint or UpdateEndpoint was given it. */
  policy?: DeploymentConfig | undefined;
}

/** What all endpoints of one cloud share. */
export interface EndpointDependencies {
  context: CloudContext;
  metrics: MetricSink;
  clients: RoleClients;
  startContainer: StartContainer;
  /** Takes what containers print, and the data log. */
  logs: Pick<Logs, "append" | "hasGroup">;
  backlogCountsInFlight: boolean;
  /** Instance types of which no further instance is available. */
  soldOut: ReadonlySet<string>;
  failureObjectWithoutInput: boolean;
  /** @see ExecutionDependencies */
  storedObject(bucket: string, key: string): Buffer | undefined;
  /** The alarms that roll releases back. */
  alarms: AlarmWatch;
  /** What serves a model, by its image and what the program says that registered it, if one did; undefined when nothing does. */
  servingOf(image: string | undefined, ofProgram: Serving | undefined): Serving | undefined;
  /** Shared by all endpoints. @default one of its own */
  journal?: Journal;
}

const defaultMaxConcurrentInvocations = 4;

/** How many requests one instance takes at a time. */
export function slotsOf({ config }: Deployment): number {
  return config?.ClientConfig?.MaxConcurrentInvocationsPerInstance ?? defaultMaxConcurrentInvocations;
}

/** Why no container can be started for a model. */
export function noCommand(modelName: string, serving: Serving | undefined): string {
  return serving
    ? `Nothing can serve the model ${modelName} on this machine: set the setting local:modelCommand in the stack file to the command line ` +
        "that serves it, such as `python serve.py`; it gets the port to listen on in PORT."
    : `Nothing can serve the model ${modelName} on this machine: it was made with CreateModel. ` +
        "Start the embedded cloud with --model-command and the command line that serves it.";
}
