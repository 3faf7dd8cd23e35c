#!/usr/bin/env bash
# The converters of Temporal's SDKs, temporalio 1.35.0 (Python) and @temporalio/common 1.24.0 (TypeScript), which carry what one activity answers to
# the next one, in the other language too.
#
# Guess:     a value arrives as it was, as plain bytes do, or the sender refuses what it can't carry.
# Behaviour: bytes inside an object are no bytes any more: a list of numbers from Python, an object of numbers from a Uint8Array, another one
#            from a Buffer. A score of NaN from Python can't be read in TypeScript, and becomes null the other way. A Map or a Set arrives as
#            {}. A whole number beyond 53 bits is another one in TypeScript. None of it is refused by the sender.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check temporalio==1.35.0
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . @temporalio/common@1.24.0
cat >convert.js <<'JAVASCRIPT'
const { defaultPayloadConverter: converter } = require("@temporalio/common");
const values = [Buffer.from("x"), { page: Buffer.from("x") }, { page: new Uint8Array([120]) }, { score: NaN }, new Map([["page", 1]]), new Set([1])];
if (process.argv[2]) {
  const [encoding, data] = JSON.parse(process.argv[2]).map((text) => Buffer.from(text, "base64"));
  try {
    console.log(require("node:util").inspect(converter.fromPayload({ metadata: { encoding }, data })));
  } catch (error) {
    console.log(`can't be read: ${error.name}`);
  }
} else for (const value of values) {
  const { metadata, data } = converter.toPayload(value);
  console.log(JSON.stringify([require("node:util").inspect(value), ...[metadata.encoding, data].map((bytes) => Buffer.from(bytes).toString("base64"))]));
}
JAVASCRIPT
cat >convert.py <<'PYTHON'
import base64, json, subprocess
from temporalio.api.common.v1 import Payload
from temporalio.converter import default

converter = default().payload_converter


def node(*arguments):
    return subprocess.run(["node", "convert.js", *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()


for value in (b"x", {"page": b"x"}, {"score": float("nan")}, {1, 2}, {"serial": 9007199254740993}):
    (payload,) = converter.to_payloads([value])
    parts = [base64.b64encode(part).decode() for part in (payload.metadata["encoding"], payload.data)]
    print(f"Python {value!r} -> TypeScript {node(json.dumps(parts))[0]}")
for line in node():
    name, encoding, data = json.loads(line)
    payload = Payload(metadata={"encoding": base64.b64decode(encoding)}, data=base64.b64decode(data))
    print(f"TypeScript {name} -> Python {converter.from_payloads([payload])[0]!r}")
PYTHON
seen=$(venv/bin/python -W ignore convert.py)
expected="Python b'x' -> TypeScript Uint8Array(1) [ 120 ]
Python {'page': b'x'} -> TypeScript { page: [ 120 ] }
Python {'score': nan} -> TypeScript can't be read: SyntaxError
Python {1, 2} -> TypeScript [ 1, 2 ]
Python {'serial': 9007199254740993} -> TypeScript { serial: 9007199254740992 }
TypeScript <Buffer 78> -> Python b'x'
TypeScript { page: <Buffer 78> } -> Python {'page': {'type': 'Buffer', 'data': [120]}}
TypeScript { page: Uint8Array(1) [ 120 ] } -> Python {'page': {'0': 120}}
TypeScript { score: NaN } -> Python {'score': None}
TypeScript Map(1) { 'page' => 1 } -> Python {}
TypeScript Set(1) { 1 } -> Python {}"

printf 'temporalio 1.35.0, @temporalio/common 1.24.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
