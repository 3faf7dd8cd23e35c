#!/usr/bin/env bash
# pyarrow 26.0.1, the S3 file system (also below pandas, datasets and Ray Data), with moto 5.2.5 in the place of S3: one input is moved away
# and one result is deleted, each the last one below its prefix.
#
# Guess:     a deletion takes an object away and writes none; a move copies one and takes one away.
# Behaviour: each puts an empty object where the last one's "folder" was: `in/`, `out/job-7/`. Its creation is an event for whatever
#            watches that prefix and takes the right to write, and boto3 lists it among the inputs with 0 bytes. pyarrow itself doesn't show
#            it as a file. Deleting the content of the "folder" leaves it too; deleting the "folder" takes it away, and writes one a level
#            higher.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pyarrow==26.0.1 "moto[s3,server]==5.2.5" boto3
cd "$folder"
cat >move.py <<'PYTHON'
import boto3
from moto.server import ThreadedMotoServer
from pyarrow.fs import FileSelector, S3FileSystem

server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
s3 = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1", **keys)
arrow = S3FileSystem(access_key="key", secret_key="secret", region="us-east-1", scheme="http", endpoint_override=f"{host}:{port}")
s3.create_bucket(Bucket="jobs")


def show(name, key, act):
    for listed in s3.list_objects_v2(Bucket="jobs").get("Contents", []):
        s3.delete_object(Bucket="jobs", Key=listed["Key"])
    s3.put_object(Bucket="jobs", Key=key, Body=b"{}")
    act()
    listed = [f"{found['Key']} ({found['Size']} bytes)" for found in s3.list_objects_v2(Bucket="jobs").get("Contents", [])]
    files = [found.path for found in arrow.get_file_info(FileSelector("jobs", recursive=True)) if found.is_file]
    print(f"{name}: {', '.join(listed)}; files of pyarrow: {', '.join(files) or 'none'}")


show("delete a result", "out/job-7/result.json", lambda: arrow.delete_file("jobs/out/job-7/result.json"))
show("move an input", "in/job-7.json", lambda: arrow.move("jobs/in/job-7.json", "jobs/done/job-7.json"))
show("delete the content", "out/job-7/result.json", lambda: arrow.delete_dir_contents("jobs/out/job-7"))
show("delete the folder", "out/job-7/result.json", lambda: arrow.delete_dir("jobs/out/job-7"))
server.stop()
PYTHON
seen=$(AWS_EC2_METADATA_DISABLED=true venv/bin/python -W ignore move.py 2>notes.txt) || cat notes.txt >&2
expected='delete a result: out/job-7/ (0 bytes); files of pyarrow: none
move an input: done/job-7.json (2 bytes), in/ (0 bytes); files of pyarrow: jobs/done/job-7.json
delete the content: out/job-7/ (0 bytes); files of pyarrow: none
delete the folder: out/ (0 bytes); files of pyarrow: none'

printf 'pyarrow 26.0.1\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
