#!/usr/bin/env bash
# @pulumi/pulumi 3.276.0, a resource whose input holds values that JSON has no form for (`setMocks` shows what is registered).
#
# Guess:     what can't be sent to the engine is refused, as a symbol is, or becomes what JSON.stringify makes of it: a date its text.
# Behaviour: Date, Map, Set, BigInt, RegExp, URL and Error become an empty object, NaN and Infinity null, a Buffer an object with an
#            index per byte: nothing is reported, and the provider meets other values. `pulumi.jsonStringify` loses a date, too.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . @pulumi/pulumi@3.276.0
cat >inputs.js <<'JAVASCRIPT'
const pulumi = require("@pulumi/pulumi");

async function main() {
  const registered = {};
  await pulumi.runtime.setMocks({
    newResource({ name, inputs }) {
      registered[name] = JSON.stringify(inputs.value);
      return { id: name, state: inputs };
    },
    call: ({ inputs }) => inputs,
  });
  const values = [new Date(0), new Map([["a", 1]]), 5n, new URL("s3://pages/page.png"), NaN, Buffer.from("hi"), new String("text")];
  for (const value of values) {
    const name = value.constructor.name;
    await new pulumi.CustomResource("shop:index:Queue", name, { value }).id.promise();
    console.log(`${name}:`, registered[name]);
  }
  console.log("jsonStringify:", await pulumi.jsonStringify({ since: new Date(0) }).promise());
}

main();
JAVASCRIPT
seen=$(node inputs.js)
expected='Date: {}
Map: {}
BigInt: {}
URL: {}
Number: null
Buffer: {"0":104,"1":105}
String: {"0":"t","1":"e","2":"x","3":"t"}
jsonStringify: {"since":{}}'

printf '@pulumi/pulumi 3.276.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
