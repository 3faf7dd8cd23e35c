/**
 * Stands in for the AWS provider under the real Pulumi engine: resources are made on an embedded cloud, and what changes or goes
 * goes through the services' own APIs, which refuse what AWS refuses. Prints the port that PULUMI_DEBUG_PROVIDERS takes.
 */
import { ApplicationAutoScalingClient, DeleteScalingPolicyCommand, DeregisterScalableTargetCommand, RegisterScalableTargetCommand, } from "@aws-sdk/client-application-auto-scaling";
import { DeleteEndpointCommand, DeleteEndpointConfigCommand, DeleteModelCommand, DescribeEndpointCommand, SageMakerClient, UpdateEndpointCommand, waitUntilEndpointDeleted, waitUntilEndpointInService, } from "@aws-sdk/client-sagemaker";
import * as provider from "@pulumi/pulumi/provider";
import { isDeepStrictEqual } from "node:util";
import { EmbeddedCloud } from "../../local/embeddedCloud";
import { root, testModel } from "../support/service";
/** Properties whose change is a replacement, by type: what pulumi's schema of the AWS provider marks so, of what the program sets. */
const replacedBy = {
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
const updates = (scaling, sageMaker) => ({
    "aws:sagemaker/endpoint:Endpoint": async ({ name, endpointConfigName }) => {
        if (failing.endpointUpdate) {
            failing.endpointUpdate = false;
            throw new Error("ResourceLimitExceeded: the quota of ml.g5.2xlarge is 0");
        }
        const endpoint = { EndpointName: name };
        await sageMaker.send(new UpdateEndpointCommand({ ...endpoint, EndpointConfigName: endpointConfigName }));
        await waitUntilEndpointInService({ client: sageMaker, ...waits }, endpoint);
        const { EndpointConfigName } = await sageMaker.send(new DescribeEndpointCommand(endpoint));
        // SageMaker rolls a failed update back: the endpoint is in service, and still the old one.
        if (EndpointConfigName !== endpointConfigName)
            throw new Error(`the endpoint stayed on ${EndpointConfigName}`);
    },
    "aws:appautoscaling/target:Target": ({ minCapacity, maxCapacity, ...of }) => scaling.send(new RegisterScalableTargetCommand({ ...scalable(of), MinCapacity: Number(minCapacity), MaxCapacity: Number(maxCapacity) })),
});
/** What the deletion of a type does; the others go with the cloud. */
const deletions = (scaling, sageMaker) => ({
    "aws:sagemaker/endpoint:Endpoint": async (id) => {
        await sageMaker.send(new DeleteEndpointCommand({ EndpointName: id }));
        await waitUntilEndpointDeleted({ client: sageMaker, ...waits }, { EndpointName: id });
    },
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": (id) => sageMaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName: id })),
    "aws:sagemaker/model:Model": (id) => sageMaker.send(new DeleteModelCommand({ ModelName: id })),
    "aws:appautoscaling/target:Target": (_id, olds) => scaling.send(new DeregisterScalableTargetCommand(scalable(olds))),
    "aws:appautoscaling/policy:Policy": (id, olds) => scaling.send(new DeleteScalingPolicyCommand({ ...scalable(olds), PolicyName: id })),
});
function scalable({ resourceId, serviceNamespace, scalableDimension }) {
    return {
        ResourceId: resourceId,
        ServiceNamespace: serviceNamespace,
        ScalableDimension: scalableDimension,
    };
}
/** Serves the provider over a cloud of its own until the process is ended. */
async function main() {
    const cloud = await EmbeddedCloud.start();
    const client = { endpoint: cloud.endpointUrl, region: cloud.region, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
    const clients = [new ApplicationAutoScalingClient(client), new SageMakerClient(client)];
    process.send?.({ endpoint: cloud.endpointUrl, region: cloud.region });
    const [update, remove] = [updates(...clients), deletions(...clients)];
    const parts = (urn) => ({ type: urn.split("::")[2]?.split("$").at(-1), name: urn.split("::").at(-1) });
    await provider.main({
        version: "7.48.0",
        async check(_urn, _olds, news) {
            return { inputs: news };
        },
        async diff(_id, urn, olds, news) {
            const changed = [...new Set([...Object.keys(news), ...Object.keys(olds.inputs)])].filter((name) => !name.startsWith("__") && !isDeepStrictEqual(plain(news[name]), plain(olds.inputs[name])));
            const replaces = changed.filter((name) => replacedBy[parts(urn).type]?.includes(name));
            return { changes: changed.length > 0, replaces };
        },
        async create(urn, news) {
            const { type, name } = parts(urn);
            const made = cloud.resources.resources?.[type];
            if (made === undefined)
                throw new Error(`the embedded cloud has no ${type}`);
            const { id, state } = await made.create({ urn, type, name, inputs: plain(news), program });
            return { id, outs: { ...state, inputs: plain(news) } };
        },
        async update(_id, urn, olds, news) {
            const { type } = parts(urn);
            const state = { ...olds, ...plain(news), inputs: plain(news) };
            await update[type]?.(state);
            return { outs: state };
        },
        async delete(id, urn, olds) {
            await remove[parts(urn).type]?.(id, olds);
        },
        async invoke(token, inputs) {
            const answer = cloud.resources.dataSources?.[token];
            if (answer === undefined)
                throw new Error(`the embedded cloud has no ${token}`);
            return { outputs: await answer(plain(inputs)) };
        },
    }, []);
}
/** Values as the wire carries them: no undefined members, no order of keys. */
function plain(value) {
    return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
void main();
