import { once } from "node:events";
import { createServer } from "node:http";
import * as runtime from "@aws-sdk/client-sagemaker-runtime";
import { expect } from "chai";
import { sageMakerEndpoint, singleTryClient } from "../../aws/sageMakerEndpoint";
import { startJobServices } from "../../doubles/jobServices";
const invocation = {
    endpointName: "ocr",
    inferenceId: "1.order",
    input: { location: "s3://service/input/order/request.json" },
    invocationTimeoutSeconds: 60,
    requestTtlSeconds: 60,
};
describe("InvokeEndpointAsync", () => {
    let services;
    let endpoint;
    before(async () => {
        services = await startJobServices();
        endpoint = sageMakerEndpoint(runtime, singleTryClient(runtime));
    });
    beforeEach(() => {
        services.calls.length = 0;
        services.answers.length = 0;
    });
    after(() => services.close());
    const outcome = async () => {
        const result = await endpoint.invoke(invocation);
        return [result.kind, "error" in result ? result.error.code : undefined, services.calls.length];
    };
    for (const [what, answer, expected] of [
        ["is taken", "take", ["taken", undefined]],
        ["is throttled", { status: 400, name: "ThrottlingException", message: "" }, ["refused", "THROTTLED"]],
        ["comes to a busy service", { status: 503, name: "ServiceUnavailable", message: "" }, ["refused", "UNAVAILABLE"]],
        ["is not allowed", { status: 403, name: "AccessDeniedException", message: "" }, ["refused", "ACCESS_DENIED"]],
        ["is wrong", { status: 400, name: "ValidationError", message: "" }, ["refused", "BAD_INPUT"]],
        ["is lost in the service", { status: 500, name: "InternalFailure", message: "" }, ["unknown", "IN_DOUBT"]],
        ["is lost on its way", "drop", ["unknown", "IN_DOUBT"]],
    ]) {
        it(`is sent once and never resent behind the record's back when it ${what}`, async () => {
            services.answers.push(answer);
            expect(await outcome()).to.deep.equal([...expected, 1]);
        });
    }
    it("uses a connection again that was used just now, and none that may be dead: its call would be in doubt and was never sent", async () => {
        let connections = 0;
        const server = createServer((_request, response) => void response.writeHead(202, { "content-type": "application/json" }).end("{}"));
        server.on("connection", () => connections++);
        await once(server.listen(0, "127.0.0.1"), "listening");
        const kept = sageMakerEndpoint(runtime, singleTryClient(runtime, { endpoint: `http://127.0.0.1:${server.address().port}` }));
        const { now } = Date;
        let jump = 0;
        Date.now = () => now() + jump;
        const connectionsAfter = async (jumpMilliseconds) => {
            jump += jumpMilliseconds;
            expect((await kept.invoke(invocation)).kind).to.equal("taken");
            return connections;
        };
        try {
            const first = [await connectionsAfter(0), await connectionsAfter(0)];
            // As after Lambda froze the process, and after somebody put the clock back.
            const later = [await connectionsAfter(1500), await connectionsAfter(-5000), await connectionsAfter(0)];
            expect([first, later]).to.deep.equal([
                [1, 1],
                [2, 3, 3],
            ]);
        }
        finally {
            Date.now = now;
            server.closeAllConnections();
            server.close();
        }
    });
    describe("with an input", () => {
        const placed = [];
        const place = () => {
            placed.push("placed");
            return Promise.resolve("s3://service/input/order/request.json");
        };
        const withInput = { ...invocation, contentType: "text/plain", input: { body: Buffer.from("grüße"), place } };
        const refusal = {
            status: 400,
            name: "ValidationError",
            message: "1 validation error detected: Value null at 'inputLocation' failed to satisfy constraint: Member must not be null",
        };
        const sent = () => services.calls.map(({ body, headers }) => [
            body,
            headers["x-amzn-sagemaker-inputlocation"],
            headers["x-amzn-sagemaker-content-type"],
            headers["x-amzn-sagemaker-filename"],
        ]);
        beforeEach(() => {
            placed.length = 0;
            endpoint = sageMakerEndpoint(runtime, singleTryClient(runtime));
        });
        it("has it in the call, and nowhere else", async () => {
            const before = endpoint.takesInput();
            const { kind } = await endpoint.invoke(withInput);
            expect([before, kind, endpoint.takesInput(), placed]).to.deep.equal([undefined, "taken", true, []]);
            expect(sent()).to.deep.equal([["grüße", undefined, "text/plain", "result"]]);
        });
        it("places it and calls again where the service takes none in the call, and asks that once", async () => {
            services.answers.push(refusal);
            const kinds = [(await endpoint.invoke(withInput)).kind, (await endpoint.invoke(withInput)).kind];
            expect([kinds, endpoint.takesInput(), placed]).to.deep.equal([["taken", "taken"], false, ["placed", "placed"]]);
            const byLocation = ["", "s3://service/input/order/request.json", "text/plain", "result"];
            expect(sent()).to.deep.equal([["grüße", undefined, "text/plain", "result"], byLocation, byLocation]);
        });
        it("learns nothing of a call that was refused for something else, or lost", async () => {
            services.answers.push({ ...refusal, message: "Value at 'accept' failed to satisfy constraint" }, "drop");
            const kinds = [(await endpoint.invoke(withInput)).kind, (await endpoint.invoke(withInput)).kind];
            expect([kinds, endpoint.takesInput(), placed]).to.deep.equal([["refused", "unknown"], undefined, []]);
        });
    });
    it("was certainly not taken when nobody listened", async () => {
        const nobody = sageMakerEndpoint(runtime, singleTryClient(runtime, { endpoint: "http://127.0.0.1:1" }));
        const result = await nobody.invoke(invocation);
        expect([result.kind, "error" in result ? result.error.code : undefined]).to.deep.equal(["refused", "UNAVAILABLE"]);
    });
});
