#!/usr/bin/env bash
# uvicorn 0.54.0, with an application that works for about 15 seconds in one call of C code that keeps Python's lock, as
# reading a very large JSON document does.
#
# Guess:     uvicorn has no limit on the time of a request, with or without `--workers`: both answer when they are done.
# Behaviour: with `--workers`, as MLflow starts it, the parent asks each worker for a sign of life, and replaces one that gives none
#            for 5 seconds. The request ends without an answer. `--timeout-worker-healthcheck` moves the limit.
# Output:    one process: 200; two workers: no answer; two workers and a limit of 60 seconds: 200.
set -euo pipefail

folder=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check uvicorn==0.54.0
cd "$folder"
cat >app.py <<'PYTHON'
import time

def work(seconds):
    started = time.monotonic()
    sum(range(10_000_000))
    # One call, in which no other thread gets the lock.
    sum(range(int(10_000_000 * seconds / (time.monotonic() - started))))

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if scope["path"] == "/compute":
        work(15)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body"})
PYTHON

# Status of a request that computes, 000 without an answer, under a server with the given options.
status_with() {
  local port status
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  venv/bin/uvicorn app:app --port "$port" --log-level warning "$@" &
  server=$!
  curl --silent --output /dev/null --retry 50 --retry-all-errors --retry-delay 1 "http://127.0.0.1:$port/"
  status=$(curl --silent --output /dev/null --write-out '%{http_code}' "http://127.0.0.1:$port/compute" || true)
  kill "$server"
  wait "$server" 2>/dev/null || true
  server=
  seen+="$status "
}

seen=
status_with
status_with --workers 2
status_with --workers 2 --timeout-worker-healthcheck 60
printf 'uvicorn 0.54.0: %s\n' "$seen"
[ "$seen" = '200 000 200 ' ] || {
  printf 'changed: expected 200 000 200\n' >&2
  exit 1
}
