#!/usr/bin/env bash
# aioboto3 15.5.0 beside boto3 1.40.61, on which it stands: results are downloaded to files. moto 5.2.5 is S3.
#
# Guess:     the same calls do the same: a file is there once its content is, one object's content is never half of another, and the
#            callback is called with the bytes that came since the last call.
# Behaviour: a download that finds no object leaves an empty file, in place of the one that stood there: whoever looks whether the
#            result's file exists takes nothing for a result. An object that is replaced between two parts gives half of each; boto3
#            refuses that. The callback gets the sum of all bytes so far each time.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check aioboto3==15.5.0 boto3==1.40.61 "moto[s3,server]==5.2.5"
cd "$folder"
cat >download.py <<'PYTHON'
import asyncio, inspect, logging, pathlib
import aioboto3, boto3
from boto3.s3.transfer import TransferConfig
from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").disabled = True
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
config = {"endpoint_url": f"http://{host}:{port}", "region_name": "us-east-1", "aws_access_key_id": "a", "aws_secret_access_key": "b"}
writer = boto3.client("s3", **config)
writer.create_bucket(Bucket="jobs")
one_by_one = TransferConfig(max_concurrency=1, multipart_threshold=5_000_000, multipart_chunksize=5_000_000)


async def attempt(name, client):
    async def download(key, **options):
        try:
            answer = client.download_file("jobs", key, "result", **options)
            if inspect.isawaitable(answer):
                await answer
            return "done"
        except Exception as error:
            return type(error).__name__

    result = pathlib.Path("result")
    result.unlink(missing_ok=True)
    end = await download("missing")
    print(f"{name}, no object: {end}, file {'of %d bytes' % result.stat().st_size if result.exists() else 'missing'}")
    result.write_text("yesterday's")
    end = await download("missing")
    print(f"{name}, no object, a file before: {end}, file of {result.stat().st_size} bytes")

    writer.put_object(Bucket="jobs", Key="page", Body=b"1" * 10_000_000)
    calls = []
    end = await download("page", Config=one_by_one, Callback=calls.append)
    print(f"{name}, callback: {end}, got {sum(calls):,} bytes in all")

    parts = 0

    def replace(**_):
        nonlocal parts
        parts += 1
        if parts == 2:
            writer.put_object(Bucket="jobs", Key="page", Body=b"2" * 10_000_000)

    client.meta.events.register("before-call.s3.GetObject", replace)
    result.unlink()
    end = await download("page", Config=one_by_one)
    read = result.read_bytes() if result.exists() else b""
    print(f"{name}, replaced between two parts: {end}, {read.count(b'1'):,} bytes of the first and {read.count(b'2'):,} of the second")


async def main():
    await attempt("boto3", boto3.client("s3", **config))
    async with aioboto3.Session().client("s3", **config) as client:
        await attempt("aioboto3", client)


asyncio.run(main())
server.stop()
PYTHON
seen=$(venv/bin/python -W ignore download.py)
expected='boto3, no object: ClientError, file missing
boto3, no object, a file before: ClientError, file of 11 bytes
boto3, callback: done, got 10,000,000 bytes in all
boto3, replaced between two parts: S3DownloadFailedError, 0 bytes of the first and 0 of the second
aioboto3, no object: ClientError, file of 0 bytes
aioboto3, no object, a file before: ClientError, file of 0 bytes
aioboto3, callback: done, got 15,000,000 bytes in all
aioboto3, replaced between two parts: done, 5,000,000 bytes of the first and 5,000,000 of the second'

printf 'aioboto3 15.5.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
