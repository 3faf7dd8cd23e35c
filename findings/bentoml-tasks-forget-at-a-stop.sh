#!/usr/bin/env bash
# bentoml 1.4.40, a task of a service: work that is submitted, looked after by its id, and fetched later.
#
# Guess:     a stop that waits for the running task keeps its result, and those of tasks that are done: whoever has the id fetches them
#            from the server's next start. A failed task's error tells why. The service's time-out holds for tasks, too.
# Behaviour: SIGTERM waits until the running task is done, and then everything is forgotten: each id is unknown to the next start, which
#            looks as if it had never been submitted. A failed task gives a 500 without its error. A task takes longer than the
#            service's time-out of 2 seconds, which a plain request may not.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check bentoml==1.4.40
cd "$folder"
cat >service.py <<'PYTHON'
import time
import bentoml


@bentoml.service(traffic={"timeout": 2})
class Ocr:
    @bentoml.task
    def read(self, seconds: int) -> str:
        time.sleep(seconds)  # the model's work
        if not seconds:
            raise ValueError("unreadable page")
        return "text"

    @bentoml.api
    def read_now(self, seconds: int) -> str:
        time.sleep(seconds)
        return "text"
PYTHON
cat >client.py <<'PYTHON'
import json, socket, subprocess, time, urllib.error, urllib.request

with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    port = str(listener.getsockname()[1])


def ask(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    try:
        answer = urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, {"content-type": "application/json"}))
        return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def ready():
    try:
        return ask("/readyz")[0] == 200
    except OSError:
        return False


def serve():
    command = ["venv/bin/bentoml", "serve", "service:Ocr", "--host", "127.0.0.1", "--port", port]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not ready():
        time.sleep(0.1)
    return server


def submit(seconds):
    return json.loads(ask("/read/submit", {"seconds": seconds})[1])["task_id"]


def state(task):
    return json.loads(ask(f"/read/status?task_id={task}")[1]).get("status", "unknown")


server = serve()
try:
    print("request of 5 seconds:", ask("/read_now", {"seconds": 5})[0])
    tasks = {"done": submit(5), "failed": submit(0)}
    while "in_progress" in map(state, tasks.values()):
        time.sleep(0.1)
    tasks["running"] = submit(8)
    for name, task in tasks.items():
        print(f"{name}: {state(task)},", *(ask(f"/read/get?task_id={task}") if name != "running" else ["not yet"]))
    started = time.monotonic()
    server.terminate()
    server.wait()
    print("stopped after the running task:", time.monotonic() - started > 5)
    server = serve()
    for name, task in tasks.items():
        print(f"{name}, after a new start:", *ask(f"/read/get?task_id={task}"))
finally:
    server.terminate()
    server.wait()
PYTHON
export BENTOML_DO_NOT_TRACK=True BENTOML_HOME="$folder/home"
seen=$(venv/bin/python client.py)
expected='request of 5 seconds: 504
done: completed, 200 text
failed: failed, 500 {"error":"An unexpected error has occurred, please check the server log."}
running: in_progress, not yet
stopped after the running task: True
done, after a new start: 404 {"error":"task_id not found"}
failed, after a new start: 404 {"error":"task_id not found"}
running, after a new start: 404 {"error":"task_id not found"}'

printf 'bentoml 1.4.40\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
