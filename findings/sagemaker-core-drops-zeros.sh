#!/usr/bin/env bash
# sagemaker-core 2.27.0 (the resources of version 3 of the SageMaker SDK), endpoint configurations made with its classes. moto 5.2.5
# stands for SageMaker; what is printed is what the SDK hands to boto3.
#
# Guess:     a field of a shape is sent as it was given: 0 and False are values, and the name that the class has for a field is
#            written as the service names it.
# Behaviour: 0 and False are left out of every shape (at the top of a call they are sent). A second variant with a weight of 0, which
#            should get no job, gets half of them, since the service takes 1 for a missing weight. Names with an abbreviation are
#            written another way than the service has them: boto3 refuses `enable_ssm_access` and a serverless variant's memory.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check sagemaker-core==2.27.0 "moto[sagemaker]==5.2.5" boto3==1.44.8
cd "$folder"
cat >configure.py <<'PYTHON'
import logging

logging.disable()
import boto3
from botocore.exceptions import ParamValidationError
from moto import mock_aws
from pydantic import ValidationError
from sagemaker.core.resources import EndpointConfig
from sagemaker.core.shapes import CaptureOption, DataCaptureConfig, ProductionVariant, ProductionVariantServerlessConfig
from sagemaker.core.utils.utils import SageMakerClient


def show(params, **_):
    for variant in params["ProductionVariants"]:
        print("variant:", {name: value for name, value in variant.items() if name not in ("ModelName", "InstanceType")})
    if "DataCaptureConfig" in params:
        print("capture:", params["DataCaptureConfig"])


def create(*variants, **more):
    try:
        EndpointConfig.create(endpoint_config_name="ocr", production_variants=list(variants), session=session, region="us-east-1", **more)
    except ParamValidationError as error:
        print("refused:", str(error).splitlines()[1].split(",")[0])
    except ValidationError:
        pass  # moto's answer, after the call was made


with mock_aws():
    session = boto3.Session(region_name="us-east-1")
    client = SageMakerClient(session=session, region_name="us-east-1").sagemaker_client
    client.create_model(ModelName="ocr", ExecutionRoleArn="arn:aws:iam::123456789012:role/ocr", PrimaryContainer={"Image": "ocr:1"})
    client.meta.events.register("provide-client-params.sagemaker.CreateEndpointConfig", show)
    gpu = {"model_name": "ocr", "instance_type": "ml.g4dn.xlarge", "initial_instance_count": 1}
    create(
        ProductionVariant(variant_name="old", initial_variant_weight=1, **gpu),
        ProductionVariant(variant_name="new", initial_variant_weight=0, **gpu),
    )
    capture = DataCaptureConfig(
        enable_capture=False,
        initial_sampling_percentage=50,
        destination_s3_uri="s3://pages/seen",
        capture_options=[CaptureOption(capture_mode="Input")],
    )
    create(ProductionVariant(variant_name="all", **gpu), data_capture_config=capture)
    create(ProductionVariant(variant_name="all", enable_ssm_access=True, **gpu))
    serverless = ProductionVariantServerlessConfig(memory_size_in_mb=2048, max_concurrency=1)
    create(ProductionVariant(variant_name="all", model_name="ocr", serverless_config=serverless))
PYTHON
seen=$(AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b venv/bin/python -W ignore configure.py)
expected="variant: {'VariantName': 'old', 'InitialInstanceCount': 1, 'InitialVariantWeight': 1.0}
variant: {'VariantName': 'new', 'InitialInstanceCount': 1}
variant: {'VariantName': 'all', 'InitialInstanceCount': 1}
capture: {'InitialSamplingPercentage': 50, 'DestinationS3Uri': 's3://pages/seen', 'CaptureOptions': [{'CaptureMode': 'Input'}]}
variant: {'VariantName': 'all', 'InitialInstanceCount': 1, 'EnableSsmAccess': True}
refused: Unknown parameter in ProductionVariants[0]: \"EnableSsmAccess\"
variant: {'VariantName': 'all', 'ServerlessConfig': {'MemorySizeInMb': 2048, 'MaxConcurrency': 1}}
refused: Missing required parameter in ProductionVariants[0].ServerlessConfig: \"MemorySizeInMB\""

printf 'sagemaker-core 2.27.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
