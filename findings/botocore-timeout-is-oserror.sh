#!/usr/bin/env bash
# botocore 1.44.8 with urllib3 2.8.0, a download that fails halfway in two ways: the server stalls, or it closes the connection.
#
# Guess:     both failures of the network are BotoCoreError and not OSError, so that `except OSError` around
#            `shutil.copyfileobj(body, file)` meets only what the local disk refuses.
# Behaviour: the stalled download's ReadTimeoutError is an OSError too, without an errno: it also derives from requests' ReadTimeout,
#            of which botocore keeps a copy. The closed one's IncompleteReadError is no OSError. A handler for a full disk takes the
#            first and not the second. `errno` tells them apart, or catching BotoCoreError first.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check botocore==1.44.8 urllib3==2.8.0
cd "$folder"
cat >download.py <<'PYTHON'
import io, shutil, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import botocore.session
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError

finished = threading.Event()

class Half(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", "1000")
        self.end_headers()
        self.wfile.write(b"x" * 500)
        self.wfile.flush()
        if self.path.endswith("/stalls"):
            finished.wait()

    def log_message(self, *_):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Half)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = botocore.session.get_session().create_client(
    "s3", region_name="eu-west-1", endpoint_url=f"http://127.0.0.1:{server.server_port}",
    config=Config(signature_version=UNSIGNED, read_timeout=1))
for key in ("stalls", "closes"):
    try:
        shutil.copyfileobj(client.get_object(Bucket="models", Key=key)["Body"], io.BytesIO())
    except BotoCoreError as error:
        is_os = isinstance(error, OSError)
        print(f"{key}: {type(error).__name__}, OSError: {is_os}" + (f", errno: {error.errno}" if is_os else ""))
finished.set()
PYTHON
seen=$(venv/bin/python download.py)
expected='stalls: ReadTimeoutError, OSError: True, errno: None
closes: IncompleteReadError, OSError: False'

printf 'botocore 1.44.8\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
