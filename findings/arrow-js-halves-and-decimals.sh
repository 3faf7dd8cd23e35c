#!/usr/bin/env bash
# apache-arrow 21.2.0 for JavaScript reads a batch's results that pyarrow 26.0.1 wrote: scores and a vector in half precision, as models on
# GPUs have them, a price in decimals, and numbers of which one is missing.
#
# Guess:     toArray() gives the numbers that get(i) gives; a decimal prints with its point; what is missing isn't a number.
# Behaviour: toArray() of half precision is the 16 bits of each number as a whole number: 0.5 is 14336, in a list of vectors too. 12.50
#            prints as 1250 and -0.05 as -5, in JSON as a text with quotes inside. toArray() has 0 for each missing number, and get(i) null.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pyarrow==26.0.1 numpy==2.4.6
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . apache-arrow@21.2.0
venv/bin/python -c '
from decimal import Decimal
import numpy
import pyarrow
table = pyarrow.table({
    "score": numpy.array([0.5, -1.25, 3], dtype="float16"),
    "vector": pyarrow.FixedSizeListArray.from_arrays(pyarrow.array([1, 2, 3, 4, 5, 6], pyarrow.float16()), 2),
    "price": pyarrow.array([Decimal("12.50"), Decimal("-0.05"), Decimal("7.00")], pyarrow.decimal128(10, 2)),
    "count": pyarrow.array([4, None, 6], pyarrow.int32()),
})
with pyarrow.ipc.new_file("results.arrow", table.schema) as file:
    file.write_table(table)'
cat >read.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import { tableFromIPC } from "apache-arrow";

const table = tableFromIPC(readFileSync("results.arrow"));
const numbers = (values) => `[${Array.from(values, (value) => (value?.toArray ? numbers(value.toArray()) : String(value))).join(", ")}]`;
for (const name of ["score", "vector", "count"]) {
  const column = table.getChild(name);
  console.log(`${name}: one by one ${name === "vector" ? JSON.stringify([...column]) : numbers(column)}, toArray ${numbers(column.toArray())}`);
}
console.log(`price: ${numbers([...table.getChild("price")].map(String))}, in JSON ${JSON.stringify({ price: table.getChild("price").get(0) })}`);
JAVASCRIPT
seen=$(node read.mjs)
expected='score: one by one [0.5, -1.25, 3], toArray [14336, 48384, 16896]
vector: one by one [[1,2],[3,4],[5,6]], toArray [[15360, 16384], [16896, 17408], [17664, 17920]]
count: one by one [4, null, 6], toArray [4, 0, 6]
price: [1250, -5, 700], in JSON {"price":"\"1250\""}'

printf 'apache-arrow 21.2.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
