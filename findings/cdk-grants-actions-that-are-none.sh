#!/usr/bin/env bash
# aws-cdk-lib 2.276.0, `CallAwsService` of Step Functions: a state machine that sends a job to an asynchronous endpoint, looks whether its
# result is there, wakes the endpoint's scaling and calls a function, each by the SDK's service and action; cfn-lint 1.58.0 reads the role.
#
# Guess:     the role is allowed what the call needs, sagemaker:InvokeEndpointAsync for the first, or the construct says that it can't know.
# Behaviour: the names of the SDK are put together as they are: `sagemakerruntime:invokeEndpointAsync`, `s3:headObject`,
#            `lambda:invoke`, of which IAM knows none. The deployment works; the machine's first call is denied. `iamAction` mends it.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check cfn-lint==1.58.0
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . aws-cdk-lib@2.276.0 constructs@10.8.1
cat >role.js <<'JAVASCRIPT'
const { writeFileSync } = require("node:fs");
const { App, Stack, assertions, aws_stepfunctions: states, aws_stepfunctions_tasks: tasks } = require("aws-cdk-lib");

const stack = new Stack(new App(), "Jobs");
const calls = [
  ["sagemakerruntime", "invokeEndpointAsync"],
  ["applicationautoscaling", "registerScalableTarget"],
  ["s3", "headObject"],
  ["s3", "listObjectsV2"],
  ["lambda", "invoke"],
  ["sagemaker", "describeEndpoint"],
  ["sagemakerruntime", "invokeEndpointAsync", "sagemaker:InvokeEndpointAsync"],
];
const steps = calls.map(
  ([service, action, iamAction], index) => new tasks.CallAwsService(stack, `Call${index}`, { service, action, iamAction, iamResources: ["*"] }),
);
new states.StateMachine(stack, "Machine", { definitionBody: states.DefinitionBody.fromChainable(steps.reduce((chain, step) => chain.next(step))) });
writeFileSync("template.json", JSON.stringify(assertions.Template.fromStack(stack).toJSON()));
JAVASCRIPT
node role.js
cat >known.py <<'PYTHON'
import json
import re
import subprocess
import sys

with open("template.json") as file:
    policies = [resource for resource in json.load(file)["Resources"].values() if resource["Type"] == "AWS::IAM::Policy"]
statements = policies[0]["Properties"]["PolicyDocument"]["Statement"]
linted = subprocess.run([sys.argv[1], "--format", "json", "--include-checks", "W", "--", "template.json"], stdout=subprocess.PIPE).stdout
said = [found["Message"] for found in json.loads(linted) if found["Rule"]["Id"] == "W3037"]
for action in (statement["Action"] for statement in statements):
    service, name = action.split(":")
    unknown = [message for message in said if re.match(f".({service}|{name}). ", message, re.IGNORECASE)]
    print(f"{action}: {'unknown' if unknown else 'known'}")
PYTHON
seen=$(venv/bin/python -W ignore known.py venv/bin/cfn-lint)
expected='sagemakerruntime:invokeEndpointAsync: unknown
applicationautoscaling:registerScalableTarget: unknown
s3:headObject: unknown
s3:listObjectsV2: unknown
lambda:invoke: unknown
sagemaker:describeEndpoint: known
sagemaker:InvokeEndpointAsync: known'

printf 'aws-cdk-lib 2.276.0, cfn-lint 1.58.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
