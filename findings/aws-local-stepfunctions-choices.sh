#!/usr/bin/env bash
# aws-local-stepfunctions 3.0.0, which runs state machines of the Amazon States Language on the local machine. Needs Node.js 22 or later.
#
# Guess:     `IsPresent: false` is true for a field that is absent, and `IsNull: false` for one that has a value, which is what they are
#            for; a numeric comparison is false for a text; a Pass state's result is its `Result`, whatever that is.
# Behaviour: the tests of kind and presence are never true with `false`: the branch for "not given" is never taken. The text "5" is
#            greater than 1. A `Result` of false or 0 counts as none, and the state gives its input. States.StringSplit takes
#            its separators as one text. A local test goes other ways through the machine than the service does.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . aws-local-stepfunctions@3.0.0
cat >choose.mjs <<'JAVASCRIPT'
import { StateMachine } from "aws-local-stepfunctions";

const run = (States) => new StateMachine({ StartAt: Object.keys(States)[0], States }).run({ pages: "5" }).result;
const pass = (Result) => ({ Type: "Pass", Result, End: true });
const choose = (rule) =>
  run({ If: { Type: "Choice", Choices: [{ ...rule, Next: "Yes" }], Default: "No" }, Yes: pass("true"), No: pass("not true") });
console.log("absent, IsPresent true:", await choose({ Variable: "$.author", IsPresent: true }));
console.log("absent, IsPresent false:", await choose({ Variable: "$.author", IsPresent: false }));
console.log("present, IsNull false:", await choose({ Variable: "$.pages", IsNull: false }));
console.log('"5" greater than 1:', await choose({ Variable: "$.pages", NumericGreaterThan: 1 }));
console.log("Result false:", await run({ Pass: pass(false) }));
const parameters = { "parts.$": "States.StringSplit('a,b;c', ',;')" };
console.log("split at , and ;:", (await run({ Split: { Type: "Pass", Parameters: parameters, End: true } })).parts);
JAVASCRIPT
seen=$(node choose.mjs)
expected="absent, IsPresent true: not true
absent, IsPresent false: not true
present, IsNull false: not true
\"5\" greater than 1: true
Result false: { pages: '5' }
split at , and ;: [ 'a,b;c' ]"

printf 'aws-local-stepfunctions 3.0.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
