#!/usr/bin/env bash
# moto 5.2.5, CloudWatch: a new alarm, metric math, and a percentile of five values that were put.
#
# Guess:     a new alarm is INSUFFICIENT_DATA until it has data, and ALARM when they breach; an expression or a statistic that moto
#            does not compute is refused, as operations that it lacks are.
# Behaviour: a new alarm is OK at once and stays OK, whatever is put. An expression that is more than another query's id has no values, and the status
#            Complete, as a metric without data has. A percentile's datapoints come back without a value.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "moto[cloudwatch]==5.2.5" boto3==1.44.8
cd "$folder"
cat >watch.py <<'PYTHON'
from datetime import datetime, timedelta, timezone

import boto3
from moto import mock_aws

metric = {"Namespace": "Jobs", "MetricName": "Waiting"}
now = datetime.now(timezone.utc)
window = {"StartTime": now - timedelta(minutes=10), "EndTime": now + timedelta(minutes=1)}
with mock_aws():
    cloudwatch = boto3.client("cloudwatch", "us-east-1")
    state = lambda: cloudwatch.describe_alarms()["MetricAlarms"][0]["StateValue"]
    cloudwatch.put_metric_alarm(AlarmName="waiting", **metric, Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1,
                                ComparisonOperator="GreaterThanOrEqualToThreshold")
    print("alarm, no data:", state())
    for minutes in range(5):
        datum = {"MetricName": "Waiting", "Value": 100, "Timestamp": now - timedelta(minutes=minutes)}
        cloudwatch.put_metric_data(Namespace="Jobs", MetricData=[datum])
    print("alarm, breached:", state())
    queries = [{"Id": "waiting", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}]
    queries += [{"Id": "twice", "Expression": "waiting * 2"}, {"Id": "filled", "Expression": "FILL(waiting, 0)"}]
    for result in cloudwatch.get_metric_data(**window, MetricDataQueries=queries)["MetricDataResults"]:
        print(f"{result['Id']}: {len(result['Values'])} values, {result['StatusCode']}")
    point = cloudwatch.get_metric_statistics(**window, **metric, Period=60, ExtendedStatistics=["p90"])["Datapoints"][0]
    print("percentile:", sorted(point))
PYTHON
seen=$(AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b venv/bin/python watch.py)
expected="alarm, no data: OK
alarm, breached: OK
waiting: 5 values, Complete
twice: 0 values, Complete
filled: 0 values, Complete
percentile: ['Timestamp']"

printf 'moto 5.2.5\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
