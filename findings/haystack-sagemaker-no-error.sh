#!/usr/bin/env bash
# amazon-sagemaker-haystack 2.0.0, Haystack's generator for models on SageMaker. A local server is the endpoint, and answers what AWS's images and
# SageMaker do.
#
# Guess:     what its documentation says: SagemakerNotReadyError while the model is not ready (429), SagemakerInferenceError when it fails;
#            one `meta` for each reply, and an answer without a reply is an error.
# Behaviour: neither is ever raised. It catches the errors of `requests`, but boto3 makes the call, whose ClientError goes through: who catches
#            the documented ones to wait or to report catches nothing. A model's error that came with 200 is a reply of None, as is a text
#            under another name. Two replies have four `meta`. An empty list is an IndexError.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check amazon-sagemaker-haystack==2.0.0 haystack-ai==3.4.1 requests==2.34.2 boto3==1.44.8
cd "$folder"
cat >generate.py <<'PYTHON'
import http.server, json, os, threading


class Endpoint(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        status, answer = self.server.answer
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{server.server_port}"

from haystack_integrations.components.generators.amazon_sagemaker import SagemakerGenerator

generator = SagemakerGenerator(model="ocr")


def ask(name, status, answer):
    server.answer = status, answer
    try:
        print(f"{name}: {generator.run('2 + 2?')}")
    except Exception as error:
        print(f"{name}: {', '.join(kind.__name__ for kind in type(error).__mro__[:-3])}")


ask("an answer", 200, [{"generated_text": "4"}])
ask("two answers", 200, [{"generated_text": "4", "tokens": 1}, {"generated_text": "four", "tokens": 2}])
ask("an error", 200, {"error": "CUDA out of memory"})
ask("another name", 200, {"outputs": "4"})
ask("an empty list", 200, [])
ask("the model failed", 424, {"Code": "ModelError", "Message": "Received server error (500) from primary", "OriginalStatusCode": 500})
ask("not ready", 429, {"Message": "The model is not ready"})
PYTHON
seen=$(HAYSTACK_TELEMETRY_ENABLED=False AWS_MAX_ATTEMPTS=1 AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_DEFAULT_REGION=us-east-1 \
  venv/bin/python -W ignore generate.py 2>notes.txt) || cat notes.txt >&2
expected="an answer: {'replies': ['4'], 'meta': [{}]}
two answers: {'replies': ['4', 'four'], 'meta': [{'tokens': 1}, {'tokens': 2}, {'tokens': 1}, {'tokens': 2}]}
an error: {'replies': [None], 'meta': [{'error': 'CUDA out of memory'}]}
another name: {'replies': [None], 'meta': [{'outputs': '4'}]}
an empty list: IndexError, LookupError
the model failed: ModelError, ClientError
not ready: ClientError"

printf 'amazon-sagemaker-haystack 2.0.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
