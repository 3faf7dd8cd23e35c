import { DescribeEndpointCommand, DescribeEndpointConfigCommand, UpdateEndpointWeightsAndCapacitiesCommand, } from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand } from "@aws-sdk/client-sagemaker-runtime";
import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import { FakeContainers, startSageMaker } from "./support";
describe("real-time inference", () => {
    let cloud;
    let clock;
    let containers;
    beforeEach(async () => {
        containers = new FakeContainers();
        clock = new VirtualClock(Date.UTC(2026, 0, 5));
        cloud = await startSageMaker({ startContainer: containers.start, clock });
        await cloud.deploy({ realTime: true });
    });
    afterEach(() => cloud.close());
    const invoke = (input = {}) => cloud.runtime.send(new InvokeEndpointCommand({ EndpointName: "ep", Body: Buffer.from("page"), ...input }));
    const failure = async (sent) => (await sent.then(() => expect.fail("was accepted"), (error) => error));
    const see = "See https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logEventViewer:group=/aws/sagemaker/Endpoints/ep" +
        " in account 000000000000 for more information.";
    it("hands the request to the container that serves asynchronous ones, and its answer back", async () => {
        const invoked = invoke({ ContentType: "text/plain", Accept: "application/json", InferenceId: "1.a", CustomAttributes: "k=v" });
        const held = await containers.request(0);
        await clock.advance(20);
        held.answer({ contentType: "application/json", body: Buffer.from('{"text":"page"}') });
        const { Body, ContentType, InvokedProductionVariant } = await invoked;
        expect([held.text, held.headers]).to.deep.equal([
            "page",
            {
                "Content-Type": "text/plain",
                Accept: "application/json",
                "X-Amzn-SageMaker-Custom-Attributes": "k=v",
                "X-Amzn-SageMaker-Inference-Id": "1.a",
            },
        ]);
        expect([Body?.transformToString(), ContentType, InvokedProductionVariant]).to.deep.equal([
            '{"text":"page"}',
            "application/json",
            "AllTraffic",
        ]);
        expect(cloud.data.map(({ metricName, value }) => [metricName, value])).to.deep.equal([
            ["Invocations", 1],
            ["ModelLatency", 20_000],
        ]);
    });
    it("tells a model's own error with what it said", async () => {
        const invoked = failure(invoke());
        (await containers.request(0)).answer({ status: 400, body: Buffer.from("no page") });
        const { name, message, OriginalStatusCode, OriginalMessage, $metadata } = await invoked;
        expect([name, $metadata.httpStatusCode, OriginalStatusCode, OriginalMessage]).to.deep.equal(["ModelError", 424, 400, "no page"]);
        expect(message).to.equal(`Received client error (400) from primary with message "no page". ${see}`);
        expect(cloud.values("Invocation4XXErrors")).to.deep.equal([1]);
    });
    it("gives up after 60 s, which is why long requests are asynchronous", async () => {
        const invoked = failure(invoke());
        await containers.request(0);
        await clock.advance(60_000);
        const { name, message, OriginalStatusCode } = await invoked;
        expect([name, OriginalStatusCode]).to.deep.equal(["ModelError", 0]);
        expect(message).to.equal('Received server error (0) from primary with message "Your invocation timed out while waiting for a response from container primary. ' +
            "Review the latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again." +
            `". ${see}`);
        expect(cloud.values("Invocation5XXErrors")).to.deep.equal([1]);
    });
    it("refuses what the service refuses", async () => {
        const told = async (sent) => {
            const { name, message } = await failure(sent);
            return `${name}: ${message}`;
        };
        expect(await told(invoke({ Body: Buffer.alloc(6 * 1024 * 1024 + 1) }))).to.equal("ValidationError: 1 validation error detected: Value '6291457 bytes' at 'body' failed to satisfy constraint: " +
            "Member must have length less than or equal to 6291456");
        expect(await told(invoke({ EndpointName: "other" }))).to.equal("ValidationError: Endpoint other of account 000000000000 not found.");
        expect(await told(invoke({ TargetVariant: "other" }))).to.equal("ValidationError: Variant other not found for Request.");
        expect(await told(invoke({ TargetModel: "a.tar.gz" }))).to.equal('NotImplemented: The embedded cloud does not support InvokeEndpoint\'s header "X-Amzn-SageMaker-target-model".');
        expect(await told(cloud.invoke({ Body: Buffer.from("x") }))).to.equal("ValidationError: Endpoint ep is not asynchronous: use InvokeEndpoint.");
        const DesiredWeightsAndCapacities = [{ VariantName: "AllTraffic", DesiredInstanceCount: 0 }];
        const sleep = new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName: "ep", DesiredWeightsAndCapacities });
        expect(await told(cloud.sdk.send(sleep))).to.equal('ValidationException: The real-time endpoint "ep" can\'t have fewer than 1 instance.');
    });
    it("is described without asynchronous settings, and has no backlog metrics, only its instances'", async () => {
        await clock.advance(120_000);
        expect((await cloud.sdk.send(new DescribeEndpointCommand({ EndpointName: "ep" }))).AsyncInferenceConfig).to.equal(undefined);
        const config = await cloud.sdk.send(new DescribeEndpointConfigCommand({ EndpointConfigName: "config" }));
        expect(config.AsyncInferenceConfig).to.equal(undefined);
        expect(new Set(cloud.data.map(({ namespace }) => namespace))).to.deep.equal(new Set(["/aws/sagemaker/Endpoints"]));
    });
});
