#!/usr/bin/env bash
# replicate 1.0.7, Replicate's client for Python, with predictions that end in each of the ways that the service documents. A server on this
# machine gives the service's answers; the wait between two questions is set to 0.
#
# Guess:     run() gives the output of a prediction that succeeded, and raises for each other end with what the service says of it.
# Behaviour: a prediction that was cancelled, or that ran out of its time, gives None or the part of the output that it had, as one that
#            succeeded. `aborted`, the end of one whose time ran out before it started, is a status that the client doesn't know: waiting
#            for it raises a pydantic error, and so does a list of predictions in which it is one. Only `failed` raises ModelError.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check replicate==1.0.7
cd "$folder"
cat >ends.py <<'PYTHON'
import json, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import replicate
from replicate.exceptions import ModelError

end, output = "", None


class Service(BaseHTTPRequestHandler):
    def prediction(self, status, output):
        body = {"id": "17", "model": "acme/ocr", "version": "1", "status": status, "input": {}, "output": output, "logs": ""}
        body |= {"error": "out of memory" if status == "failed" else None, "urls": {"get": "", "cancel": ""}}
        return body

    def answer(self, body):
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.answer(self.prediction("starting", None))

    def do_GET(self):
        one = self.prediction(end, output)
        self.answer(one if self.path.endswith("/17") else {"results": [self.prediction("succeeded", "page 1"), one]})

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = replicate.Client(api_token="a", base_url=f"http://127.0.0.1:{server.server_port}")
client.poll_interval = 0


def attempt(call):
    try:
        return repr(call())
    except ModelError as error:
        return f"ModelError, {error}"
    except Exception as error:
        return type(error).__name__


for end, output in (("succeeded", "page 1, page 2"), ("failed", None), ("canceled", None), ("canceled", "page 1"), ("aborted", None)):
    run = attempt(lambda: client.run("acme/ocr", input={}, wait=False))
    listed = attempt(lambda: [prediction.status for prediction in client.predictions.list()])
    print(f"{end}, output {output}: run {run}, list {listed}")
server.shutdown()
PYTHON
seen=$(env -u http_proxy -u HTTP_PROXY -u ALL_PROXY venv/bin/python -W ignore ends.py)
expected="succeeded, output page 1, page 2: run 'page 1, page 2', list ['succeeded', 'succeeded']
failed, output None: run ModelError, out of memory, list ['succeeded', 'failed']
canceled, output None: run None, list ['succeeded', 'canceled']
canceled, output page 1: run 'page 1', list ['succeeded', 'canceled']
aborted, output None: run ValidationError, list ValidationError"

printf 'replicate 1.0.7\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
