#!/usr/bin/env bash
# huey 3.5.4, a queue of tasks, with its queue in memory: three tasks are run, and each result is read by the handle of the call, and once
# more by its identifier, as another process does.
#
# Guess:     a task that has run has a result, None too, and a result can be read by whoever knows the identifier.
# Behaviour: a result of None is not kept: `get(blocking=True)`, whose time-out is none by default, waits for it without end. The first read of
#            a result takes it away: whoever asks by the identifier later waits without end as well, for an error too. The handle that read
#            it keeps it for itself.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check huey==3.5.4
cd "$folder"
cat >tasks.py <<'PYTHON'
from huey import MemoryHuey
from huey.exceptions import ResultTimeout, TaskException

queue = MemoryHuey()


def read(name, call):
    try:
        print(f"  {name}: {call()!r}")
    except ResultTimeout:
        print(f"  {name}: nothing yet, after the time that it was told to wait")
    except TaskException as error:
        print(f"  {name}: {error}")


def empty():
    return None


def zero():
    return 0


def broken():
    raise ValueError("no page")


for function in (empty, zero, broken):
    handle = queue.task()(function)()
    queue.execute(queue.dequeue())
    print(f"{function.__name__}, which has run")
    read("by the handle", lambda: handle.get(blocking=True, timeout=0.5))
    read("by the identifier", lambda: queue.result(handle.id, blocking=True, timeout=0.5))
    read("by the handle again", handle.get)
PYTHON
seen=$(venv/bin/python -W ignore tasks.py 2>log)
expected="empty, which has run
  by the handle: nothing yet, after the time that it was told to wait
  by the identifier: nothing yet, after the time that it was told to wait
  by the handle again: None
zero, which has run
  by the handle: 0
  by the identifier: nothing yet, after the time that it was told to wait
  by the handle again: 0
broken, which has run
  by the handle: ValueError('no page')
  by the identifier: nothing yet, after the time that it was told to wait
  by the handle again: ValueError('no page')"

printf 'huey 3.5.4\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
