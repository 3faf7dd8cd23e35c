import { partitionOf } from "../../core/partition";
import type { Kept } from "../kept";
import type { CloudContext, ScalableTargets } from "../ports";
import { ServiceError } from "../wire";
import { checkEndpointConfig, checkModel } from "./configRules";
import { requireAssumable } from "./executionRole";
import type { Deployment, EndpointDependencies, Serving } from "./deployment";
import { Endpoint, type KeptEndpoint } from "./endpoint";
import { unfit } from "./rollout";
import type { CreateEndpointConfigInput, CreateEndpointInput, CreateModelInput, ProductionVariant, UpdateEndpointInput } from "./shapes";

/** A model as it was made. */
export interface Model {
  arn: string;
  createdAt: number;
  input: CreateModelInput;
  /** Undefined for a model that no program registered. */
  serving?: Serving;
  tags: Tags;
}

/** An endpoint configuration as it was made. */
export interface EndpointConfig {
  arn: string;
  createdAt: number;
  input: CreateEndpointConfigInput;
  tags: Tags;
}

/** By key. */
export type Tags = Record<string, string>;

type Kind = "model" | "endpoint-config" | "endpoint";

/** Models, endpoint configurations and endpoints of one cloud: SageMaker's rules, the same for the wire and for Pulumi resources. */
export class ControlPlane {
  readonly models: Kept<Model>;
  readonly configs: Kept<EndpointConfig>;
  readonly endpoints = new Map<string, Endpoint>();

  constructor(
    private readonly context: CloudContext,
    private readonly scalableTargets: ScalableTargets,
    private readonly dependencies: EndpointDependencies,
    private readonly onEndpointDeleted: (endpointName: string) => void,
  ) {
    this.models = context.keeper.map("sagemaker.models");
    this.configs = context.keeper.map("sagemaker.endpointConfigs");
    for (const [name, kept] of context.keeper.map<KeptEndpoint>("sagemaker.endpoints").entries()) {
      this.endpoints.set(name, new Endpoint(name, kept.deployment, dependencies, kept));
    }
  }

  /** Goes on with the endpoints that another process had. */
  resume(): void {
    for (const [name, endpoint] of this.endpoints) {
      // Their status tells whoever asks.
      if (endpoint.status === "Deleting") void this.remove(endpoint);
      else endpoint.resume().catch((error: unknown) => this.context.emit({ kind: "warning", message: `${name}: ${String(error)}` }));
    }
  }

  arn(kind: Kind, name: string): string {
    const { region, accountId } = this.context;
    const partition = partitionOf(region);
    return `arn:${partition}:sagemaker:${region}:${accountId}:${kind}/${name.toLowerCase()}`;
  }

  createModel(input: CreateModelInput, serving?: Serving): Model {
    this.requireNew("model", this.models, input.ModelName);
    checkModel(input);
    const arn = this.arn("model", input.ModelName);
    requireAssumable(this.context, input.ExecutionRoleArn, arn);
    const model = {
      arn,
      createdAt: this.context.clock.now(),
      input,
      ...(serving && { serving }),
      tags: tagsOf(input),
    };
    this.models.set(input.ModelName, model);
    return model;
  }

  createEndpointConfig(input: CreateEndpointConfigInput): EndpointConfig {
    this.requireNew("endpoint-config", this.configs, input.EndpointConfigName);
    checkEndpointConfig(input);
    for (const { ModelName } of input.ProductionVariants) this.get("model", this.models, ModelName);
    const config = {
      arn: this.arn("endpoint-config", input.EndpointConfigName),
      createdAt: this.context.clock.now(),
      input,
      tags: tagsOf(input),
    };
    this.configs.set(input.EndpointConfigName, config);
    return config;
  }

