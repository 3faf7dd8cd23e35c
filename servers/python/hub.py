"""A Hugging Face Hub of one model, whichever is asked for: the toolkit's download runs without the network."""

import hashlib
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REVISION = "0" * 40


def serve(folder):
    """Serves the files of a folder as a model; returns the address for HF_ENDPOINT."""
    files = sorted(os.path.relpath(os.path.join(path, name), folder) for path, _, names in os.walk(folder) for name in names)

    class Hub(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            path = self.path.split("?")[0]
            if path.startswith("/api/models/"):
                siblings = [{"rfilename": name} for name in files]
                model = path.removeprefix("/api/models/").split("/revision/")[0]
                return self.reply(json.dumps({"id": model, "modelId": model, "sha": REVISION, "siblings": siblings, "tags": []}).encode())
            name = path.partition("/resolve/")[2].partition("/")[2]
            if name not in files:
                return self.send_error(404)
            with open(os.path.join(folder, name), "rb") as file:
                self.reply(file.read())

        do_HEAD = do_GET

        def reply(self, content):
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("ETag", f'"{hashlib.sha1(content).hexdigest()}"')
            self.send_header("X-Repo-Commit", REVISION)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"
