#!/usr/bin/env bash
# multi-model-server 1.1.11 (the server of the Hugging Face images), started on a port that the system gave out. Needs Java.
#
# Guess:     any free port up to 65535 will do, so that a test may ask the system for one; a configuration that is refused ends the
#            command with an error's exit code.
# Behaviour: a port of 32767 or more is "Invalid port number"; the system gives out ports from 32768 on. The command then says
#            that the server has stopped and exits with 0, so that whoever waits for it takes the start for done.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check multi-model-server==1.1.11 "setuptools==75.8.0"
cd "$folder"
mkdir models
printf 'inference_address=http://127.0.0.1:%s\nmanagement_address=http://127.0.0.1:%s\n' 45933 45934 >server.properties
code=0
venv/bin/multi-model-server --start --foreground --mms-config server.properties --model-store models >log 2>&1 || code=$?
seen="$(grep -o 'Invalid port number.*' log)
exit code: $code"
expected='Invalid port number: http://127.0.0.1:45933
exit code: 0'

printf 'multi-model-server 1.1.11\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
