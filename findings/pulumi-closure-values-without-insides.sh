#!/usr/bin/env bash
# @pulumi/pulumi 3.276.0 serializes a function that uses values of the program (`serializeFunction`, as for a Lambda from a callback).
#
# Guess:     a value that can't be written as source is refused when it is serialized, as an instance of URL is; what is written is
#            equal to the original.
# Behaviour: Date, Map, Buffer and URLSearchParams are written with their methods and without what these work on: nothing is
#            reported, and the deployed function throws at the first call. Symbol.for("job") is another symbol than itself, a
#            frozen object is none, and a property that is read through a cycle is left out.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . @pulumi/pulumi@3.276.0
cat >serialize.js <<'JAVASCRIPT'
const { writeFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");

async function main() {
  const [date, map, buffer, params, symbol] = [new Date(0), new Map([["a", 1]]), Buffer.from("page"), new URLSearchParams("a=1"), Symbol.for("job")];
  const [frozen, tree, url] = [Object.freeze({ limit: 1 }), { name: "root" }, new URL("s3://pages/page.png")];
  tree.parent = tree;
  const functions = {
    date: () => date.getTime(),
    map: () => map.get("a"),
    buffer: () => buffer.toString(),
    params: () => params.get("a"),
    symbol: () => symbol === Symbol.for("job"),
    frozen: () => Object.isFrozen(frozen),
    cycle: () => tree.parent.parent.name,
    url: () => url.href,
  };
  for (const [name, original] of Object.entries(functions)) {
    try {
      const { text, exportName } = await pulumi.runtime.serializeFunction(original);
      writeFileSync(`${name}.js`, text);
      const deployed = require(`./${name}.js`)[exportName];
      console.log(`${name}: here ${original()}, deployed ${attempt(deployed)}`);
    } catch {
      console.log(`${name}: refused`);
    }
  }
}

function attempt(deployed) {
  try {
    return deployed();
  } catch (error) {
    return error.name;
  }
}

main();
JAVASCRIPT
seen=$(node serialize.js)
expected='date: here 0, deployed TypeError
map: here 1, deployed TypeError
buffer: here page, deployed TypeError
params: here 1, deployed TypeError
symbol: here true, deployed false
frozen: here true, deployed false
cycle: here root, deployed undefined
url: refused'

printf '@pulumi/pulumi 3.276.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
