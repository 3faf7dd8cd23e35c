#!/usr/bin/env bash
# @opentelemetry/exporter-prometheus 0.223.0 (JavaScript) and opentelemetry-exporter-prometheus (Python) give Prometheus the same counter, counted
# with attributes that become one name there, as job.state and job_state do. prometheus_client 0.26.0 reads the page.
#
# Guess:     such attributes are joined, as OpenTelemetry's rules for Prometheus say, and each series stands there once.
# Behaviour: JavaScript writes the label twice, and the reader refuses the page with all other metrics on it. Python keeps one of the two values,
#            the last. Two series that become one stand there twice in both languages, with two values, of which Prometheus takes one: the
#            counts are not added.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-exporter-prometheus==0.66b2 opentelemetry-sdk==1.45.2 prometheus_client==0.26.0
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . @opentelemetry/exporter-prometheus@0.223.0 @opentelemetry/sdk-metrics@2.12.1 @opentelemetry/api@1.9.0
cat >count.js <<'JAVASCRIPT'
const { PrometheusSerializer } = require("@opentelemetry/exporter-prometheus");
const { MeterProvider, MetricReader } = require("@opentelemetry/sdk-metrics");

class Reader extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}
(async () => {
  const reader = new Reader();
  const counter = new MeterProvider({ readers: [reader] }).getMeter("shop").createCounter("jobs.done");
  for (const [count, attributes] of JSON.parse(process.argv[2])) counter.add(count, attributes);
  const { resourceMetrics } = await reader.collect();
  process.stdout.write(new PrometheusSerializer().serialize(resourceMetrics));
})();
JAVASCRIPT
cat >count.py <<'PYTHON'
import json, re, subprocess
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

ONE = [[1, {"job.state": "COMPLETED", "job_state": "FAILED"}]]
TWO = [[2, {"job.kind": "ocr"}], [3, {"job_kind": "ocr"}]]


def python(counts):
    registry = CollectorRegistry()
    counter = MeterProvider([PrometheusMetricReader(registry=registry)]).get_meter("shop").create_counter("jobs.done")
    for count, attributes in counts:
        counter.add(count, attributes)
    return generate_latest(registry).decode()


def javascript(counts):
    return subprocess.run(["node", "count.js", json.dumps(counts)], stdout=subprocess.PIPE, check=True, text=True).stdout


for counts in (ONE, TWO):
    for write in (javascript, python):
        page = write(counts)
        print(f"{write.__name__}, {counts}")
        print("  page: " + " | ".join(re.sub(r',?otel_\w+="[^"]*"', "", line) for line in page.splitlines() if line.startswith("jobs")))
        try:
            print(f"  the reader finds {sum(len(family.samples) for family in text_string_to_metric_families(page))} samples")
        except ValueError as error:
            print("  the reader refuses all:", re.sub(r",?otel_.*", "", str(error)))
PYTHON
seen=$(venv/bin/python -W ignore count.py)
expected="javascript, [[1, {'job.state': 'COMPLETED', 'job_state': 'FAILED'}]]
  page: jobs_done_total{job_state=\"COMPLETED\",job_state=\"FAILED\"} 1
  the reader refuses all: Invalid labels: job_state=\"COMPLETED\",job_state=\"FAILED\"
python, [[1, {'job.state': 'COMPLETED', 'job_state': 'FAILED'}]]
  page: jobs_done_total{job_state=\"FAILED\"} 1.0
  the reader finds 2 samples
javascript, [[2, {'job.kind': 'ocr'}], [3, {'job_kind': 'ocr'}]]
  page: jobs_done_total{job_kind=\"ocr\"} 2 | jobs_done_total{job_kind=\"ocr\"} 3
  the reader finds 3 samples
python, [[2, {'job.kind': 'ocr'}], [3, {'job_kind': 'ocr'}]]
  page: jobs_done_total{job_kind=\"ocr\"} 2.0 | jobs_done_total{job_kind=\"ocr\"} 3.0
  the reader finds 3 samples"

printf '@opentelemetry/exporter-prometheus 0.223.0, opentelemetry-exporter-prometheus 0.66b2\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
