import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as runtime from "@aws-sdk/client-sagemaker-runtime";
import { expect } from "chai";
import { sageMakerEndpoint, singleTryClient } from "../../../functions/adapters/sageMakerEndpoint";
import type { Endpoint } from "../../../functions/core/ports";
import { startJobServices, type JobServices } from "../../support/jobServices";

const invocation = {
  endpointName: "ocr",
  inferenceId: "1.order",
  input: { location: "s3://service/input/order/request.json" },
  invocationTimeoutSeconds: 60,
  requestTtlSeconds: 60,
};

describe("InvokeEndpointAsync", () => {
  let services: JobServices;
  let endpoint: Endpoint;

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
  ] as const) {
    it(`is sent once and never resent behind the record's back when it ${what}`, async () => {
      services.answers.push(answer);

      expect(await outcome()).to.deep.equal([...expected, 1]);
    });
  }

  it("has a connection of its own: one that died while Lambda slept would put a call in doubt that was never sent", async () => {
    let connections = 0;
    const server = createServer((_request, response) => void response.writeHead(202, { "content-type": "application/json" }).end("{}"));
    server.on("connection", () => connections++);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const kept = sageMakerEndpoint(
      runtime,
      singleTryClient(runtime, { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
    );
    try {
      const kinds = [(await kept.invoke(invocation)).kind, (await kept.invoke(invocation)).kind];

      expect([kinds, connections]).to.deep.equal([["taken", "taken"], 2]);
    } finally {
      server.close();
    }
  });

  it("was certainly not taken when nobody listened", async () => {
    const nobody = sageMakerEndpoint(runtime, singleTryClient(runtime, { endpoint: "http://127.0.0.1:1" }));

    const result = await nobody.invoke(invocation);

    expect([result.kind, "error" in result ? result.error.code : undefined]).to.deep.equal(["refused", "UNAVAILABLE"]);
  });
});
