#!/usr/bin/env bash
# fal-client 1.0.3, fal's client for Python, submitting a job to a queue. A server on this machine is the queue: it takes each job, and the
# connection breaks before its answer, for the first three.
#
# Guess:     a job whose answer is lost is an error, or is submitted again with something by which the queue knows it for the same job.
# Behaviour: it is submitted again as a new one, up to ten times, with the same headers and nothing that names it: one call made four
#            jobs, each of which runs and costs, and the caller knows of the last one only. With a 500 nothing is sent again.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check fal-client==1.0.3
cd "$folder"
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>notes.txt
cat >submit.py <<'PYTHON'
import json, os, ssl, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

jobs = []
answers = []


class Queue(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        jobs.append((sorted(self.headers.items()), body))
        status = answers.pop(0)
        if status is None:
            self.close_connection = True
            return
        address = f"https://{self.headers['host']}/acme/ocr/requests/{len(jobs)}"
        answer = {"request_id": str(len(jobs)), "response_url": address, "status_url": address + "/status", "cancel_url": address + "/cancel"}
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("localhost", 0), Queue)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("cert.pem", "key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ.update(SSL_CERT_FILE="cert.pem", FAL_QUEUE_RUN_HOST=f"localhost:{server.server_port}", FAL_KEY="a")
import fal_client

for name, given in (("answered", [200]), ("answer lost three times", [None, None, None, 200]), ("500", [500, 200])):
    jobs.clear()
    answers[:] = given
    try:
        end = f"known as {fal_client.submit('acme/ocr', arguments={'page': 'a.png'}).request_id}"
    except Exception as error:
        end = type(error).__name__
    equal = all(job == jobs[0] for job in jobs)
    print(f"{name}: {len(jobs)} jobs, {end}, requests equal to the byte: {equal}")
server.shutdown()
PYTHON
seen=$(env -u http_proxy -u https_proxy -u HTTP_PROXY -u HTTPS_PROXY -u ALL_PROXY venv/bin/python -W ignore submit.py)
expected='answered: 1 jobs, known as 1, requests equal to the byte: True
answer lost three times: 4 jobs, known as 4, requests equal to the byte: True
500: 1 jobs, FalClientHTTPError, requests equal to the byte: True'

printf 'fal-client 1.0.3\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
