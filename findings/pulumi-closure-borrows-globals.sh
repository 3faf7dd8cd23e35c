#!/usr/bin/env bash
# @pulumi/pulumi 3.276.0 serializes a function that uses plain values of the program (`serializeFunction`, as for a Lambda from a callback).
#
# Guess:     true, a number and a text are written as they are, whatever else is in the process.
# Behaviour: true, or a text, that is the same as some global variable's is written as a reference to that variable, and only numbers are
#            not: a library of the program that sets globalThis.tracing = true or globalThis.stage = "prod" makes undefined of each such
#            value in the deployed function, where nobody sets them. Nothing is reported, and the program itself goes on as before.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . @pulumi/pulumi@3.276.0
cat >serialize.js <<'JAVASCRIPT'
const { execFileSync } = require("node:child_process");
const { writeFileSync } = require("node:fs");

async function main() {
  // What an agent or a test tool may do, before Pulumi is loaded.
  if (process.argv[2] === "with") Object.assign(globalThis, { tracing: true, retries: 3, stage: "prod" });
  const pulumi = require("@pulumi/pulumi");
  const [drain, attempts, bucket] = [true, 3, "prod"];
  const { text, exportName } = await pulumi.runtime.serializeFunction(() => JSON.stringify({ drain, attempts, bucket }));
  writeFileSync("deployed.js", text);
  const deployed = execFileSync(process.execPath, ["-p", `require("./deployed.js").${exportName}()`], { encoding: "utf8" });
  console.log(`${process.argv[2]} globals: ${deployed.trim()}`);
}

main();
JAVASCRIPT
seen=$(node serialize.js without && node serialize.js with)
expected='without globals: {"drain":true,"attempts":3,"bucket":"prod"}
with globals: {"attempts":3}'

printf '@pulumi/pulumi 3.276.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
