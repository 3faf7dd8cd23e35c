// A model server whose runs are spans in the traces of its jobs. docs/tracing.md says how the context comes here.
// npm install @opentelemetry/{api,core,resources,sdk-trace-base,exporter-trace-otlp-http}; OTEL_EXPORTER_OTLP_ENDPOINT names the collector.
import { createServer } from "node:http";
import { ROOT_CONTEXT, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { detectResources, envDetector } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";

const resource = detectResources({ detectors: [envDetector] });
const provider = new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] });
const tracer = provider.getTracer("model");

/** The context that a job's run is a child of: it comes in the one header that InvokeEndpointAsync hands on. */
function contextOf(headers) {
  const attributes = (headers["x-amzn-sagemaker-custom-attributes"] ?? "").split(";").map((each) => each.trim());
  const carrier = {};
  for (const name of ["traceparent", "tracestate"]) {
    const value = attributes.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
    if (value !== undefined) carrier[name] = decodeURIComponent(value);
  }
  const getter = { keys: Object.keys, get: (from, key) => from[key] };
  return new W3CTraceContextPropagator().extract(ROOT_CONTEXT, carrier, getter);
}

/** Your model in its place. */
async function infer(body) {
  return { read: body.length };
}

function send(response, status, answer) {
  const body = Buffer.from(JSON.stringify(answer));
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": body.length }).end(body);
}

const server = createServer(async (request, response) => {
  if (request.url === "/ping") return send(response, 200, {});
  const inferenceId = request.headers["x-amzn-sagemaker-inference-id"] ?? "";
  const attributes = { "async_inference.inference.id": inferenceId };
  // Without a sampled parent it is recorded nowhere, as its job is.
  const span = tracer.startSpan("run", { kind: SpanKind.SERVER, attributes }, contextOf(request.headers));
  try {
    send(response, 200, await infer(Buffer.concat(await request.toArray())));
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.name });
    send(response, 500, { error: error.message });
  } finally {
    span.end();
  }
});
server.listen(Number(process.env.PORT ?? 8080));

// SageMaker's when it takes an instance away, 30 seconds before it ends it: what is not sent yet is sent now.
process.once("SIGTERM", () => {
  server.close(() => void provider.shutdown());
  server.closeIdleConnections();
});
