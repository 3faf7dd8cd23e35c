#!/usr/bin/env bash
# opentelemetry-propagator-aws-xray 1.0.2 (Python) and @opentelemetry/propagator-aws-xray 3.0.0 (JavaScript), reading the trace header
# that AWS's services pass on. Node.js 22 or later.
#
# Guess:     both read the same headers: names of headers know no case, a header without a decision (`Sampled=?`, or none) still says
#            which trace and which span the work belongs to.
# Behaviour: Python finds the header only under the name X-Amzn-Trace-Id: not as ASGI servers, HTTP/2 and function URLs write it, in lower
#            case. A header without `Sampled` continues the trace in Python and starts another one in JavaScript; `Sampled=?`
#            starts another one in both.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-propagator-aws-xray==1.0.2 opentelemetry-api==1.45.2
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . @opentelemetry/propagator-aws-xray@3.0.0 @opentelemetry/api@1.10.0
trace="Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8"
cat >headers.json <<JSON
{
  "as documented": { "X-Amzn-Trace-Id": "$trace;Sampled=1" },
  "lower case": { "x-amzn-trace-id": "$trace;Sampled=1" },
  "without Sampled": { "X-Amzn-Trace-Id": "$trace" },
  "Sampled=?": { "X-Amzn-Trace-Id": "$trace;Sampled=?" }
}
JSON
cat >read.py <<'PYTHON'
import json
from opentelemetry import trace
from opentelemetry.propagators.aws import AwsXRayPropagator

for name, headers in json.load(open("headers.json")).items():
    context = trace.get_current_span(AwsXRayPropagator().extract(headers)).get_span_context()
    print(f"Python, {name}:", "continued" if context.is_valid else "another trace")
PYTHON
cat >read.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import { defaultTextMapGetter, isSpanContextValid, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { AWSXRayPropagator } from "@opentelemetry/propagator-aws-xray";

for (const [name, headers] of Object.entries(JSON.parse(readFileSync("headers.json", "utf8")))) {
  const context = trace.getSpanContext(new AWSXRayPropagator().extract(ROOT_CONTEXT, headers, defaultTextMapGetter));
  console.log(`JavaScript, ${name}:`, context && isSpanContextValid(context) ? "continued" : "another trace");
}
JAVASCRIPT
seen=$(
  venv/bin/python read.py
  node read.mjs
)
expected="Python, as documented: continued
Python, lower case: another trace
Python, without Sampled: continued
Python, Sampled=?: another trace
JavaScript, as documented: continued
JavaScript, lower case: continued
JavaScript, without Sampled: another trace
JavaScript, Sampled=?: another trace"

printf 'opentelemetry-propagator-aws-xray 1.0.2, @opentelemetry/propagator-aws-xray 3.0.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
