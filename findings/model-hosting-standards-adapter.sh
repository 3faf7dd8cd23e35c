#!/usr/bin/env bash
# model-hosting-container-standards 0.1.16 (AWS's library in the images of vLLM and SGLang) with fastapi 0.129.2: /invocations with the
# adapter of the header X-Amzn-SageMaker-Adapter-Identifier put into the field `model` of the request.
#
# Guess:     a request without the header reaches the handler as it was sent; a body that isn't JSON, as for speech, does, too.
# Behaviour: without the header the field is overwritten with null, also one that the request has. A list is an error 500, with and without
#            the header, and so is a body of bytes; a form is "JSON decode error" with 400, which looks like a bad input.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  model-hosting-container-standards==0.1.16 fastapi==0.129.2 starlette==0.52.1 httpx==0.28.1
cd "$folder"
cat >invoke.py <<'PYTHON'
import model_hosting_container_standards.sagemaker as standards
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

app = FastAPI()


@app.post("/invocations")
@standards.register_invocation_handler
@standards.inject_adapter_id("model")
async def invoke(request: Request):
    return {"handler saw": (await request.body()).decode(errors="replace")}


client = TestClient(standards.bootstrap(app), raise_server_exceptions=False)
header = {"X-Amzn-SageMaker-Adapter-Identifier": "invoices"}
document = {"model": "base", "prompt": "total?"}
requests = {
    "object, header": {"json": document, "headers": header},
    "object, no header": {"json": document},
    "list, no header": {"json": [document]},
    "form, no header": {"files": {"file": ("speech.wav", b"RIFF")}},
    "bytes, no header": {"content": b"RIFF\xff\xff\xff\xff", "headers": {"content-type": "audio/wav"}},
}
for name, request in requests.items():
    answer = client.post("/invocations", **request)
    print(f"{name}: {answer.status_code} {answer.text}")
PYTHON
seen=$(venv/bin/python -W ignore invoke.py 2>/dev/null)
expected='object, header: 200 {"handler saw":"{\"model\": \"invoices\", \"prompt\": \"total?\"}"}
object, no header: 200 {"handler saw":"{\"model\": null, \"prompt\": \"total?\"}"}
list, no header: 500 Internal Server Error
form, no header: 400 {"detail":"JSON decode error: Expecting value: line 1 column 1 (char 0)"}
bytes, no header: 500 Internal Server Error'

printf 'model-hosting-container-standards 0.1.16\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
