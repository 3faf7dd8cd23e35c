#!/usr/bin/env bash
# s3fs 2026.9.0, a loop that looks for new results with `glob` or `exists`. moto 5.2.5 is S3; another client writes the results.
#
# Guess:     each call asks S3, or asks it again after a while; a new S3FileSystem certainly does.
# Behaviour: once a folder was listed, its listing is kept for the life of the process: results written later are found by no
#            `glob`, no `exists` and no read, though S3 has them. A new S3FileSystem with the same arguments is the same object.
#            `use_listings_cache=False` or `invalidate_cache()` before each look finds them.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  s3fs==2026.9.0 aiobotocore==3.10.0 boto3 "moto[s3,server]==5.2.5"
cd "$folder"
cat >poll.py <<'PYTHON'
import logging, boto3, s3fs
from moto.server import ThreadedMotoServer

logging.disable()
server = ThreadedMotoServer(port=0, verbose=False)
server.start()
url = "http://{}:{}".format(*server.get_host_and_port())
s3 = boto3.client("s3", "us-east-1", endpoint_url=url)
s3.create_bucket(Bucket="pages")
s3.put_object(Bucket="pages", Key="results/1.out", Body=b"one")
fs = s3fs.S3FileSystem(endpoint_url=url)
print("first look:", fs.glob("pages/results/*.out"))
s3.put_object(Bucket="pages", Key="results/2.out", Body=b"two")
for name, client in {"same": fs, "new": s3fs.S3FileSystem(endpoint_url=url)}.items():
    print(f"{name}:", client.glob("pages/results/*.out"), client.exists("pages/results/2.out"))
try:
    print("open:", fs.open("pages/results/2.out").read())
except FileNotFoundError as error:
    print("open:", type(error).__name__)
fs.invalidate_cache()
print("invalidated:", fs.glob("pages/results/*.out"))
server.stop()
PYTHON
seen=$(AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_DEFAULT_REGION=us-east-1 venv/bin/python poll.py)
expected="first look: ['pages/results/1.out']
same: ['pages/results/1.out'] False
new: ['pages/results/1.out'] False
open: FileNotFoundError
invalidated: ['pages/results/1.out', 'pages/results/2.out']"

printf 's3fs 2026.9.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
