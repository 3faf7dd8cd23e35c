#!/usr/bin/env bash
# llama-index-llms-sagemaker-endpoint 0.6.0, LlamaIndex's client for models on SageMaker. A local server is the endpoint. It imports a package for
# local models, which needs llama-cpp-python, of which nothing is used here: an empty module stands for it, as it takes long to build.
#
# Guess:     a prompt that the model repeats before its answer, as the Hugging Face images do by default, is taken off; another answer is left.
# Behaviour: as many letters are cut off as the prompt has, whatever they are. An answer without the prompt, as of TGI and vLLM, loses its
#            beginning, or all of it: the prompt has a frame of Llama 2's and a system prompt that the caller did not write, 259 letters. In a
#            stream each piece loses all letters at its beginning that are in "generated_text", and one that ends with a mark is refused.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check llama-index-core==0.14.25 boto3==1.44.8
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps llama-index-llms-sagemaker-endpoint==0.6.0 llama-index-llms-llama-cpp==0.5.1
cd "$folder"
cat >complete.py <<'PYTHON'
import http.server, json, os, sys, threading, types


class Endpoint(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["inputs"]
        self.server.asked = asked
        body = json.dumps([{"generated_text": self.server.answer(asked)}]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{server.server_port}"
sys.modules["llama_cpp"] = types.SimpleNamespace(Llama=None)

from llama_index.llms.sagemaker_endpoint import SageMakerLLM
from llama_index.llms.sagemaker_endpoint.utils import IOHandler

ANSWER = "The invoice is ACME's, of 12 euros."
QUESTION = "Whose is it?"
model = SageMakerLLM(endpoint_name="ocr")
for name, answer in (("with the prompt", lambda prompt: prompt + ANSWER), ("without the prompt", lambda prompt: ANSWER)):
    server.answer = answer
    for formatted in (True, False):
        text = model.complete(QUESTION, formatted=formatted).text
        print(f"{name}, {'the question alone' if formatted else 'as it comes'} ({len(server.asked)} letters were sent): {text!r}")
for piece in ("The date", "a date", "great", 'said "no"'):
    sent = json.dumps([{"generated_text": piece}], separators=(",", ":")).encode()
    try:
        print(f"a piece of a stream, {piece!r}: {IOHandler().deserialize_streaming_output(sent)!r}")
    except json.JSONDecodeError as error:
        print(f"a piece of a stream, {piece!r}: refused, {error.msg}")
PYTHON
seen=$(AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_DEFAULT_REGION=us-east-1 venv/bin/python -W ignore complete.py 2>notes.txt) || cat notes.txt >&2
expected="with the prompt, the question alone (12 letters were sent): \"The invoice is ACME's, of 12 euros.\"
with the prompt, as it comes (271 letters were sent): \"The invoice is ACME's, of 12 euros.\"
without the prompt, the question alone (12 letters were sent): \"is ACME's, of 12 euros.\"
without the prompt, as it comes (271 letters were sent): ''
a piece of a stream, 'The date': 'The date'
a piece of a stream, 'a date': ' date'
a piece of a stream, 'great': ''
a piece of a stream, 'said \"no\"': refused, Unterminated string starting at"

printf 'llama-index-llms-sagemaker-endpoint 0.6.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
