#!/usr/bin/env bash
# cloudpathlib 0.26.0 and s3path 0.6.5, objects whose keys differ in empty or dotted parts only, all of which S3 allows. moto 5.2.5 is S3.
#
# Guess:     each path names one key: it reads that object, or refuses the key as obstore does.
# Behaviour: cloudpathlib keeps its local copies under the tidied path: keys that are tidied to the same path share one copy, and the
#            second one to be read gives the first one's content. s3path tidies the key itself and reads the object of the tidied
#            key; its `as_uri` writes a blank as %20, which SageMaker's InputLocation takes as part of the key.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  "cloudpathlib[s3]==0.26.0" s3path==0.6.5 boto3==1.44.8 "moto[s3]==5.2.5"
cd "$folder"
cat >keys.py <<'PYTHON'
import boto3
from cloudpathlib import CloudPath
from moto import mock_aws
from s3path import S3Path

with mock_aws():
    s3 = boto3.client("s3", "us-east-1")
    s3.create_bucket(Bucket="pages")
    keys = ("run//page", "run/./page", "run/page")
    for key in keys:
        s3.put_object(Bucket="pages", Key=key, Body=f"object {key}".encode())
    for key in keys:
        print(f"cloudpathlib, {key}: {CloudPath(f's3://pages/{key}').read_text()}")
    for key in keys:
        print(f"s3path, {key}: {S3Path(f'/pages/{key}').read_text()}")
    print("s3path as_uri:", S3Path("/pages/page 1.png").as_uri())
PYTHON
seen=$(AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_DEFAULT_REGION=us-east-1 venv/bin/python keys.py)
expected='cloudpathlib, run//page: object run//page
cloudpathlib, run/./page: object run//page
cloudpathlib, run/page: object run//page
s3path, run//page: object run/page
s3path, run/./page: object run/page
s3path, run/page: object run/page
s3path as_uri: s3://pages/page%201.png'

printf 'cloudpathlib 0.26.0, s3path 0.6.5\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
