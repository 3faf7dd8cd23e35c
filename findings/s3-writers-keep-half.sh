#!/usr/bin/env bash
# s3fs 2026.9.0, cloudpathlib 0.26.0 and smart_open 9.0.2: an object is written in a `with` block that fails halfway. moto 5.2.5 is S3.
#
# Guess:     S3 has no half-written objects: an upload is completed at the block's end or, when the block raises, not at all.
# Behaviour: s3fs and cloudpathlib upload what was written until then, as if the block had ended well: a truncated input stands
#            under its final key, and a job or an event notification takes it. smart_open uploads nothing. With s3fs, a transaction
#            (`with fs.transaction`) uploads nothing either.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  s3fs==2026.9.0 aiobotocore==3.10.0 "cloudpathlib[s3]==0.26.0" "smart_open[s3]==9.0.2" "moto[s3,server]==5.2.5"
cd "$folder"
cat >half.py <<'PYTHON'
import logging, boto3, s3fs, smart_open
from cloudpathlib import S3Client
from moto.server import ThreadedMotoServer

logging.disable()
server = ThreadedMotoServer(port=0, verbose=False)
server.start()
url = "http://{}:{}".format(*server.get_host_and_port())
s3 = boto3.client("s3", "us-east-1", endpoint_url=url)
s3.create_bucket(Bucket="pages")
fs = s3fs.S3FileSystem(endpoint_url=url)

def in_transaction():
    with fs.transaction:
        half(lambda: fs.open("pages/transaction", "wb"))

def half(opened):
    with opened() as file:
        file.write(b"first half")
        raise ValueError

for name, write in {
    "s3fs": lambda: half(lambda: fs.open("pages/s3fs", "wb")),
    "transaction": in_transaction,
    "cloudpathlib": lambda: half(lambda: S3Client(endpoint_url=url).CloudPath("s3://pages/cloudpathlib").open("wb")),
    "smart_open": lambda: half(lambda: smart_open.open("s3://pages/smart_open", "wb", transport_params={"client": s3})),
}.items():
    try:
        write()
    except ValueError:
        found = s3.list_objects_v2(Bucket="pages", Prefix=name).get("Contents", [])
        print(f"{name}: {[entry['Size'] for entry in found]}")
server.stop()
PYTHON
seen=$(AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_DEFAULT_REGION=us-east-1 venv/bin/python half.py)
expected='s3fs: [10]
transaction: []
cloudpathlib: [10]
smart_open: []'

printf 's3fs 2026.9.0, cloudpathlib 0.26.0, smart_open 9.0.2\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
