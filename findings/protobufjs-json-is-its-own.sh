#!/usr/bin/env bash
# protobufjs 8.8.1 (JavaScript) and protobuf 7.36.2 (Python): one job with a time, an input of any shape and a state, from one language to the
# other as JSON and as protobuf.
#
# Guess:     protobufjs's toJSON is the JSON of protobuf, which other languages read; its `encode` refuses a field of another type.
# Behaviour: times, durations and inputs of any shape are written as their parts (`seconds`, `fields`), which Python refuses, and protobufjs
#            refuses Python's. A null inside is the text NULL_VALUE. `encode` takes the state "FAILED" and sends none, so that the job
#            is in the first state, ACCEPTED; a count of 1.7 is 1, of 2**40 is 0. Only `fromObject` reads texts, and `verify` reports them.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check protobuf==7.36.2 grpcio-tools==1.85.1
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . protobufjs@8.8.1
cat >jobs.proto <<'PROTO'
syntax = "proto3";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
enum State { ACCEPTED = 0; FAILED = 1; }
message Job { google.protobuf.Timestamp ended = 1; google.protobuf.Struct input = 2; State state = 3; int32 pages = 4; }
PROTO
venv/bin/python -m grpc_tools.protoc -I. --python_out=. jobs.proto
cat >show.js <<'JAVASCRIPT'
const { loadSync } = require("protobufjs");
const Job = loadSync("jobs.proto").lookupType("Job");
const show = (name, call) => {
  try {
    console.log(`${name}: ${call()}`);
  } catch (error) {
    console.log(`${name}: ${error.message}`);
  }
};
if (process.argv[2]) show("JavaScript of Python's", () => JSON.stringify(Job.fromObject(JSON.parse(process.argv[2]))));
else {
  const input = { fields: { language: { nullValue: 0 } } };
  console.log(JSON.stringify(Job.fromObject({ ended: { seconds: 1767225600 }, input, state: "FAILED", pages: 3 })));
  for (const job of [{ state: "FAILED" }, { pages: 1.7 }, { pages: 2 ** 40 }]) console.log(Buffer.from(Job.encode(job).finish()).toString("hex"));
  console.log(Job.verify({ state: "FAILED" }));
}
JAVASCRIPT
cat >show.py <<'PYTHON'
import subprocess
import jobs_pb2
from google.protobuf.json_format import MessageToJson, ParseDict, ParseError, Parse


def node(*arguments):
    return subprocess.run(["node", "show.js", *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()


text, *encoded, said = node()
print("JavaScript:", text)
try:
    print("Python of it:", Parse(text, jobs_pb2.Job()))
except ParseError as error:
    print("Python of it:", error)
job = ParseDict({"ended": "2026-01-01T00:00:00Z", "input": {"language": None}, "state": "FAILED", "pages": 3}, jobs_pb2.Job())
text = MessageToJson(job, indent=None)
print("Python:", text)
print(*node(text))
for name, line in zip(("state FAILED", "1.7 pages", "2**40 pages"), encoded):
    job = jobs_pb2.Job.FromString(bytes.fromhex(line))
    print(f"encoded with {name}: state {jobs_pb2.State.Name(job.state)}, {job.pages} pages")
print("verify:", said)
PYTHON
seen=$(venv/bin/python -W ignore show.py)
expected="JavaScript: {\"ended\":{\"seconds\":\"1767225600\"},\"input\":{\"fields\":{\"language\":{\"nullValue\":\"NULL_VALUE\"}}},\"state\":\"FAILED\",\"pages\":3}
Python of it: Failed to parse ended field: Timestamp JSON value not a string: {'seconds': '1767225600'} at Job.ended.
Python: {\"ended\": \"2026-01-01T00:00:00Z\", \"input\": {\"language\": null}, \"state\": \"FAILED\", \"pages\": 3}
JavaScript of Python's: .Job.ended: object expected
encoded with state FAILED: state ACCEPTED, 0 pages
encoded with 1.7 pages: state ACCEPTED, 1 pages
encoded with 2**40 pages: state ACCEPTED, 0 pages
verify: state: enum value expected"

printf 'protobufjs 8.8.1, protobuf 7.36.2\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
