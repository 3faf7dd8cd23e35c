import { createServer } from "node:http";
import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import { ServiceError } from "../../../local/wire";
import { errorTopic, FakeContainers, roleArn, startSageMaker, successTopic } from "./support";
const now = Date.UTC(2026, 0, 25, 22, 46, 0, 608);
const nowText = "2026-01-25T22:46:00.608Z";
const tail = { eventVersion: "1.0", eventSource: "aws:sagemaker", eventName: "InferenceResult" };
const logs = (status) => `ClientError: Received ${status}. See https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1` +
    "#logEventViewer:group=/aws/sagemaker/Endpoints/ep in account 000000000000 for more information.";
describe("SageMaker, from download to notification", () => {
    let cloud;
    let containers;
    let clock;
    beforeEach(async () => {
        containers = new FakeContainers();
        clock = new VirtualClock(now);
        cloud = await startSageMaker({ startContainer: containers.start, clock });
    });
    afterEach(() => cloud.close());
    const results = () => cloud.published.filter(({ message }) => message["eventName"] !== "TestNotification");
    const sums = (...names) => Object.fromEntries(names.map((name) => [name, cloud.values(name)]));
    it("tells the success topic in the documented shape, with accept and content type because they were sent", async () => {
        await cloud.deploy();
        const inputLocation = await cloud.input("1,2", "in.csv");
        const { OutputLocation } = await cloud.invoke({
            InferenceId: "1.a",
            InputLocation: inputLocation,
            ContentType: "text/csv",
            Accept: "text/csv",
        });
        (await containers.request(0)).answer({ body: Buffer.from("3"), contentType: "text/csv; charset=utf-8" });
        await cloud.ended("1.a");
        expect(await cloud.object(OutputLocation)).to.deep.equal({ body: "3", contentType: "text/csv; charset=utf-8" });
        expect(results()).to.deep.equal([
            {
                accessKeyId: cloud.context.credentialsFor(roleArn, "SageMaker").accessKeyId,
                topicArn: successTopic,
                message: {
                    awsRegion: "us-east-1",
                    eventTime: nowText,
                    receivedTime: nowText,
                    invocationStatus: "Completed",
                    requestParameters: { accept: "text/csv", contentType: "text/csv", endpointName: "ep", inputLocation },
                    responseParameters: { contentType: "text/csv; charset=utf-8", outputLocation: OutputLocation },
                    inferenceId: "1.a",
                    ...tail,
                },
            },
        ]);
    });
    it("stores what the model said of its failure, and tells the error topic in the documented shape", async () => {
        await cloud.deploy();
        const { FailureLocation, OutputLocation } = await cloud.invoke({ InferenceId: "1.a", InputLocation: await cloud.input("x") });
        (await containers.request(0)).answer({ status: 500, body: Buffer.from("CUDA out of memory"), contentType: "text/plain" });
        await cloud.ended("1.a");
        expect(await cloud.object(FailureLocation)).to.deep.equal({ body: "CUDA out of memory", contentType: "text/plain" });
        expect(await cloud.object(OutputLocation)).to.equal(undefined);
        expect(results()).to.deep.equal([
            {
                accessKeyId: cloud.context.credentialsFor(roleArn, "SageMaker").accessKeyId,
                topicArn: errorTopic,
                message: {
                    awsRegion: "us-east-1",
                    eventTime: nowText,
                    receivedTime: nowText,
                    invocationStatus: "Failed",
                    failureReason: logs("server error (500) from model"),
                    requestParameters: { endpointName: "ep", inputLocation: "s3://bucket/in.json" },
                    inferenceId: "1.a",
                    ...tail,
                },
            },
        ]);
        expect(containers.requests).to.have.length(1); // Never tried again.
        expect(sums("InvocationsProcessed", "InvocationFailures", "Invocation5XXErrors", "Invocation4XXErrors")).to.deep.equal({
            InvocationsProcessed: [1],
            InvocationFailures: [1],
            Invocation5XXErrors: [1],
            Invocation4XXErrors: [],
        });
        expect(cloud.lines.at(-1)).to.deep.include({
            group: "/aws/sagemaker/Endpoints/ep",
            line: `[sagemaker logs] [1.a] ${logs("server error (500) from model")}`,
        });
    });
    it("tells a model's 4xx from its 5xx", async () => {
        await cloud.deploy();
        await cloud.invoke({ InferenceId: "1.a", Body: Buffer.from("x") });
        (await containers.request(0)).answer({ status: 415, body: Buffer.from("no such type") });
        expect((await cloud.ended("1.a")).detail).to.equal(logs("client error (415) from model"));
        expect(sums("Invocation5XXErrors", "Invocation4XXErrors")).to.deep.equal({ Invocation5XXErrors: [], Invocation4XXErrors: [1] });
    });
    it("gives the container what was sent, and its default content type when none was", async () => {
        await cloud.deploy();
        const input = await cloud.input("page");
        await cloud.invoke({
            InferenceId: "1.a",
            InputLocation: input,
            ContentType: "image/png",
            Accept: "text/plain",
            CustomAttributes: "trace=1",
        });
        await cloud.invoke({ InferenceId: "1.b", Body: Buffer.from("inline") });
        await containers.request(1);
        // The inline payload needs no download, so it may come first.
        const [second, first] = containers.requests.toSorted((a, b) => a.text.localeCompare(b.text));
        expect([first.text, first.headers]).to.deep.equal([
            "page",
            {
                "Content-Type": "image/png",
                Accept: "text/plain",
                "X-Amzn-SageMaker-Custom-Attributes": "trace=1",
                "X-Amzn-SageMaker-Inference-Id": "1.a",
            },
        ]);
        expect([second.text, second.headers]).to.deep.equal([
            "inline",
            { "Content-Type": "application/octet-stream", "X-Amzn-SageMaker-Inference-Id": "1.b" },
        ]);
    });
    it("gives up on the model at the invocation timeout, with a reason that says so", async () => {
        await cloud.deploy();
        const { FailureLocation } = await cloud.invoke({ InferenceId: "1.a", Body: Buffer.from("x"), InvocationTimeoutSeconds: 60 });
        await containers.request(0);
        await clock.advance(59_999);
        expect(cloud.values("InvocationsProcessed")).to.deep.equal([]);
        await clock.advance(1);
        const { detail } = await cloud.ended("1.a", "failed");
        expect(detail).to.equal(logs('server error (0) from model with message "Your invocation timed out while waiting for a response from container model. ' +
            'Review the latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again."'));
        expect((await cloud.object(FailureLocation))?.body).to.equal(detail);
        expect(sums("TotalProcessingTime", "ModelLatency")).to.deep.equal({ TotalProcessingTime: [60_000], ModelLatency: [60_000_000] });
    });
    it("fails what names a missing input, without an object, and says why", async () => {
        await cloud.deploy();
        const { FailureLocation } = await cloud.invoke({ InferenceId: "1.a", InputLocation: "s3://bucket/missing.json" });
        const { detail } = await cloud.ended("1.a", "failed");
        expect(detail).to.match(/^ClientError: Failed to download the input from s3:\/\/bucket\/missing.json: NoSuchKey \(404\): .*\. Make sure/);
        expect(results().map(({ topicArn, message }) => [topicArn, message["failureReason"]])).to.deep.equal([[errorTopic, detail]]);
        expect(await cloud.object(FailureLocation)).to.equal(undefined);
        expect(sums("RequestDownloadFailures", "InvocationFailures", "Invocation5XXErrors")).to.deep.equal({
            RequestDownloadFailures: [1],
            InvocationFailures: [1],
            Invocation5XXErrors: [],
        });
    });
    it("fails what names a bucket without a key, before the model gets the list of its objects", async () => {
        await cloud.deploy();
        await cloud.invoke({ InferenceId: "1.a", InputLocation: "s3://bucket" });
        expect((await cloud.ended("1.a", "failed")).detail).to.match(/^ClientError: Failed to download the input from s3:\/\/bucket: it names a bucket and no key\. Make sure/);
        expect(containers.requests).to.deep.equal([]);
    });
    it("fails what can't be stored, and counts it", async () => {
        await cloud.deploy({ outputConfig: { s3OutputPath: "s3://no-such-bucket/output" } });
        await cloud.invoke({ InferenceId: "1.a", Body: Buffer.from("x") });
        (await containers.request(0)).answer({});
        expect((await cloud.ended("1.a", "failed")).detail).to.match(/^ClientError: Failed to upload the response to s3:\/\/no-such-bucket\/output\/.*: NoSuchBucket \(404\)/);
        expect(cloud.values("ResponseUploadFailures")).to.deep.equal([1]);
    });
    it("counts a notification that is refused, and keeps the result", async () => {
        await cloud.deploy();
        cloud.control.refusal = new ServiceError("AuthorizationError", "not allowed", 403);
        const { OutputLocation } = await cloud.invoke({ InferenceId: "1.a", Body: Buffer.from("x") });
        (await containers.request(0)).answer({ body: Buffer.from("done") });
        expect((await cloud.ended("1.a")).change).to.equal("completed");
        expect((await cloud.object(OutputLocation))?.body).to.equal("done");
        expect(cloud.values("NotificationFailures")).to.deep.equal([1]);
    });
    it("sends a small result along when asked to, a large one not, and never on the other topic", async () => {
        const bytes = 128 * 1024;
        await cloud.deploy({
            outputConfig: {
                notificationConfig: { successTopic, errorTopic, includeInferenceResponseIns: ["SUCCESS_NOTIFICATION_TOPIC"] },
            },
        });
        const bodies = [
            [200, Buffer.alloc(bytes, 1)],
            [200, Buffer.alloc(bytes + 1, 1)],
            [500, Buffer.from("small")],
        ];
        for (const [index, [status, body]] of bodies.entries()) {
            await cloud.invoke({ InferenceId: `1.${index}`, Body: Buffer.from("x") });
            (await containers.request(index)).answer({ status, body });
            await cloud.ended(`1.${index}`);
        }
        expect(results().map(({ message }) => message["responseBody"])).to.deep.equal([
            { content: Buffer.alloc(bytes, 1).toString("base64"), encoding: "BASE64" },
            { message: "The response is larger than 131072 bytes and is not included." },
            undefined,
        ]);
    });
    it("reaches no other machine for an https input, and takes one from this machine as far as it gets", async () => {
        let connections = 0;
        const server = createServer().on("connection", () => (connections += 1));
        await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
        const { port } = server.address();
        try {
            await cloud.deploy();
            await cloud.invoke({ InferenceId: "1.a", InputLocation: "https://example.com/in.json" });
            await cloud.invoke({ InferenceId: "1.b", InputLocation: `https://127.0.0.1:${port}/in.json` });
            expect((await cloud.ended("1.a", "failed")).detail).to.equal("ClientError: Failed to download the input from https://example.com/in.json: the embedded cloud fetches from loopback addresses only, " +
                `not from example.com; upload the input to its S3. Make sure that it exists and that ${roleArn} may read it.`);
            // The server has no certificate, so the handshake fails; but it was asked.
            expect((await cloud.ended("1.b", "failed")).detail).to.contain("fetch failed");
            expect(connections).to.equal(1);
        }
        finally {
            server.close();
        }
    });
    it("runs the model on what an https server on this machine has, and fails what it has not", async () => {
        const { fetch } = globalThis;
        // Stands in for a server whose certificate this process trusts.
        globalThis.fetch = (url) => Promise.resolve(new Response("page", new Request(url).url.endsWith("/in") ? {} : { status: 404, statusText: "Not Found" }));
        try {
            await cloud.deploy();
            await cloud.invoke({ InferenceId: "1.a", InputLocation: "https://localhost/in" });
            await cloud.invoke({ InferenceId: "1.b", InputLocation: "https://localhost/out" });
            expect((await containers.request(0)).text).to.equal("page");
            expect((await cloud.ended("1.b", "failed")).detail).to.contain("from https://localhost/out: 404 Not Found.");
        }
        finally {
            globalThis.fetch = fetch;
        }
    });
    it("tells of a failure even if its object can't be stored", async () => {
        await cloud.deploy({ outputConfig: { s3FailurePath: "s3://no-such-bucket/failure" } });
        await cloud.invoke({ InferenceId: "1.a", Body: Buffer.from("x") });
        (await containers.request(0)).answer({ status: 500 });
        await cloud.ended("1.a", "failed");
        expect(results().map(({ topicArn }) => topicArn)).to.deep.equal([errorTopic]);
        expect(cloud.values("ResponseUploadFailures")).to.deep.equal([1]);
    });
    it("publishes every metric of an invocation with its unit and dimensions", async () => {
        await cloud.deploy();
        await cloud.invoke({ InferenceId: "1.a", InputLocation: await cloud.input("x") });
        (await containers.request(0)).answer({});
        await cloud.ended("1.a");
        const dimensions = { EndpointName: "ep", VariantName: "AllTraffic" };
        const datum = (metricName, unit, value = 0) => ({
            namespace: "AWS/SageMaker",
            metricName,
            dimensions,
            value,
            unit,
            timestamp: now,
        });
        expect(cloud.data).to.deep.equal([
            datum("TimeInBacklog", "Milliseconds"),
            datum("RequestDownloadLatency", "Microseconds"),
            datum("ModelLatency", "Microseconds"),
            datum("ResponseUploadLatency", "Microseconds"),
            datum("InvocationsProcessed", "Count", 1),
            datum("TotalProcessingTime", "Milliseconds"),
        ]);
    });
});
describe("SageMaker, where the documents are silent", () => {
    it("can leave an error object for an input that could not be read", async () => {
        const cloud = await startSageMaker({ startContainer: new FakeContainers().start, failureObjectWithoutInput: true });
        try {
            await cloud.deploy();
            const { FailureLocation } = await cloud.invoke({ InferenceId: "1.a", InputLocation: "s3://bucket/missing.json" });
            const { detail } = await cloud.ended("1.a", "failed");
            expect(await cloud.object(FailureLocation)).to.deep.equal({ body: detail, contentType: "text/plain" });
        }
        finally {
            await cloud.close();
        }
    });
});
