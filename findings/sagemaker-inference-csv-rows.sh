#!/usr/bin/env bash
# sagemaker-inference 1.10.1 with numpy 2.4.6: how the serving toolkit of AWS's containers decodes and encodes text/csv by default.
#
# Guess:     a request of one row is an array of one row, as two rows are one of two; an empty cell is NaN or an error; a `#` is a
#            character; texts are read as csv quotes them.
# Behaviour: one row is an array of one dimension, and one number an array of none: a model that takes (rows, columns) fails for
#            batches of one. An empty cell in a column of whole numbers is -1. What follows a `#` is a comment: a row that
#            begins with one is gone. A comma inside quotes separates. The encoder writes texts without quotes.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check sagemaker-inference==1.10.1 numpy==2.4.6 "setuptools==75.8.0"
cd "$folder"
seen=$(venv/bin/python -W ignore -c '
from sagemaker_inference import decoder, encoder
for name, text in {"two rows": "1,2,3\n4,5,6", "one row": "1,2,3", "one cell": "1", "empty cell": "1,,3\n4,5,6",
                   "number sign": "#1,2,3\n4,5,6", "quoted comma": "\"a,b\",c\n\"d,e\",f"}.items():
    array = decoder.decode(text, "text/csv")
    print(f"{name}: {array.shape} {array.tolist()}")
print("encoded:", encoder.encode([["Paris, Texas", "Rome"]], "text/csv").strip())')
expected="two rows: (2, 3) [[1, 2, 3], [4, 5, 6]]
one row: (3,) [1, 2, 3]
one cell: () 1
empty cell: (2, 3) [[1, -1, 3], [4, 5, 6]]
number sign: (3,) [4, 5, 6]
quoted comma: (2, 3) [['\"a', 'b\"', 'c'], ['\"d', 'e\"', 'f']]
encoded: Paris, Texas,Rome"

printf 'sagemaker-inference 1.10.1\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
