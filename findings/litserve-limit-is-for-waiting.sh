#!/usr/bin/env bash
# litserve 0.2.19, serving /invocations and /ping as a container of SageMaker does.
#
# Guess:     `timeout`, the "request timeout in seconds" (30 by default), ends a request that takes longer. In a batch, an input that
#            `decode_request` refuses with HTTPException 400 fails its own request and no other one. SIGTERM ends the server.
# Behaviour: the time-out is for waiting until the worker takes the request, not for the work: a request of 6 seconds passes a limit of
#            2, and the one that waited behind it gets 504 without a try. So with more concurrent requests than workers, jobs over
#            30 seconds fail. One refused input fails every request of its batch, and each of these is told 400, too. SIGTERM ends
#            the process that was started and none of its children: they keep the port and go on answering.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check litserve==0.2.19
cd "$folder"
cat >server.py <<'PYTHON'
import sys, time
import litserve
from fastapi import HTTPException


class Pages(litserve.LitAPI):
    def setup(self, device):
        pass

    def decode_request(self, request):
        if request["page"] == "unreadable":
            raise HTTPException(400, "this page is unreadable")
        return request["page"]

    def predict(self, pages):
        if isinstance(pages, str):
            time.sleep(6)  # the model's work
        return pages

    def encode_response(self, output):
        return {"text": output}


if __name__ == "__main__":
    options = {"max_batch_size": 3, "batch_timeout": 20} if sys.argv[1] == "batch" else {}
    server = litserve.LitServer(
        Pages(api_path="/invocations", **options),
        accelerator="cpu",
        timeout=2 if sys.argv[1] == "single" else 60,
        healthcheck_path="/ping",
    )
    server.run(host="127.0.0.1", port=int(sys.argv[2]), num_api_servers=1, generate_client_file=False)
PYTHON
cat >client.py <<'PYTHON'
import json, os, signal, socket, subprocess, sys, time, urllib.error, urllib.request
from concurrent.futures import ThreadPoolExecutor


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def statuses(mode, pages):
    port = free_port()
    command = [sys.executable, "server.py", mode, str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

    def ready():
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/ping").status == 200
        except urllib.error.URLError:
            return False

    def invoke(page):
        request = urllib.request.Request(f"http://127.0.0.1:{port}/invocations", json.dumps({"page": page}).encode(), {"content-type": "application/json"})
        try:
            return urllib.request.urlopen(request).status
        except urllib.error.HTTPError as error:
            return error.code

    try:
        while not ready():
            time.sleep(0.1)
        with ThreadPoolExecutor() as threads:
            codes = sorted(threads.map(invoke, pages))
        server.terminate()
        server.wait()
        return codes, "after SIGTERM", "still answering" if ready() else "gone"
    finally:
        os.killpg(server.pid, signal.SIGKILL)


print("a limit of 2 seconds, two requests of 6:", *statuses("single", ["1", "2"]))
print("a batch of three, one refused:", *statuses("batch", ["1", "unreadable", "3"]))
PYTHON
seen=$(venv/bin/python client.py)
expected="a limit of 2 seconds, two requests of 6: [200, 504] after SIGTERM still answering
a batch of three, one refused: [400, 400, 400] after SIGTERM still answering"

printf 'litserve 0.2.19\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