  /** Makes the endpoint at once; `started` settles when it is InService or Failed. */
  createEndpoint(input: CreateEndpointInput): { endpoint: Endpoint; started: Promise<void> } {
    const { EndpointName, EndpointConfigName, DeploymentConfig } = input;
    this.requireNew("endpoint", this.endpoints, EndpointName);
    const deployment = this.deploymentOf(EndpointConfigName, DeploymentConfig);
    const endpoint = new Endpoint(EndpointName, deployment, this.dependencies, { tags: tagsOf(input) });
    this.endpoints.set(EndpointName, endpoint);
    return { endpoint, started: endpoint.start() };
  }

  /** @returns settles when the new fleet has taken over and the old one ended, or when the update was rolled back */
  updateEndpoint(input: UpdateEndpointInput): { endpoint: Endpoint; updated: Promise<void> } {
    const { EndpointName, EndpointConfigName, RetainAllVariantProperties, RetainDeploymentConfig } = input;
    const endpoint = this.endpoint(EndpointName);
    if (endpoint.status !== "InService") {
      throw new ServiceError("ValidationException", `Cannot update in-progress endpoint "${this.arn("endpoint", EndpointName)}".`);
    }
    const policy = RetainDeploymentConfig ? endpoint.deployment.policy : input.DeploymentConfig;
    const deployment = this.deploymentOf(EndpointConfigName, policy);
    if (deployment.configName === endpoint.deployment.configName) {
      throw new ServiceError(
        "ValidationException",
        `Cannot update endpoint "${this.arn("endpoint", EndpointName)}": it already has the endpoint configuration ${EndpointConfigName}.`,
      );
    }
    this.requireDeregistered(EndpointName, endpoint.deployment.variant, deployment.variant);
    const instanceCount = RetainAllVariantProperties ? endpoint.desiredInstanceCount : deployment.variant.InitialInstanceCount;
    const problem = unfit(policy ?? {}, instanceCount);
    if (problem !== undefined) throw new ServiceError("ValidationException", problem);
    return { endpoint, updated: endpoint.update(deployment, instanceCount) };
  }

  deleteModel(name: string): void {
    this.get("model", this.models, name);
    this.models.delete(name);
  }

  deleteEndpointConfig(name: string): void {
    const config = this.get("endpoint-config", this.configs, name);
    for (const endpoint of this.endpoints.values()) {
      if (endpoint.deployment.configName !== name && endpoint.pending?.deployment.configName !== name) continue;
      throw new ServiceError(
        "ValidationException",
        `Cannot delete endpoint configuration "${config.arn}" because it is in use by endpoint "${this.arn("endpoint", endpoint.name)}".`,
      );
    }
    this.configs.delete(name);
  }

  /** Ends the instances as a scale-in does; the endpoint is gone when they have ended. What waits is lost. */
  deleteEndpoint(name: string): { deleted: Promise<void> } {
    const endpoint = this.endpoint(name);
    if (["Creating", "Updating", "RollingBack"].includes(endpoint.status)) {
      throw new ServiceError("ValidationException", `Cannot delete in-progress endpoint "${this.arn("endpoint", name)}".`);
    }
    return { deleted: this.remove(endpoint) };
  }

  private remove(endpoint: Endpoint): Promise<void> {
    return endpoint.delete().then(() => {
      this.endpoints.delete(endpoint.name);
      try {
        this.onEndpointDeleted(endpoint.name);
      } catch (error) {
        // The endpoint is gone all the same.
        this.context.emit({ kind: "warning", message: `${endpoint.name}: ${(error as Error).message}` });
      }
    });
  }

  /** Tags of what has this ARN. @throws ServiceError when there is nothing */
  tags(arn: string): Tags {
    return this.tagged(arn).tags;
  }

  /** AddTags and DeleteTags. */
  changeTags(arn: string, { put, remove = [] }: { put?: Tags; remove?: readonly string[] }): void {
    const { tags, set } = this.tagged(arn);
    const all = { ...Object.fromEntries(Object.entries(tags).filter(([key]) => !remove.includes(key))), ...put };
    if (Object.keys(all).length > mostTags) {
      throw new ServiceError("ResourceLimitExceeded", `The resource ${arn} can have at most ${mostTags} tags.`);
    }
    set(all);
  }

