#!/usr/bin/env bash
# moto 5.2.5, `invoke_endpoint_async` of an endpoint whose configuration names an output and a failure path.
#
# Guess:     the result is written below the configured output path, one object per invocation, and the endpoint must exist.
# Behaviour: the result goes to a bucket that moto makes for the purpose, one per input location: two invocations with the same
#            input have the same OutputLocation. Neither the endpoint nor the input object needs to exist. A test that lists the
#            configured prefix, counts results or expects a validation error sees other things than on AWS.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "moto[s3,sagemaker]==5.2.5" boto3==1.44.8
cd "$folder"
cat >invoke.py <<'PYTHON'
import boto3
from moto import mock_aws

with mock_aws():
    s3, sagemaker, runtime = (boto3.client(name, "us-east-1") for name in ("s3", "sagemaker", "sagemaker-runtime"))
    s3.create_bucket(Bucket="pages")
    s3.put_object(Bucket="pages", Key="in/1", Body=b"page")
    sagemaker.create_model(ModelName="ocr", ExecutionRoleArn="arn:aws:iam::123456789012:role/ocr", PrimaryContainer={"Image": "ocr:1"})
    variant = {"VariantName": "all", "ModelName": "ocr", "InitialInstanceCount": 1, "InstanceType": "ml.g4dn.xlarge"}
    paths = {"S3OutputPath": "s3://pages/out", "S3FailurePath": "s3://pages/failed"}
    sagemaker.create_endpoint_config(EndpointConfigName="ocr", ProductionVariants=[variant], AsyncInferenceConfig={"OutputConfig": paths})
    sagemaker.create_endpoint(EndpointName="ocr", EndpointConfigName="ocr")
    locations = [runtime.invoke_endpoint_async(EndpointName="ocr", InputLocation="s3://pages/in/1")["OutputLocation"] for _ in range(2)]
    print("below the output path:", [location.startswith("s3://pages/out/") for location in locations])
    print("an object per invocation:", len(set(locations)) == 2)
    print("in the bucket:", [entry["Key"] for entry in s3.list_objects_v2(Bucket="pages")["Contents"]])
    answer = runtime.invoke_endpoint_async(EndpointName="no-such-endpoint", InputLocation="s3://pages/no-such-input")
    print("no endpoint, no input:", "OutputLocation" in answer)
PYTHON
seen=$(AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b venv/bin/python invoke.py)
expected="below the output path: [False, False]
an object per invocation: False
in the bucket: ['in/1']
no endpoint, no input: True"

printf 'moto 5.2.5\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
