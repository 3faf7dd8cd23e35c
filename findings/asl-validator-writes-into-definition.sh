#!/usr/bin/env bash
# asl-validator 4.0.0, validating a definition that is an object of the program, as before a deployment.
#
# Guess:     validating only reads: what is deployed afterwards is what was written, and validating again says the same.
# Behaviour: the default query language is written into every state of the caller's object, nested ones too: the deployed
#            definition, and so its hash and the plan's difference, depends on whether a validator ran. A definition that is then
#            moved to JSONata at the top is refused, for states that nobody gave a language. A frozen definition raises an error.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . asl-validator@4.0.0
cat >validate.js <<'JAVASCRIPT'
const validate = require("asl-validator");

const definition = { StartAt: "Read", States: { Read: { Type: "Wait", Seconds: 5, End: true } } };
console.log("valid:", validate(definition).isValid, JSON.stringify(definition.States.Read));
const moved = { ...definition, QueryLanguage: "JSONata" };
moved.States.Read.Seconds = "{% 5 %}";
console.log("moved to JSONata, valid:", validate(moved).isValid);
delete moved.States.Read.QueryLanguage;
console.log("the same without what was written:", validate(moved).isValid);
const frozen = { StartAt: "Read", States: { Read: Object.freeze({ Type: "Succeed" }) } };
try {
  console.log("frozen, valid:", validate(frozen).isValid);
} catch (error) {
  console.log("frozen:", error.message);
}
JAVASCRIPT
seen=$(node validate.js)
expected='valid: true {"Type":"Wait","Seconds":5,"End":true,"QueryLanguage":"JSONPath"}
moved to JSONata, valid: false
the same without what was written: true
frozen: Cannot add property QueryLanguage, object is not extensible'

printf 'asl-validator 4.0.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
