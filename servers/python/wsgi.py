"""The model behind gunicorn."""

import behaviour

behaviour.load()


def application(environ, start_response):
    status, answer = "200 OK", b""
    if environ["PATH_INFO"] != "/ping":
        try:
            answer = behaviour.answer(environ["wsgi.input"].read())
        except Exception as error:
            status, answer = "500 Internal Server Error", str(error).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]
