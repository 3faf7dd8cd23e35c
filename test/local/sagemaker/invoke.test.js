import { InvokeEndpointCommand } from "@aws-sdk/client-sagemaker-runtime";
import { expect } from "chai";
import * as fc from "fast-check";
import { invokeEndpointAsync } from "../../../local/sagemaker/invoke";
import { ServiceError } from "../../../local/wire";
import { FakeContainers, startSageMaker } from "./support";
const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
const location = "s3://bucket/in.json";
const config = { OutputConfig: { S3OutputPath: "s3://bucket/output/", S3FailurePath: "s3://bucket/failure" } };
/** Invokes without a server: what the handler alone decides. */
function invoke(headers, { body = "", path = "/endpoints/ep/async-invocations", method = "POST" } = {}) {
    const accepted = [];
    const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [`x-amzn-sagemaker-${name}`, value]));
    const response = invokeEndpointAsync({ method, path, query: new URLSearchParams(), headers: named, body: Buffer.from(body) }, {
        accountId: "000000000000",
        now: 1000,
        find: (name) => (name === "ep" ? { config, enqueue: (invocation) => accepted.push(invocation) } : undefined),
    });
    return { response, invocation: accepted[0] };
}
function refusal(call) {
    try {
        call();
    }
    catch (error) {
        if (error instanceof ServiceError)
            return `${error.status} ${error.code}: ${error.message}`;
        throw error;
    }
    return "accepted";
}
const refused = (value, member, constraint) => `400 ValidationError: 1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`;
describe("InvokeEndpointAsync", () => {
    it("answers 202 with the inference id in the body and both locations in headers", () => {
        const { response, invocation } = invoke({ inputlocation: location, "inference-id": "1.order-17" });
        expect(response).to.deep.equal({
            status: 202,
            headers: {
                "content-type": "application/json",
                "X-Amzn-SageMaker-OutputLocation": invocation.outputLocation,
                "X-Amzn-SageMaker-FailureLocation": invocation.failureLocation,
            },
            body: '{"InferenceId":"1.order-17"}',
        });
    });
    it("names result and error by a uuid that nobody can derive from the inference id", () => {
        const { invocation } = invoke({ inputlocation: location });
        expect(invocation.outputLocation).to.match(new RegExp(`^s3://bucket/output/${uuid}\\.out$`));
        expect(invocation.failureLocation).to.match(new RegExp(`^s3://bucket/failure/${uuid}-error\\.out$`));
        expect(invocation.inferenceId).to.match(new RegExp(`^${uuid}$`));
        expect(invocation.outputLocation).not.to.contain(invocation.inferenceId);
    });
    it("puts the result where path extension and file name say, so that a lost answer's result can be found", () => {
        const { invocation } = invoke({ inputlocation: location, s3outputpathextension: "1.order-17", filename: "result" });
        expect(invocation.outputLocation).to.equal("s3://bucket/output/1.order-17/result");
        expect(invocation.failureLocation).to.match(new RegExp(`^s3://bucket/failure/${uuid}-error\\.out$`));
    });
    it("waits six hours and lets the model run a quarter of an hour unless told otherwise", () => {
        const { invocation } = invoke({ inputlocation: location });
        expect([invocation.requestTtlSeconds, invocation.invocationTimeoutSeconds]).to.deep.equal([21_600, 900]);
    });
    it("passes everything that was sent on, and nothing that was not", () => {
        const { outputLocation, failureLocation, ...invocation } = invoke({
            inputlocation: "https://127.0.0.1/in",
            "content-type": "text/csv",
            accept: "application/json",
            "custom-attributes": "trace=1",
            "inference-id": "a b",
            requestttlseconds: "60",
            invocationtimeoutseconds: "3600",
        }).invocation;
        expect(invocation).to.deep.equal({
            inferenceId: "a b",
            endpointName: "ep",
            receivedAt: 1000,
            contentType: "text/csv",
            accept: "application/json",
            customAttributes: "trace=1",
            inputLocation: "https://127.0.0.1/in",
            requestTtlSeconds: 60,
            invocationTimeoutSeconds: 3600,
            config,
        });
    });
    it("takes a payload of up to 128,000 bytes in the request itself", () => {
        expect(invoke({}, { body: "x".repeat(128_000) }).invocation.inlinePayload).to.have.length(128_000);
        expect(refusal(() => invoke({}, { body: "x".repeat(128_001) }))).to.equal(refused("128001 bytes", "body", "Member must have length less than or equal to 128000"));
    });
    for (const [what, headers, body] of [
        ["both payload and location", { inputlocation: location }, "x"],
        ["neither payload nor location", {}, ""],
    ]) {
        it(`refuses ${what}`, () => {
            expect(refusal(() => invoke(headers, { body }))).to.equal("400 ValidationError: Body and InputLocation are mutually exclusive. Provide exactly one of them.");
        });
    }
    const seconds = (member, least, most) => [
        [member, String(least - 1), `Member must have value greater than or equal to ${least}`],
        [member, String(most + 1), `Member must have value less than or equal to ${most}`],
        [member, "1.5", "Member must satisfy regular expression pattern: ^-?\\d+$"],
    ];
    const length = (member, most, value = "x") => [
        member,
        value.padEnd(most + 1, "x"),
        `Member must have length less than or equal to ${most}`,
    ];
    const headerOf = {
        contentType: "content-type",
        accept: "accept",
        customAttributes: "custom-attributes",
        inferenceId: "inference-id",
        inputLocation: "inputlocation",
        s3OutputPathExtension: "s3outputpathextension",
        filename: "filename",
        requestTTLSeconds: "requestttlseconds",
        invocationTimeoutSeconds: "invocationtimeoutseconds",
    };
    const pattern = (source) => `Member must satisfy regular expression pattern: ${source}`;
    for (const [member, value, constraint] of [
        ...seconds("requestTTLSeconds", 60, 21_600),
        ...seconds("invocationTimeoutSeconds", 1, 3_600),
        length("contentType", 1024),
        length("accept", 1024),
        length("customAttributes", 1024),
        length("inferenceId", 64),
        length("inputLocation", 1024, "s3://bucket/"),
        length("s3OutputPathExtension", 512),
        length("filename", 32),
        ["filename", "a.tar.gz", pattern("^[^.]*\\.?[^.]*$")],
        ["inferenceId", "größe", pattern("^[\\x21-\\x7e][\\x20-\\x7e]*$")],
        ["inputLocation", "s3://bucket/größe.png", pattern("^(https|s3):\\/\\/([^/]+)\\/?([\\x20-\\x7e]*)$")],
        ["inputLocation", "http://127.0.0.1/in", pattern("^(https|s3):\\/\\/([^/]+)\\/?([\\x20-\\x7e]*)$")],
        ["contentType", "größe", pattern("^\\p{ASCII}*$")],
    ]) {
        it(`refuses ${member} ${value.length > 40 ? `of ${value.length} characters` : JSON.stringify(value)} as the service would`, () => {
            const headers = { inputlocation: location, [headerOf[member]]: value };
            expect(refusal(() => invoke(headers))).to.equal(refused(value, member, constraint));
        });
    }
    it("accepts the bounds themselves", () => {
        const inferenceId = fc.stringMatching(/^[\x21-\x7e][\x20-\x7e]{0,62}[\x21-\x7e]$/);
        fc.assert(fc.property(inferenceId, fc.integer({ min: 60, max: 21_600 }), fc.integer({ min: 1, max: 3600 }), (id, ttl, timeout) => {
            const headers = {
                inputlocation: location,
                "inference-id": id,
                requestttlseconds: `${ttl}`,
                invocationtimeoutseconds: `${timeout}`,
            };
            const { inferenceId, requestTtlSeconds, invocationTimeoutSeconds } = invoke(headers).invocation;
            expect([inferenceId, requestTtlSeconds, invocationTimeoutSeconds]).to.deep.equal([id, ttl, timeout]);
        }));
    });
    it("says which endpoint of which account is unknown", () => {
        expect(refusal(() => invoke({ inputlocation: location }, { path: "/endpoints/other/async-invocations" }))).to.equal("400 ValidationError: Endpoint other of account 000000000000 not found.");
        expect(refusal(() => invoke({ inputlocation: location }, { path: "/endpoints/no_name/async-invocations" }))).to.match(/'endpointName'/);
    });
    it("takes no call that is only nearly this one", () => {
        const path = "/endpoints/ep/async-invocations/1";
        expect(refusal(() => invoke({ inputlocation: location }, { path }))).to.equal(`501 NotImplemented: The embedded cloud does not support POST ${path} of the SageMaker runtime.`);
    });
});
describe("InvokeEndpointAsync over the wire", () => {
    let cloud;
    beforeEach(async () => (cloud = await startSageMaker({ startContainer: new FakeContainers().start })));
    afterEach(() => cloud.close());
    const failed = async (sent) => {
        const { name, message, $metadata } = (await sent.then(() => expect.fail("was accepted"), (error) => error));
        return { name, message, status: $metadata.httpStatusCode };
    };
    it("gives the SDK its typed error", async () => {
        expect(await failed(cloud.invoke({ InputLocation: location }))).to.deep.equal({
            name: "ValidationError",
            message: "Endpoint ep of account 000000000000 not found.",
            status: 400,
        });
    });
    it("gives the SDK inference id and locations", async () => {
        await cloud.deploy();
        const { InferenceId, OutputLocation, FailureLocation, $metadata } = await cloud.invoke({ Body: Buffer.from("x"), InferenceId: "1.a" });
        expect([InferenceId, $metadata.httpStatusCode]).to.deep.equal(["1.a", 202]);
        expect(OutputLocation).to.match(/^s3:\/\/bucket\/output\//);
        expect(FailureLocation).to.match(/^s3:\/\/bucket\/failure\//);
    });
    it("leaves the failure location out when the endpoint has no failure path", async () => {
        await cloud.deploy({ outputConfig: { s3FailurePath: undefined } });
        expect((await cloud.invoke({ Body: Buffer.from("x") })).FailureLocation).to.equal(undefined);
    });
    it("refuses a real-time call, which would wait for an answer that comes later", async () => {
        await cloud.deploy();
        const sent = cloud.runtime.send(new InvokeEndpointCommand({ EndpointName: "ep", Body: Buffer.from("x") }));
        expect(await failed(sent)).to.deep.equal({
            name: "ValidationError",
            message: "Endpoint ep is asynchronous and can't be invoked in real time: use InvokeEndpointAsync.",
            status: 400,
        });
    });
});
