"""What the model of every stack does. A request names its behaviour; any other body is measured and answered with its hash."""

import hashlib
import json
import os
import signal
import time

MARK = b'{"behaviour"'


def load():
    """Loads the model: at once, after a while, or not at all."""
    time.sleep(float(os.environ.get("BEHAVIOUR_LOAD_SECONDS", "0")))
    failure = os.environ.get("BEHAVIOUR_LOAD_FAILURE")
    if failure:
        raise RuntimeError(failure)


def answer(body):
    """The answer to a request, both bytes."""
    if not body.startswith(MARK):
        return json.dumps({"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}).encode()
    wish = json.loads(body)
    return {"sleep": sleep, "large": large, "meet": meet, "raise": fail, "die": die}[wish["behaviour"]](wish)


def sleep(wish):
    time.sleep(wish["seconds"])
    return b'"slept"'


def large(wish):
    return b'"' + b"x" * (wish["bytes"] - 2) + b'"'


def meet(wish):
    """Waits until so many requests have been here, which never comes when they are computed one after the other."""
    open(os.path.join(wish["folder"], str(time.monotonic_ns())), "x").close()
    deadline = time.monotonic() + wish["patienceSeconds"]
    while len(os.listdir(wish["folder"])) < wish["count"]:
        if time.monotonic() > deadline:
            return b'"alone"'
        time.sleep(0.02)
    return b'"met"'


def fail(wish):
    raise RuntimeError(wish["text"])


def die(wish):
    os.kill(os.getpid(), signal.SIGKILL)
