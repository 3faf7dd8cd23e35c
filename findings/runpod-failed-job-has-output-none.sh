#!/usr/bin/env bash
# runpod 1.12.0, the client of another service for asynchronous inference. A local server stands for the service.
#
# Guess:     `output()` of a job that failed raises, with the error that the service tells; a request is sent as it was given.
# Behaviour: a job that failed, ran out of time or was cancelled has the output None, as one that still runs and one whose model gave null:
#            `output(timeout=...)` and `run_sync` raise nothing, and the error's text is thrown away. A request whose input is empty or 0
#            is wrapped once more.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check runpod==1.12.0
cd "$folder"
cat >jobs.py <<'PYTHON'
import json, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

requests = []
answers = {
    "running": {"status": "IN_PROGRESS"},
    "null": {"status": "COMPLETED", "output": None},
    "failed": {"status": "FAILED", "error": "CUDA out of memory"},
    "late": {"status": "TIMED_OUT", "error": "job timed out"},
    "stopped": {"status": "CANCELLED"},
}


class Service(BaseHTTPRequestHandler):
    def answer(self):
        if length := int(self.headers.get("content-length") or 0):
            requests.append(self.rfile.read(length).decode())
        job = self.path.split("/")[-1]
        body = json.dumps({"id": job} | answers.get(job, answers["failed"])).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=server.serve_forever, daemon=True).start()

import runpod
from runpod.endpoint.runner import Job

runpod.api_key = "key"
runpod.endpoint_url_base = f"http://127.0.0.1:{server.server_port}"
endpoint = runpod.Endpoint("ocr")
for name in answers:
    print(f"{name}: {Job('ocr', name, endpoint.rp_client).output(timeout=0 if name == 'running' else 60)}")
print("run_sync, failed:", endpoint.run_sync({"input": {"page": 1}}))
requests.clear()
for value in ({"page": 1}, {}, 0):
    endpoint.run({"input": value})
print("sent:", *requests)
PYTHON
seen=$(venv/bin/python -W ignore jobs.py)
expected='running: None
null: None
failed: None
late: None
stopped: None
run_sync, failed: None
sent: {"input": {"page": 1}} {"input": {"input": {}}} {"input": {"input": 0}}'

printf 'runpod 1.12.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
