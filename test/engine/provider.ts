/**
 * Stands in for the AWS provider under the real Pulumi engine: resources are made on an embedded cloud, and what changes or goes
 * goes through the services' own APIs, which refuse what AWS refuses. Prints the port that PULUMI_DEBUG_PROVIDERS takes.
 */
import {
  ApplicationAutoScalingClient,
  DeleteScalingPolicyCommand,
  DeregisterScalableTargetCommand,
  RegisterScalableTargetCommand,
  type ScalableDimension,
  type ServiceNamespace,
} from "@aws-sdk/client-application-auto-scaling";
import {
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DescribeEndpointCommand,
  SageMakerClient,
  UpdateEndpointCommand,
  waitUntilEndpointDeleted,
  waitUntilEndpointInService,
} from "@aws-sdk/client-sagemaker";
import * as provider from "@pulumi/pulumi/provider";
import { isDeepStrictEqual } from "node:util";
import { EmbeddedCloud } from "../../local/embeddedCloud";
import { root, testModel } from "../support/service";

type Properties = Record<string, unknown>;

/** Properties whose change is a replacement, by type: what pulumi's schema of the AWS provider marks so, of what the program sets. */
const replacedBy: Record<string, readonly string[]> = {
  "aws:sagemaker/model:Model": ["primaryContainer", "executionRoleArn", "vpcConfig"],
  "aws:sagemaker/endpointConfiguration:EndpointConfiguration": ["productionVariants", "asyncInferenceConfig", "kmsKeyArn"],
  "aws:appautoscaling/target:Target": ["resourceId", "serviceNamespace", "scalableDimension"],
  "aws:appautoscaling/policy:Policy": ["resourceId", "serviceNamespace", "scalableDimension"],
  "aws:iam/rolePolicy:RolePolicy": ["role"],
  "aws:lambda/permission:Permission": ["function", "principal", "sourceArn", "action"],
};

const waits = { minDelay: 1, maxDelay: 1, maxWaitTime: 60 };
const program = {
  directory: root,
  project: "sagemaker-async-inference",
  stack: "engine",
  localSettings: { modelCommand: testModel["local:modelCommand"], instanceStartupSeconds: "0" },
};

/** What the test asked to fail, once. */
const failing = { endpointUpdate: false };
process.on("message", () => (failing.endpointUpdate = true));
process.once("disconnect", () => process.exit());

/** What an update of a type does beyond being recorded. */
const updates = (
  scaling: ApplicationAutoScalingClient,
  sageMaker: SageMakerClient,
): Record<string, (news: Properties) => Promise<unknown>> => ({
  "aws:sagemaker/endpoint:Endpoint": async ({ name, endpointConfigName }) => {
    if (failing.endpointUpdate) {
      failing.endpointUpdate = false;
      throw new Error("ResourceLimitExceeded: the quota of ml.g5.2xlarge is 0");
    }
    const endpoint = { EndpointName: name as string };
    await sageMaker.send(new UpdateEndpointCommand({ ...endpoint, EndpointConfigName: endpointConfigName as string }));
    await waitUntilEndpointInService({ client: sageMaker, ...waits }, endpoint);
    const { EndpointConfigName } = await sageMaker.send(new DescribeEndpointCommand(endpoint));
    // SageMaker rolls a failed update back: the endpoint is in service, and still the old one.
    if (EndpointConfigName !== endpointConfigName) throw new Error(`the endpoint stayed on ${EndpointConfigName}`);
  },
  "aws:appautoscaling/target:Target": ({ minCapacity, maxCapacity, ...of }) =>
    scaling.send(
      new RegisterScalableTargetCommand({ ...scalable(of), MinCapacity: Number(minCapacity), MaxCapacity: Number(maxCapacity) }),
    ),
});

/** What the deletion of a type does; the others go with the cloud. */
const deletions = (
  scaling: ApplicationAutoScalingClient,
  sageMaker: SageMakerClient,
): Record<string, (id: string, olds: Properties) => Promise<unknown>> => ({
  "aws:sagemaker/endpoint:Endpoint": async (id) => {
    await sageMaker.send(new DeleteEndpointCommand({ EndpointName: id }));
    await waitUntilEndpointDeleted({ client: sageMaker, ...waits }, { EndpointName: id });
  },
  "aws:sagemaker/endpointConfiguration:EndpointConfiguration": (id) =>
    sageMaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName: id })),
  "aws:sagemaker/model:Model": (id) => sageMaker.send(new DeleteModelCommand({ ModelName: id })),
  "aws:appautoscaling/target:Target": (_id, olds) => scaling.send(new DeregisterScalableTargetCommand(scalable(olds))),
  "aws:appautoscaling/policy:Policy": (id, olds) => scaling.send(new DeleteScalingPolicyCommand({ ...scalable(olds), PolicyName: id })),
});

function scalable({ resourceId, serviceNamespace, scalableDimension }: Properties) {
  return {
    ResourceId: resourceId as string,
    ServiceNamespace: serviceNamespace as ServiceNamespace,
    ScalableDimension: scalableDimension as ScalableDimension,
  };
}

/** Serves the provider over a cloud of its own until the process is ended. */
async function main(): Promise<void> {
  const cloud = await EmbeddedCloud.start();
  const client = { endpoint: cloud.endpointUrl, region: cloud.region, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
  const clients = [new ApplicationAutoScalingClient(client), new SageMakerClient(client)] as const;
  process.send?.({ endpoint: cloud.endpointUrl, region: cloud.region });
  const [update, remove] = [updates(...clients), deletions(...clients)];
  const parts = (urn: string) => ({ type: urn.split("::")[2]?.split("$").at(-1) as string, name: urn.split("::").at(-1) as string });

  await provider.main(
    {
      version: "7.48.0",
      async check(_urn, _olds, news: Properties) {
        return { inputs: news };
      },
      async diff(_id, urn, olds: { inputs: Properties }, news: Properties) {
        const changed = [...new Set([...Object.keys(news), ...Object.keys(olds.inputs)])].filter(
          (name) => !name.startsWith("__") && !isDeepStrictEqual(plain(news[name]), plain(olds.inputs[name])),
        );
        const replaces = changed.filter((name) => replacedBy[parts(urn).type]?.includes(name));
        return { changes: changed.length > 0, replaces };
      },
      async create(urn, news: Properties) {
        const { type, name } = parts(urn);
        const made = cloud.resources.resources?.[type];
        if (made === undefined) throw new Error(`the embedded cloud has no ${type}`);
        const { id, state } = await made.create({ urn, type, name, inputs: plain(news) as Properties, program });
        return { id, outs: { ...state, inputs: plain(news) } };
      },
      async update(_id, urn, olds: Properties, news: Properties) {
        const { type } = parts(urn);
        const state = { ...olds, ...(plain(news) as Properties), inputs: plain(news) };
        await update[type]?.(state);
        return { outs: state };
      },
      async delete(id, urn, olds: Properties) {
        await remove[parts(urn).type]?.(id, olds);
      },
      async invoke(token, inputs: Properties) {
        const answer = cloud.resources.dataSources?.[token];
        if (answer === undefined) throw new Error(`the embedded cloud has no ${token}`);
        return { outputs: await answer(plain(inputs) as Properties) };
      },
    },
    [],
  );
}

/** Values as the wire carries them: no undefined members, no order of keys. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

void main();