  private tagged(arn: string): { tags: Tags; set: (tags: Tags) => void } {
    for (const kept of [this.models, this.configs] as Kept<Model | EndpointConfig>[]) {
      const found = [...kept.entries()].find(([, value]) => value.arn === arn);
      if (found) return { tags: found[1].tags, set: (tags) => kept.set(found[0], { ...found[1], tags }) };
    }
    const endpoint = [...this.endpoints.values()].find(({ name }) => this.arn("endpoint", name) === arn);
    if (endpoint) return { tags: endpoint.tags, set: (tags) => endpoint.setTags(tags) };
    const kind = Object.entries(words).find(([name]) => arn.split(":")[5]?.split("/")[0] === name)?.[1] ?? "resource";
    throw new ServiceError("ValidationException", `Could not find ${kind} "${arn}".`);
  }

  /** @throws ServiceError in the service's words when there is none */
  endpoint(name: string): Endpoint {
    return this.get("endpoint", this.endpoints, name);
  }

  model(name: string): Model {
    return this.get("model", this.models, name);
  }

  config(name: string): EndpointConfig {
    return this.get("endpoint-config", this.configs, name);
  }

  private deploymentOf(configName: string, policy: CreateEndpointInput["DeploymentConfig"]): Deployment {
    const missing = policy?.AutoRollbackConfiguration?.Alarms.find(({ AlarmName }) => !this.dependencies.alarms.exists(AlarmName));
    if (missing) throw new ServiceError("ValidationException", `Alarm(s) "${missing.AlarmName}" do not exist.`);
    const { input } = this.config(configName);
    const variant = input.ProductionVariants[0] as ProductionVariant;
    const { input: model, serving } = this.model(variant.ModelName);
    return {
      configName,
      variant,
      ...(input.AsyncInferenceConfig && { config: input.AsyncInferenceConfig }),
      roleArn: input.ExecutionRoleArn ?? model.ExecutionRoleArn,
      image: model.PrimaryContainer?.Image,
      modelDataUrl: model.PrimaryContainer?.ModelDataUrl ?? model.PrimaryContainer?.ModelDataSource?.S3DataSource.S3Uri,
      network: model.VpcConfig && { subnetIds: model.VpcConfig.Subnets, securityGroupIds: model.VpcConfig.SecurityGroupIds },
      volumeKeyArn: input.KmsKeyId,
      environment: model.PrimaryContainer?.Environment ?? {},
      ...(serving && { serving }),
      policy,
    };
  }

  private requireDeregistered(endpointName: string, from: ProductionVariant, to: ProductionVariant): void {
    if (!this.scalableTargets.isRegistered(endpointName, from.VariantName)) return;
    if (from.VariantName === to.VariantName && from.InstanceType === to.InstanceType) return;
    throw new ServiceError(
      "ValidationException",
      `The variant(s) "[${from.VariantName}]" must be deregistered as scalable targets with AWS Auto Scaling ` +
        "before they can be removed or have their instance type updated.",
    );
  }

  private requireNew(kind: Kind, known: Pick<Kept<unknown>, "has">, name: string): void {
    if (!known.has(name)) return;
    throw new ServiceError("ValidationException", `Cannot create already existing ${words[kind]} "${this.arn(kind, name)}".`);
  }

  private get<T>(kind: Kind, known: Pick<Kept<T>, "get">, name: string): T {
    const found = known.get(name);
    if (found !== undefined) return found;
    throw new ServiceError("ValidationException", `Could not find ${words[kind]} "${this.arn(kind, name)}".`);
  }
}

/** Tags of one resource. */
const mostTags = 50;

function tagsOf({ Tags = [] }: { Tags?: readonly { Key: string; Value: string }[] | undefined }): Tags {
  return Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
}

const words: Record<Kind, string> = { model: "model", "endpoint-config": "endpoint configuration", endpoint: "endpoint" };
