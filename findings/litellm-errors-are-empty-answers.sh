#!/usr/bin/env bash
# LiteLLM 1.110.2 asks a model on SageMaker by `sagemaker/ENDPOINT`. A local server is the endpoint, and answers what AWS's images do.
#
# Guess:     an answer that LiteLLM can't read is an error, each of two answers that were asked for is given, and a prompt that is repeated before
#            the answer, as the Hugging Face images do by default, is taken off.
# Behaviour: a model's error, or an answer of another form, is an empty text that ended with `stop`: a success without a word. Of two answers the
#            second is left out, the prompt stays before the answer, and an answer that was cut by its limit ended with `stop` too. A
#            temperature of 0 is sent as 0.01. An empty list is a ServiceUnavailableError, which clients send again.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check litellm==1.110.2 boto3==1.44.8
cd "$folder"
cat >ask.py <<'PYTHON'
import http.server, json, threading
import litellm

litellm.suppress_debug_info = True
asked = []


class Endpoint(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        body = json.dumps(self.server.answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
threading.Thread(target=server.serve_forever, daemon=True).start()


def ask(name, answer, **options):
    server.answer = answer
    try:
        found = litellm.completion(
            model="sagemaker/ocr",
            messages=[{"role": "user", "content": "2 + 2?"}],
            sagemaker_base_url=f"http://127.0.0.1:{server.server_port}/endpoints/ocr/invocations",
            max_retries=0,
            **options,
        )
        print(f"{name}: {[(choice.message.content, choice.finish_reason) for choice in found.choices]}")
    except litellm.exceptions.ServiceUnavailableError as error:
        print(f"{name}: {type(error).__name__}")


ask("an answer", [{"generated_text": "4"}])
ask("with the prompt", [{"generated_text": "2 + 2? 4"}])
ask("two were asked for", [{"generated_text": "4"}, {"generated_text": "four"}], n=2)
ask("cut by its limit", {"generated_text": "The answer is", "details": {"finish_reason": "length"}}, max_tokens=3)
ask("an error", {"error": "CUDA out of memory"})
ask("in a list for each input", [[{"generated_text": "4"}]])
ask("an empty list", [])
asked.clear()
ask("temperature 0", [{"generated_text": "4"}], temperature=0)
print("temperature 0 is sent as", asked[0]["parameters"]["temperature"])
PYTHON
seen=$(LITELLM_LOCAL_MODEL_COST_MAP=True AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_REGION_NAME=us-east-1 venv/bin/python -W ignore ask.py 2>notes.txt) || cat notes.txt >&2
expected="an answer: [('4', 'stop')]
with the prompt: [('2 + 2? 4', 'stop')]
two were asked for: [('4', 'stop')]
cut by its limit: [('The answer is', 'stop')]
an error: [('', 'stop')]
in a list for each input: [('', 'stop')]
an empty list: ServiceUnavailableError
temperature 0: [('4', 'stop')]
temperature 0 is sent as 0.01"

printf 'LiteLLM 1.110.2\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
