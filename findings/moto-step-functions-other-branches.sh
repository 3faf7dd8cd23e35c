#!/usr/bin/env bash
# moto 5.2.5 with `execute_state_machine`, which runs state machines instead of keeping their definition.
#
# Guess:     what it can't run is refused when the state machine is created; an error has the name by which a Catch of the service's
#            documentation finds it, and an output is JSON; a distributed Map with a failed item fails, since no failure is tolerated by default.
# Behaviour: an expression in JSONata, and the call of an asynchronous endpoint, are accepted and fail in each execution, the first by
#            a Python error. S3's error is `s3.NoSuchKeyException` instead of `S3.NoSuchKeyException`, so that the Catch for it is passed
#            over; DynamoDB's has its name. The Map succeeds, with null for the item that failed. An output that is a text is no JSON: it has
#            no quotes.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "moto[dynamodb,s3,stepfunctions]==5.2.5" boto3==1.44.8
cd "$folder"
cat >execute.py <<'PYTHON'
import json, re, time
import boto3
from moto import mock_aws

END = {"Type": "Pass", "End": True}


def call(resource, parameters, error=None):
    task = {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:{resource}", "Parameters": parameters, "End": True}
    if error:
        task["Catch"] = [{"ErrorEquals": [error], "Next": "Missing"}, {"ErrorEquals": ["States.ALL"], "Next": "Other"}]
    return {"StartAt": "Call", "States": {"Call": task, "Missing": END | {"Result": "missing"}, "Other": END | {"Result": "another error"}}}


item = {
    "StartAt": "Judge",
    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
    "States": {
        "Judge": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericGreaterThan": 1, "Next": "Bad"}], "Default": "Good"},
        "Good": END,
        "Bad": {"Type": "Fail", "Error": "BadPage"},
    },
}
definitions = {
    "JSONata": {"QueryLanguage": "JSONata", "StartAt": "Add", "States": {"Add": END | {"Output": "{% $states.input.pages[0] + 1 %}"}}},
    "asynchronous endpoint": call("sagemakerruntime:invokeEndpointAsync", {"EndpointName": "ocr", "InputLocation": "s3://pages/in/1"}),
    "no such object": call("s3:getObject", {"Bucket": "pages", "Key": "out/1"}, "S3.NoSuchKeyException"),
    "no such table": call("dynamodb:getItem", {"TableName": "jobs", "Key": {"id": {"S": "1"}}}, "DynamoDb.ResourceNotFoundException"),
    "Map, one item fails": {"StartAt": "All", "States": {"All": {"Type": "Map", "ItemsPath": "$.pages", "ItemProcessor": item, "End": True}}},
}
with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
    boto3.client("s3", "us-east-1").create_bucket(Bucket="pages")
    states = boto3.client("stepfunctions", "us-east-1")
    role = "arn:aws:iam::123456789012:role/jobs"
    for name, definition in definitions.items():
        arn = states.create_state_machine(name=name.split(",")[0].replace(" ", "-"), definition=json.dumps(definition), roleArn=role)["stateMachineArn"]
        execution = states.start_execution(stateMachineArn=arn, input='{"pages": [1, 2]}')["executionArn"]
        while (seen := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
            time.sleep(0.1)
        print(f"{name}: {seen['status']}", seen.get("output") or re.search(r"Unknown service|TypeError.*", seen["cause"])[0])
PYTHON
seen=$(AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b venv/bin/python execute.py 2>/dev/null)
expected="JSONata: FAILED TypeError('NoneType' object is not callable)
asynchronous endpoint: FAILED Unknown service
no such object: SUCCEEDED another error
no such table: SUCCEEDED missing
Map, one item fails: SUCCEEDED [1, null]"

printf 'moto 5.2.5\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
