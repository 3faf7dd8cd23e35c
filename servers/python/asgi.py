"""The model behind uvicorn."""

import asyncio

import behaviour

behaviour.load()


async def application(scope, receive, send):
    if scope["type"] != "http":
        return
    status, answer = 200, b""
    if scope["path"] != "/ping":
        pieces, more = [], True
        while more:
            message = await receive()
            pieces.append(message.get("body", b""))
            more = message.get("more_body", False)
        try:
            # In a thread: /ping must be answered meanwhile.
            answer = await asyncio.to_thread(behaviour.answer, b"".join(pieces))
        except Exception as error:
            status, answer = 500, str(error).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": answer})
