#!/usr/bin/env bash
# sagemaker 2.257.7, S3Downloader.download with the addresses of single results. moto 5.2.5 stands for S3.
#
# Guess:     the address of an object gives that object as a file of its name, or an error when there is none.
# Behaviour: the key is a prefix: each object whose key goes on after it comes too. An object without an extension in its key can't be
#            had at all: the download ends in an operating system's error, since the file has the folder's name. Of an object that isn't
#            there, as of a result that isn't written yet, nothing is written nor raised: the list of files is empty.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  sagemaker==2.257.7 boto3==1.44.8 botocore==1.44.8 "moto[s3]==5.2.5"
cd "$folder"
cat >download.py <<'PYTHON'
import logging, pathlib, warnings

warnings.filterwarnings("ignore")
logging.disable()
import boto3, sagemaker
from moto import mock_aws
from sagemaker.s3 import S3Downloader

with mock_aws():
    boto = boto3.Session(region_name="us-east-1")
    s3 = boto.client("s3")
    s3.create_bucket(Bucket="jobs")
    session = sagemaker.Session(boto, sagemaker_client=boto.client("sagemaker"))
    for key in ("output/17.out", "output/17.out.meta", "output/18.out", "output/19"):
        s3.put_object(Bucket="jobs", Key=key, Body=f"content of {key}")
    for number, key in enumerate(("output/18.out", "output/17.out", "output/19", "output/20.out")):
        target = pathlib.Path(f"results-{number}")
        target.mkdir()
        try:
            end = S3Downloader.download(f"s3://jobs/{key}", str(target), sagemaker_session=session)
        except Exception as error:
            end = type(error).__name__
        print(f"{key}: {end}, files {[(file.name, file.read_text()) for file in sorted(target.iterdir())]}")
PYTHON
seen=$(AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b venv/bin/python -W ignore download.py 2>notes.txt) || cat notes.txt >&2
expected="output/18.out: ['results-0/18.out'], files [('18.out', 'content of output/18.out')]
output/17.out: ['results-1/17.out', 'results-1/17.out.meta'], files [('17.out', 'content of output/17.out'), ('17.out.meta', 'content of output/17.out.meta')]
output/19: OSError, files []
output/20.out: [], files []"

printf 'sagemaker 2.257.7\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
