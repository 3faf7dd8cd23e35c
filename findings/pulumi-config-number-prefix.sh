#!/usr/bin/env bash
# @pulumi/pulumi 3.276.0, reading a stack's settings with `Config.getNumber`, which says that it fails for what is no number.
#
# Guess:     "15 minutes", "1_000" and "5,5" are refused, as getBoolean refuses "True"; or they are read as Number() reads them, "0x10" as 16.
# Behaviour: the digits at the beginning are taken and the rest is dropped: 15, 1, 5 and 0. `max` compares what was taken, so that
#            a time-out of "3600 seconds" passes as 3600, and one of "1_000_000" with a maximum of 10 as 1.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . @pulumi/pulumi@3.276.0
cat >config.js <<'JAVASCRIPT'
const pulumi = require("@pulumi/pulumi");

for (const text of ["15 minutes", "1_000", "5,5", "0x10", "1e3", "fast"]) {
  pulumi.runtime.setAllConfig({ "shop:limit": text });
  try {
    console.log(`${text}:`, new pulumi.Config("shop").requireNumber("limit", { max: 1000 }));
  } catch (error) {
    console.log(`${text}:`, error.message);
  }
}
JAVASCRIPT
seen=$(node config.js)
expected="15 minutes: 15
1_000: 1
5,5: 5
0x10: 0
1e3: 1000
fast: Configuration 'shop:limit' value 'fast' is not a valid number"

printf '@pulumi/pulumi 3.276.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
