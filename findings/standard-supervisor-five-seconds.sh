#!/usr/bin/env bash
# model-hosting-container-standards 0.1.16, whose standard-supervisor starts the server in AWS's images of vLLM and SGLang. Its settings
# here: SUPERVISOR_PROGRAM__APP_STOPWAITSECS=60, "seconds to wait for graceful shutdown", and PROCESS_MAX_START_RETRIES=1.
#
# Guess:     on SIGTERM the server has up to 60 seconds to finish its request, of which it needs 8. A server that ends again and again is
#            started twice at most, and the supervisor then exits with 1, as documented, so that the container ends.
# Behaviour: the supervisor ends 5 seconds after SIGTERM, whatever is set, and the container with it: the request is lost. A server that
#            ends two seconds after its start (as one that runs out of memory while it loads) is started without end: only what
#            ends within the first second counts as a try.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check model-hosting-container-standards==0.1.16
cd "$folder"
cat >server.py <<'PYTHON'
import os, signal, sys, time

with open("pid", "w") as file:
    file.write(str(os.getpid()))


def say(word):
    with open("events", "a") as file:
        file.write(word + "\n")


def finish(*_):
    say("stopping")
    time.sleep(8)  # the rest of the request
    say("finished")
    sys.exit(0)


signal.signal(signal.SIGTERM, finish)
say("started")
time.sleep(2)  # the model is loaded
if sys.argv[1] == "fails":
    sys.exit(1)
say("serving")
while True:
    signal.pause()
PYTHON
cat >supervise.py <<'PYTHON'
import os, signal, subprocess, sys, time


def events():
    return open("events").read().split() if os.path.exists("events") else []


def supervise(mode, until):
    if os.path.exists("events"):
        os.remove("events")
    command = ["venv/bin/standard-supervisor", sys.executable, "server.py", mode]
    supervisor = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not until(events()) and supervisor.poll() is None:
        time.sleep(0.1)
    running = supervisor.poll() is None
    supervisor.terminate()
    supervisor.wait()
    seen = events()
    try:
        os.kill(int(open("pid").read()), signal.SIGKILL)  # as its container's end does
    except ProcessLookupError:
        pass
    return running, seen


running, seen = supervise("serves", lambda seen: "serving" in seen)
print("SIGTERM while it serves: when the supervisor has ended, the server was", seen[-1])
running, seen = supervise("fails", lambda seen: seen.count("started") == 4)
print("it fails after two seconds: started", seen.count("started"), "times, supervisor", "running" if running else "ended")
PYTHON
export PATH="$folder/venv/bin:$PATH" SUPERVISOR_CONFIG_PATH="$folder/supervisord.conf" STANDARD_AUTO_INSTALL_REQ=false
export SUPERVISOR_PROGRAM__APP_STOPWAITSECS=60 PROCESS_MAX_START_RETRIES=1
seen=$(python3 supervise.py)
expected="SIGTERM while it serves: when the supervisor has ended, the server was stopping
it fails after two seconds: started 4 times, supervisor running"

printf 'model-hosting-container-standards 0.1.16\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
