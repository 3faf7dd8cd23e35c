#!/usr/bin/env bash
# @opentelemetry/otlp-transformer 0.223.1 with sdk-trace-base 2.12.1: a span's numbers as OTLP over JSON and as OTLP over protobuf.
#
# Guess:     both encodings carry the same values, and one attribute has one type: a JavaScript number is a double.
# Behaviour: a whole number is an int and another one a double, so that a price of 2 and one of 2.5 have different types at the
#            receiver. In JSON a whole number beyond 64 bits is an `intValue` that no int64 holds, and NaN is `null`, where OTLP's
#            JSON has the text "NaN"; in protobuf the first is a double and the second NaN.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . \
  @opentelemetry/otlp-transformer@0.223.1 @opentelemetry/sdk-trace-base@2.12.1 @opentelemetry/api@1.9.0 protobufjs@7.5.4
cat >encode.js <<'JAVASCRIPT'
const { JsonTraceSerializer, ProtobufTraceSerializer } = require("@opentelemetry/otlp-transformer");
const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = require("@opentelemetry/sdk-trace-base");
const { parse } = require("protobufjs");

// The part of OTLP's messages in which an attribute's value lies, by its public field numbers.
const { root } = parse(`syntax = "proto3";
  message Request { repeated ResourceSpans resourceSpans = 1; } message ResourceSpans { repeated ScopeSpans scopeSpans = 2; }
  message ScopeSpans { repeated Span spans = 2; } message Span { repeated KeyValue attributes = 9; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string stringValue = 1; int64 intValue = 3; double doubleValue = 4; } }`);
const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
provider.getTracer("shop").startSpan("job", { attributes: { two: 2, half: 2.5, vast: 1e20, nan: NaN } }).end();
const spans = exporter.getFinishedSpans();
const json = JSON.parse(new TextDecoder().decode(JsonTraceSerializer.serializeRequest(spans)));
const binary = root.lookupType("Request").decode(ProtobufTraceSerializer.serializeRequest(spans));
const attributes = (request) => request.resourceSpans[0].scopeSpans[0].spans[0].attributes;
attributes(json).forEach(({ key, value }, index) => {
  const [[kind, number]] = Object.entries(attributes(binary)[index].value);
  console.log(`${key}: JSON ${JSON.stringify(value)}, protobuf ${kind} ${number}`);
});
JAVASCRIPT
seen=$(node encode.js)
expected='two: JSON {"intValue":2}, protobuf intValue 2
half: JSON {"doubleValue":2.5}, protobuf doubleValue 2.5
vast: JSON {"intValue":100000000000000000000}, protobuf doubleValue 100000000000000000000
nan: JSON {"doubleValue":null}, protobuf doubleValue NaN'

printf '@opentelemetry/otlp-transformer 0.223.1\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
