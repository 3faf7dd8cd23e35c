#!/usr/bin/env bash
# sagemaker 2.257.7, an AsyncPredictor with a JSON serializer and deserializer, as for most models. moto 5.2.5 stands for S3.
#
# Guess:     `predict_async` sends the serializer's content type with the invocation, as `Predictor.predict` does. A failed job
#            raises AsyncInferenceModelError with the failure object's text.
# Behaviour: the invocation has no ContentType: only the uploaded object has it. The failure object goes through the deserializer,
#            so that a failure in plain text raises a JSONDecodeError, in which the model's error does not appear.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  sagemaker==2.257.7 boto3==1.44.8 botocore==1.44.8 "moto[s3]==5.2.5"
cd "$folder"
cat >fail.py <<'PYTHON'
import logging, warnings
from unittest.mock import MagicMock

warnings.filterwarnings("ignore")
logging.disable()
import boto3
from moto import mock_aws
from sagemaker.deserializers import JSONDeserializer
from sagemaker.predictor import Predictor
from sagemaker.predictor_async import AsyncPredictor
from sagemaker.serializers import JSONSerializer

with mock_aws():
    s3 = boto3.client("s3", "us-east-1")
    s3.create_bucket(Bucket="pages")
    s3.put_object(Bucket="pages", Key="1-error.out", Body=b"Received server error (500): CUDA out of memory")
    session = MagicMock(s3_client=s3)
    session._get_account_id_if_default_bucket.return_value = None
    invoke = session.sagemaker_runtime_client.invoke_endpoint_async
    invoke.return_value = {"OutputLocation": "s3://pages/1.out", "FailureLocation": "s3://pages/1-error.out"}
    predictor = AsyncPredictor(Predictor("ocr", session, serializer=JSONSerializer(), deserializer=JSONDeserializer()))
    response = predictor.predict_async({"page": 1}, input_path="s3://pages/1.json")
    print("invocation:", sorted(invoke.call_args.kwargs))
    print("object:", s3.head_object(Bucket="pages", Key="1.json")["ContentType"])
    try:
        response.get_result()
    except Exception as error:
        print(f"failed job: {type(error).__name__}: {error}")
PYTHON
seen=$(SAGEMAKER_SUPPRESS_V2_WARNING=1 AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b venv/bin/python fail.py 2>&1)
expected="invocation: ['Accept', 'EndpointName', 'InputLocation']
object: application/json
failed job: JSONDecodeError: Expecting value: line 1 column 1 (char 0)"

printf 'sagemaker 2.257.7\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
