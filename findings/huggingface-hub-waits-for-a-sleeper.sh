#!/usr/bin/env bash
# huggingface_hub 2.4.0, `InferenceEndpoint.wait` for an endpoint that sleeps at zero. A local server stands for the endpoint, and an object
# for the service that tells its state.
#
# Guess:     `wait()` before the first request returns when the endpoint answers: it wakes one that sleeps, whose next request would
#            wake it anyway, or says at once that it sleeps or was paused.
# Behaviour: only a state of "running" sends a request, and nothing else wakes the endpoint: the wait asks for the state until
#            its time-out, and without one (the default) does not end. An endpoint that was paused is waited for, too.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check huggingface_hub==2.4.0
cd "$folder"
cat >wait.py <<'PYTHON'
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from huggingface_hub import InferenceEndpoint, InferenceEndpointTimeoutError


class Endpoint(BaseHTTPRequestHandler):
    def do_GET(self):
        service.state, service.requests = "running", service.requests + 1
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Service:
    token = None
    requests = 0

    def raw(self):
        moment = "2026-01-25T22:47:00.123Z"
        status = {"state": self.state, "url": url, "createdAt": moment, "updatedAt": moment}
        model = {"repository": "acme/ocr", "framework": "pytorch", "revision": "main", "task": "custom"}
        return {"name": "ocr", "type": "public", "healthRoute": "/health", "model": model, "status": status}

    def get_inference_endpoint(self, **_):
        return InferenceEndpoint.from_raw(self.raw(), "acme", api=self)

    def _build_hf_headers(self, **_):
        return {}


server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
service = Service()
for state in ("running", "scaledToZero", "paused"):
    service.state, service.requests = state, 0
    try:
        seen = service.get_inference_endpoint().wait(timeout=3, refresh_every=1).status
    except InferenceEndpointTimeoutError as error:
        seen = error
    print(f"{state}: {seen}, requests that would have woken it: {service.requests}")
PYTHON
seen=$(HF_HUB_DISABLE_TELEMETRY=1 venv/bin/python wait.py)
expected="running: running, requests that would have woken it: 1
scaledToZero: Timeout while waiting for Inference Endpoint to be deployed., requests that would have woken it: 0
paused: Timeout while waiting for Inference Endpoint to be deployed., requests that would have woken it: 0"

printf 'huggingface_hub 2.4.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
