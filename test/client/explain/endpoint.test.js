import * as applicationAutoScaling from "@aws-sdk/client-application-auto-scaling";
import * as sagemaker from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { readEndpoint, readEndpointConfig, readScaling } from "../../../client/explain/endpoint";
import { minute } from "./facts";
/** A client that answers each command by its name, and what it was asked. */
function answering(answers) {
    const asked = {};
    const send = ({ constructor: { name }, input }) => {
        asked[name] = input;
        const answer = answers[name];
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    };
    return { asked, client: { send } };
}
const missing = new Error('Could not find endpoint "ocr".');
describe("The endpoint of an explanation", () => {
    const described = (answer) => {
        const { client, asked } = answering({ DescribeEndpointCommand: answer });
        return readEndpoint({ library: sagemaker, client }, "ocr").then((endpoint) => ({ endpoint, asked }));
    };
    it("is what SageMaker says of it", async () => {
        const { endpoint, asked } = await described({
            EndpointStatus: "Updating",
            LastModifiedTime: new Date(minute(1)),
            FailureReason: "no capacity",
            EndpointConfigName: "ocr-1",
            ProductionVariants: [{ VariantName: "AllTraffic", CurrentInstanceCount: 1, DesiredInstanceCount: 2 }],
            PendingDeploymentSummary: { EndpointConfigName: "ocr-2", ProductionVariants: [{ VariantName: "Next" }] },
            AsyncInferenceConfig: { ClientConfig: { MaxConcurrentInvocationsPerInstance: 4 } },
        });
        expect(asked).to.deep.equal({ DescribeEndpointCommand: { EndpointName: "ocr" } });
        expect(endpoint).to.deep.equal({
            status: "Updating",
            since: minute(1),
            failureReason: "no capacity",
            variantName: "AllTraffic",
            currentInstanceCount: 1,
            desiredInstanceCount: 2,
            pendingConfig: "ocr-2",
            configName: "ocr-1",
            maxConcurrentInvocationsPerInstance: 4,
        });
    });
    it("has no variant of its own while it is being created", async () => {
        const pending = { ProductionVariants: [{ VariantName: "AllTraffic" }] };
        const created = await described({ EndpointStatus: "Creating", PendingDeploymentSummary: pending, AsyncInferenceConfig: {} });
        const least = { since: "1970-01-01T00:00:00.000Z", currentInstanceCount: 0, desiredInstanceCount: 0, configName: "" };
        expect(created.endpoint).to.deep.equal({ ...least, status: "Creating", variantName: "AllTraffic" });
        expect((await described({})).endpoint).to.deep.equal({ ...least, status: "", variantName: "" });
    });
    it("may be gone, which is no failure of the explanation; another refusal is", async () => {
        expect((await described(missing)).endpoint).to.equal("missing");
        expect(await described(new Error("Rate exceeded")).catch(String)).to.equal("Error: Rate exceeded");
    });
});
describe("The configuration of an explanation", () => {
    const configured = (answer) => {
        const { client, asked } = answering({ DescribeEndpointConfigCommand: answer });
        return readEndpointConfig({ library: sagemaker, client }, "ocr-1").then((config) => ({ config, asked }));
    };
    it("is its instance type and how long a start may take, where it says so", async () => {
        const variant = {
            InstanceType: "ml.g5.2xlarge",
            ContainerStartupHealthCheckTimeoutInSeconds: 1800,
            ModelDataDownloadTimeoutInSeconds: 900,
        };
        const { config, asked } = await configured({ ProductionVariants: [variant] });
        expect(asked).to.deep.equal({ DescribeEndpointConfigCommand: { EndpointConfigName: "ocr-1" } });
        expect(config).to.deep.equal({
            instanceType: "ml.g5.2xlarge",
            containerStartupTimeoutSeconds: 1800,
            modelDownloadTimeoutSeconds: 900,
        });
        expect([(await configured({})).config, (await configured({ ProductionVariants: [{}] })).config]).to.deep.equal([{}, {}]);
        expect((await configured(missing)).config).to.equal("missing");
    });
});
describe("The scaling of an explanation", () => {
    const scaled = (target, activity) => {
        const { client, asked } = answering({
            DescribeScalableTargetsCommand: { ScalableTargets: target === undefined ? undefined : [target] },
            DescribeScalingActivitiesCommand: { ScalingActivities: activity === undefined ? undefined : [activity] },
        });
        return readScaling({ library: applicationAutoScaling, client }, "ocr", "AllTraffic").then((scaling) => ({ scaling, asked }));
    };
    it("is the target's bounds and the newest activity", async () => {
        const { scaling, asked } = await scaled({ MinCapacity: 1, MaxCapacity: 5, SuspendedState: { DynamicScalingOutSuspended: true } }, { StartTime: new Date(minute(2)), StatusCode: "Failed", Description: "Setting 1", StatusMessage: "no capacity" });
        const of = { ServiceNamespace: "sagemaker", ScalableDimension: "sagemaker:variant:DesiredInstanceCount" };
        const resource = "endpoint/ocr/variant/AllTraffic";
        expect(asked).to.deep.equal({
            DescribeScalableTargetsCommand: { ...of, ResourceIds: [resource] },
            DescribeScalingActivitiesCommand: { ...of, ResourceId: resource, MaxResults: 1 },
        });
        expect(scaling).to.deep.equal({
            target: { minCapacity: 1, maxCapacity: 5, scaleOutSuspended: true },
            lastActivity: { startedAt: minute(2), status: "Failed", description: "Setting 1", message: "no capacity" },
        });
    });
    it("may be nothing: that nobody will start an instance is what the explanation then says", async () => {
        expect((await scaled(undefined)).scaling).to.deep.equal({ target: "missing" });
        expect((await scaled({}, {})).scaling).to.deep.equal({
            target: { minCapacity: 0, maxCapacity: 0, scaleOutSuspended: false },
            lastActivity: { startedAt: "1970-01-01T00:00:00.000Z", status: "", description: "", message: "" },
        });
    });
});
