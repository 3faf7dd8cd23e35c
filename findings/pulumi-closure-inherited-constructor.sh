#!/usr/bin/env bash
# @pulumi/pulumi 3.276.0 serializes a function that makes instances of classes (`serializeFunction`, as for a Lambda from a callback).
#
# Guess:     `new Retry(5)` in the serialized function makes what it makes in the program: a derived class without a constructor of its
#            own passes its arguments on, and a field starts with its initial value. What is not supported is refused, as native code is.
# Behaviour: the serializer takes of a class its constructor's text and its methods. For a derived class without a constructor it writes
#            `super()`, so that the base class takes its default for the argument; fields with an initial value are undefined.
#            Nothing is reported: the deployed function computes with other values. A constructor written in each class avoids both.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . @pulumi/pulumi@3.276.0
cat >compare.js <<'JAVASCRIPT'
const { serializeFunction } = require("@pulumi/pulumi").runtime;

class Policy {
  constructor(attempts = 1) {
    this.attempts = attempts;
  }
}
class Retry extends Policy {
  name() {
    return "retry";
  }
}
class Price {
  rate = 3;
  total(count) {
    return count * this.rate;
  }
}

async function compare(title, original) {
  const { text } = await serializeFunction(original);
  const exports = {};
  new Function("exports", "require", text)(exports, require);
  console.log(`${title}: ${original()} in the program, ${exports.handler()} serialized`);
}

compare("new Retry(5).attempts", () => new Retry(5).attempts).then(() => compare("new Price().total(2)", () => new Price().total(2)));
JAVASCRIPT
seen=$(node compare.js)
expected='new Retry(5).attempts: 5 in the program, 1 serialized
new Price().total(2): 6 in the program, NaN serialized'

printf '@pulumi/pulumi 3.276.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
