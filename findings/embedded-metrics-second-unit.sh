#!/usr/bin/env bash
# aws-embedded-metrics 4.2.1 (Node.js), in a Lambda function: one metric is put twice with different units, another shares a property's name.
#
# Guess:     a second unit is refused, or converted, or gives a second entry. A property and a metric of one name are refused.
# Behaviour: the second unit is dropped: 2 milliseconds after 1 second are written as 1 and 2 seconds. The metric's values take the
#            place of a property or a dimension of the same name, so that the dimension's value is the metric's.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . aws-embedded-metrics@4.2.1
cat >measure.js <<'JAVASCRIPT'
const { createMetricsLogger, Unit } = require("aws-embedded-metrics");

async function measure(put) {
  const metrics = createMetricsLogger();
  metrics.setDimensions({ Endpoint: "ocr" });
  put(metrics);
  const written = [];
  const { log } = console;
  console.log = (line) => written.push(line);
  await metrics.flush();
  console.log = log;
  const { _aws, ...values } = JSON.parse(written[0]);
  console.log(JSON.stringify(values), JSON.stringify(_aws.CloudWatchMetrics[0].Metrics));
}

async function main() {
  await measure((metrics) => {
    metrics.putMetric("Wait", 1, Unit.Seconds);
    metrics.putMetric("Wait", 2, Unit.Milliseconds);
  });
  await measure((metrics) => {
    metrics.setProperty("Pages", "1-5");
    metrics.putMetric("Pages", 5, Unit.Count);
  });
  await measure((metrics) => metrics.putMetric("Endpoint", 1, Unit.Count));
}

main();
JAVASCRIPT
seen=$(AWS_LAMBDA_FUNCTION_NAME=ocr node measure.js)
expected='{"Endpoint":"ocr","Wait":[1,2]} [{"Name":"Wait","Unit":"Seconds"}]
{"Endpoint":"ocr","Pages":5} [{"Name":"Pages","Unit":"Count"}]
{"Endpoint":1} [{"Name":"Endpoint","Unit":"Count"}]'

printf 'aws-embedded-metrics 4.2.1\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
