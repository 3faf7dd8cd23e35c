"""The model behind gunicorn."""

import behaviour

behaviour.load()


def application(environ, start_response):
    if environ["PATH_INFO"] == "/ping":
        answer = b""
    else:
        answer = behaviour.answer(environ["wsgi.input"].read())
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]
