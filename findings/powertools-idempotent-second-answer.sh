#!/usr/bin/env bash
# aws-lambda-powertools 3.37.0, a function made idempotent, called twice for one job. moto 5.2.5 is DynamoDB.
#
# Guess:     the second call gives what the first one gave, without running the function; what can't be kept is an error before
#            the work is done, or leaves a record that a retry may take.
# Behaviour: 0, "", False and an empty list come back as None, a tuple as a list, a Decimal and a number as a key as texts. A result that
#            JSON has no form for is an error after the work, and each further call is "already in progress" for the time that
#            records are kept, an hour by default.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  aws-lambda-powertools==3.37.0 jmespath==1.0.1 "moto[dynamodb]==5.2.5" boto3==1.44.8
cd "$folder"
cat >twice.py <<'PYTHON'
import datetime, os
from decimal import Decimal

os.environ.update(AWS_DEFAULT_REGION="eu-west-1", AWS_LAMBDA_FUNCTION_NAME="results")
import boto3
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent_function
from moto import mock_aws

results = {
    "zero": 0,
    "empty text": "",
    "false": False,
    "no boxes": [],
    "size": (640, 480),
    "price": Decimal("1.10"),
    "words by page": {1: 250},
    "moment": datetime.date(2026, 1, 25),
}
calls = 0
with mock_aws():
    table = {
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    }
    boto3.client("dynamodb").create_table(TableName="jobs", BillingMode="PAY_PER_REQUEST", **table)

    @idempotent_function(data_keyword_argument="job", persistence_store=DynamoDBPersistenceLayer("jobs"), config=IdempotencyConfig())
    def handle(job):
        global calls
        calls += 1
        return results[job]

    for job in results:
        seen = []
        for _ in range(2):
            try:
                seen.append(repr(handle(job=job)))
            except Exception as error:
                seen.append(type(error).__name__)
        print(f"{job}: {seen[0]}, then {seen[1]}")
print("the function ran", calls, "times for", len(results), "jobs")
PYTHON
seen=$(AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b venv/bin/python -W ignore twice.py 2>/dev/null)
expected="zero: 0, then None
empty text: '', then None
false: False, then None
no boxes: [], then None
size: (640, 480), then [640, 480]
price: Decimal('1.10'), then '1.10'
words by page: {1: 250}, then {'1': 250}
moment: IdempotencyPersistenceLayerError, then IdempotencyAlreadyInProgressError
the function ran 8 times for 8 jobs"

printf 'aws-lambda-powertools 3.37.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
