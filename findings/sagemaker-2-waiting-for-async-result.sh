#!/usr/bin/env bash
# sagemaker 2.257.7, waiting for the result of an asynchronous inference with `get_result(WaiterConfig())`, whose defaults are
# 60 tries 15 seconds apart. A local server stands for S3.
#
# Guess:     a refused read (403, as without the permission to list) is told as such. When the result is there, nothing is left behind.
# Behaviour: the refusal ends the wait at once, and is told as "No result ... after polling for 900 seconds. Inference could still be
#            running". And after a result the thread that looks for the failure goes on for the rest of the 900 seconds; it is no
#            daemon, so that the process can't end before. `get_result()` without an argument looks once, though its documentation
#            tells of a default for the wait.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check sagemaker==2.257.7 boto3==1.44.8 botocore==1.44.8
cd "$folder"
cat >wait.py <<'PYTHON'
import logging, threading, time, warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest.mock import MagicMock

warnings.filterwarnings("ignore")
logging.disable()
import boto3
from sagemaker.async_inference import WaiterConfig
from sagemaker.async_inference.async_inference_response import AsyncInferenceResponse
from sagemaker.predictor import Predictor
from sagemaker.predictor_async import AsyncPredictor

class Store(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if "done" in self.path else 403 if "denied" in self.path else 404)
        self.send_header("content-length", "0")
        self.end_headers()

    do_HEAD = do_GET
    log_message = lambda *_: None

server = ThreadingHTTPServer(("127.0.0.1", 0), Store)
threading.Thread(target=server.serve_forever, daemon=True).start()
session = MagicMock()
session._get_account_id_if_default_bucket.return_value = None
session.s3_client = boto3.client("s3", "eu-west-1", endpoint_url=f"http://127.0.0.1:{server.server_port}",
                                 aws_access_key_id="a", aws_secret_access_key="b")
predictor = AsyncPredictor(Predictor("ocr", session))
for output, waiter in (("denied", WaiterConfig()), ("done", WaiterConfig(max_attempts=2, delay=5))):
    started = time.monotonic()
    response = AsyncInferenceResponse(predictor, f"s3://pages/{output}.out", f"s3://pages/{output.replace('done', 'none')}-error.out")
    try:
        print(f"{output}: {response.get_result(waiter)!r}")
    except Exception as error:
        print(f"{output}: {type(error).__name__}: {error}")
    print("  within 10 seconds:", time.monotonic() - started < 10)
    print("  threads that keep the process:", sum(not thread.daemon for thread in threading.enumerate()) - 1)
PYTHON
seen=$(SAGEMAKER_SUPPRESS_V2_WARNING=1 venv/bin/python wait.py 2>&1)
expected="denied: PollingTimeoutError: No result at s3://pages/denied.out after polling for 900 seconds. Inference could still be running
  within 10 seconds: True
  threads that keep the process: 0
done: b''
  within 10 seconds: True
  threads that keep the process: 1"

printf 'sagemaker 2.257.7\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
