#!/usr/bin/env bash
# sagemaker 2.257.7, an object whose key has a `#` or a `?`, both of which S3 allows. moto 5.2.5 stands for S3.
#
# Guess:     s3://pages/scan#2.png names the object with the key `scan#2.png`, as for boto3 and for SageMaker's InputLocation.
# Behaviour: the key is taken as a web address is: cut at `#` and `?`, and slashes at its beginning are dropped. The SDK reads
#            another object without a word, here `scan`. Results that are waited for by AsyncPredictor go the same way.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  sagemaker==2.257.7 boto3==1.44.8 botocore==1.44.8 "moto[s3]==5.2.5"
cd "$folder"
cat >keys.py <<'PYTHON'
import logging, warnings

warnings.filterwarnings("ignore")
logging.disable()
import boto3, sagemaker
from moto import mock_aws
from sagemaker.s3 import S3Downloader

with mock_aws():
    boto = boto3.Session(region_name="us-east-1")
    s3 = boto.client("s3")
    s3.create_bucket(Bucket="pages")
    session = sagemaker.Session(boto, sagemaker_client=boto.client("sagemaker"))
    for key in ("scan", "scan#2.png", "scan?page=2", "/scan"):
        s3.put_object(Bucket="pages", Key=key, Body=f"object {key}".encode())
    for key in ("scan", "scan#2.png", "scan?page=2", "/scan"):
        print(f"{key}: {S3Downloader.read_file(f's3://pages/{key}', session)}")
PYTHON
seen=$(SAGEMAKER_SUPPRESS_V2_WARNING=1 AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b venv/bin/python keys.py 2>&1)
expected='scan: object scan
scan#2.png: object scan
scan?page=2: object scan
/scan: object scan'

printf 'sagemaker 2.257.7\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
