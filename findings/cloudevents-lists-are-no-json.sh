#!/usr/bin/env bash
# The CloudEvents SDKs for Python (2.2.0) and for JavaScript (10.0.0), events about jobs as HTTP requests in binary mode, as KServe and
# Knative send them. The content type is application/json; each SDK reads its own requests and the other one's. Node.js 22 or later.
#
# Guess:     what is said to be JSON is written as JSON, so that the data comes back as it was, in both languages.
# Behaviour: Python writes a list as its own repr with single quotes, which it reads as a text and JavaScript not at all, and true as `True`.
#            Both write a text without quotes, so that Python reads the text "5" as a number; JavaScript reads each number and true as
#            a text. Only objects, and lists from JavaScript, come back in both. In structured mode JavaScript loses false and 0.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check cloudevents==2.2.0
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . cloudevents@10.0.0
cat >events.py <<'PYTHON'
import json, sys
from cloudevents.core.bindings.http import HTTPMessage, from_binary_event, to_binary_event
from cloudevents.core.v1.event import CloudEvent

if sys.argv[1] == "write":
    for data in json.load(sys.stdin):
        event = CloudEvent({"type": "job.done", "source": "/ocr", "id": "17", "datacontenttype": "application/json"}, data)
        message = to_binary_event(event)
        print(json.dumps({"headers": dict(message.headers), "body": message.body.decode()}))
else:
    for line in sys.stdin:
        message = json.loads(line)
        try:
            print(json.dumps(from_binary_event(HTTPMessage(headers=message["headers"], body=message["body"].encode())).get_data()))
        except Exception as error:
            print(f"error: {error}")
PYTHON
cat >events.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import { CloudEvent, HTTP } from "cloudevents";

const input = readFileSync(0, "utf8");
const create = (data) => new CloudEvent({ type: "job.done", source: "/ocr", id: "17", datacontenttype: "application/json", data });
const read = (message) => {
  try {
    return JSON.stringify(HTTP.toEvent(message).data);
  } catch (error) {
    return `error: ${error.message}`;
  }
};
if (process.argv[2] === "write") {
  for (const { headers, body } of JSON.parse(input).map((data) => HTTP.binary(create(data)))) console.log(JSON.stringify({ headers, body: String(body) }));
}
if (process.argv[2] === "read") for (const line of input.trim().split("\n")) console.log(read(JSON.parse(line)));
if (process.argv[2] === "structured") for (const data of JSON.parse(input)) console.log(`structured, JavaScript: ${JSON.stringify(data)} -> ${read(HTTP.structured(create(data)))}`);
JAVASCRIPT
values='[[{"page":1}],{"page":1},"done","5",5,true]'
show() {
  printf '%s\n' "$values" | $2 write >messages
  paste -d '~' <(python3 -c 'import json,sys; [print(json.loads(line)["body"]) for line in sys.stdin]' <messages) <(venv/bin/python events.py read <messages) \
    <(node --no-warnings events.mjs read <messages) | sed -E "s/^(.*)~(.*)~(.*)$/$1 writes \1 | Python reads \2 | JavaScript reads \3/"
}
seen=$(
  show Python "venv/bin/python events.py"
  show JavaScript "node --no-warnings events.mjs"
  printf '[false,0,[1]]' | node --no-warnings events.mjs structured
)
expected="Python writes [{'page': 1}] | Python reads \"[{'page': 1}]\" | JavaScript reads error: Expected property name or '}' in JSON at position 2 (line 1 column 3)
Python writes {\"page\": 1} | Python reads {\"page\": 1} | JavaScript reads {\"page\":1}
Python writes done | Python reads \"done\" | JavaScript reads \"done\"
Python writes 5 | Python reads 5 | JavaScript reads \"5\"
Python writes 5 | Python reads 5 | JavaScript reads \"5\"
Python writes True | Python reads \"True\" | JavaScript reads \"True\"
JavaScript writes [{\"page\":1}] | Python reads [{\"page\": 1}] | JavaScript reads [{\"page\":1}]
JavaScript writes {\"page\":1} | Python reads {\"page\": 1} | JavaScript reads {\"page\":1}
JavaScript writes done | Python reads \"done\" | JavaScript reads \"done\"
JavaScript writes 5 | Python reads 5 | JavaScript reads \"5\"
JavaScript writes 5 | Python reads 5 | JavaScript reads \"5\"
JavaScript writes true | Python reads true | JavaScript reads \"true\"
structured, JavaScript: false -> undefined
structured, JavaScript: 0 -> undefined
structured, JavaScript: [1] -> [1]"

printf 'cloudevents 2.2.0 (Python), 10.0.0 (JavaScript)\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
