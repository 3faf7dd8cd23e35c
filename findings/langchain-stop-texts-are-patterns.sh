#!/usr/bin/env bash
# langchain-aws 1.9.1, `SagemakerEndpoint` with `stop`, as LangChain's agents and chains pass it: the end mark of Llama 3's turns and others.
#
# Guess:     the answer ends before the first place where one of the texts stands, as LangChain says of `stop`.
# Behaviour: the texts are joined to one regular expression as they are. `<|eot_id|>` cuts at the first `<` or `>`, so that a program or
#            a piece of HTML ends at its first sign; "." leaves nothing at all, and "?" is refused after the model has answered.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check langchain-aws==1.9.1 langchain-core==1.8.3
cd "$folder"
cat >stop.py <<'PYTHON'
import io
import json
from langchain_aws.llms.sagemaker_endpoint import LLMContentHandler, SagemakerEndpoint


class Handler(LLMContentHandler):
    content_type = accepts = "application/json"

    def transform_input(self, prompt, model_kwargs):
        return json.dumps({"inputs": prompt}).encode()

    def transform_output(self, output):
        return json.loads(output.read())["generated_text"]


class Runtime:
    def invoke_endpoint(self, **_):
        answer = "if a > b then take a. Is that right?<|eot_id|>user"
        return {"Body": io.BytesIO(json.dumps({"generated_text": answer}).encode())}


model = SagemakerEndpoint(endpoint_name="text", client=Runtime(), content_handler=Handler())
for stop in (None, ["user"], ["<|eot_id|>"], ["."], ["?"]):
    try:
        print(f"stop {json.dumps(stop)}: {json.dumps(model.invoke('compare', stop=stop))}")
    except Exception as error:
        print(f"stop {json.dumps(stop)}: {type(error).__name__}: {error}")
PYTHON
seen=$(venv/bin/python -W ignore stop.py)
expected='stop null: "if a > b then take a. Is that right?<|eot_id|>user"
stop ["user"]: "if a > b then take a. Is that right?<|eot_id|>"
stop ["<|eot_id|>"]: "if a "
stop ["."]: ""
stop ["?"]: error: nothing to repeat at position 0'

printf 'langchain-aws 1.9.1\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
