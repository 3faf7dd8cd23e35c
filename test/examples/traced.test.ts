import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { expect } from "chai";
import { attributesWith } from "../../core/tracing/traceContext";
import { root } from "../support/service";
import { freePort } from "../../processes/ports";

interface SentSpan {
  name: string;
  traceId: string;
  parentSpanId: string;
  traceState?: string;
  kind: number;
}

async function answering(url: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/ping`).catch(() => undefined);
    if (answer?.ok === true) return;
    await new Promise(setImmediate);
  }
}

describe("the example of a model server that is traced", () => {
  it("has its run as a span below the job's, with its tracestate, sent before its instance is taken away, and none of a job that is not sampled", async () => {
    const spans: SentSpan[] = [];
    const services: unknown[] = [];
    const collector = createServer((request, response) => {
      void request.toArray().then((chunks) => {
        const sent = JSON.parse(Buffer.concat(chunks as Buffer[]).toString()) as {
          resourceSpans: { resource: { attributes: unknown }; scopeSpans: { spans: SentSpan[] }[] }[];
        };
        for (const { resource, scopeSpans } of sent.resourceSpans) {
          services.push(resource.attributes);
          spans.push(...scopeSpans.flatMap((each) => each.spans));
        }
        response.writeHead(200, { "content-type": "application/json" }).end("{}");
      });
    });
    await once(collector.listen(0, "127.0.0.1"), "listening");
    const port = await freePort();
    const model = spawn(process.execPath, [path.join(root, "examples/traced.mjs")], {
      stdio: "inherit",
      env: {
        ...process.env,
        PORT: String(port),
        OTEL_SERVICE_NAME: "pages-model",
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
      },
    });
    const ended = once(model, "exit");
    try {
      const url = `http://127.0.0.1:${port}`;
      await answering(url);
      const [traceId, spanId] = ["4bf92f3577b34da6a3ce929d0e0e4736", "b7ad6b7169203331"];
      const run = (flags: string) => {
        const attributes = attributesWith(undefined, { traceparent: `00-${traceId}-${spanId}-${flags}`, tracestate: "shop=a;b" }) ?? "";
        const headers = { "X-Amzn-SageMaker-Custom-Attributes": attributes, connection: "close" };
        return fetch(`${url}/invocations`, { method: "POST", body: "hello", headers }).then((answer) => answer.json());
      };

      expect([await run("01"), await run("00")]).to.deep.equal([{ read: 5 }, { read: 5 }]);
      model.kill("SIGTERM");
      expect(await ended).to.deep.equal([0, null]);
      expect(
        spans.map(({ name, traceId: trace, parentSpanId, traceState, kind }) => [name, trace, parentSpanId, traceState, kind]),
      ).to.deep.equal([["run", traceId, spanId, "shop=a;b", 2]]);
      expect(services).to.deep.equal([[{ key: "service.name", value: { stringValue: "pages-model" } }]]);
    } finally {
      model.kill("SIGKILL");
      collector.closeAllConnections();
      collector.close();
    }
  });
});
