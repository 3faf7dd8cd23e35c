#!/usr/bin/env bash
# kombu 5.7.0, the transport of Celery, with SQS. moto 5.2.5 is SQS.
#
# Guess:     queues of different names are different queues, or a name that SQS does not allow is refused.
# Behaviour: each sign that SQS does not allow becomes an underscore, and a dot a hyphen: jobs:a, jobs/a and jobs_a are one queue, jobs.a and
#            jobs-a another. A worker of one of them gets the others' messages, and acknowledges them.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "kombu[sqs]==5.7.0" "moto[sqs]==5.2.5" boto3==1.44.8
cd "$folder"
cat >queues.py <<'PYTHON'
import boto3
from kombu import Connection
from moto import mock_aws

OPTIONS = {"region": "us-east-1", "wait_time_seconds": 0, "polling_interval": 0.1}
NAMES = ("jobs:a", "jobs/a", "jobs_a", "jobs.a", "jobs-a")

with mock_aws(), Connection("sqs://", transport_options=OPTIONS) as connection:
    for name in NAMES:
        connection.SimpleQueue(name).put(f"for {name}")
    urls = boto3.client("sqs", "us-east-1").list_queues()["QueueUrls"]
    print("queues:", ", ".join(sorted(url.rsplit("/", 1)[1] for url in urls)))
    for name, count in (("jobs_a", 3), ("jobs-a", 2)):
        queue = connection.SimpleQueue(name)
        messages = [queue.get(timeout=10) for _ in range(count)]
        print(f"a worker of {name} gets:", ", ".join(sorted(message.payload for message in messages)))
        for message in messages:
            message.ack()
PYTHON
seen=$(AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_DEFAULT_REGION=us-east-1 venv/bin/python -W ignore queues.py)
expected='queues: jobs-a, jobs_a
a worker of jobs_a gets: for jobs/a, for jobs:a, for jobs_a
a worker of jobs-a gets: for jobs-a, for jobs.a'

printf 'kombu 5.7.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
