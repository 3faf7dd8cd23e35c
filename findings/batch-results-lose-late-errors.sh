#!/usr/bin/env bash
# A batch's results, one JSON object a line, as most batch services write them: only a request that failed has an `error`. They are read
# with polars 2.1.0, pandas 3.1.1, pyarrow 26.0.1 and duckdb 2.0.1, with the first failure at line 51, 201 and 30,001.
#
# Guess:     each reader makes a column of each field that stands in the file, whatever line it first stands in, and a text stays a text.
# Behaviour: polars looks at the first hundred lines and then leaves out, without a word, each field that they lack: the table says of no
#            request that it failed. duckdb looks at more and then refuses the file. pandas makes numbers of the identifiers, without
#            their zeros, so that they match no request. pyarrow reads all as it stands.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check polars==2.1.0 pandas==3.1.1 pyarrow==26.0.1 duckdb==2.0.1 numpy==2.4.6
cd "$folder"
cat >read.py <<'PYTHON'
import json
import duckdb, pandas, polars
from pyarrow import json as arrow

readers = {
    "polars": lambda name: polars.read_ndjson(name).to_dicts(),
    "polars, lazy": lambda name: polars.scan_ndjson(name).collect().to_dicts(),
    "polars, infer_schema_length=None": lambda name: polars.read_ndjson(name, infer_schema_length=None).to_dicts(),
    "pandas": lambda name: pandas.read_json(name, lines=True).to_dict("records"),
    "pyarrow": lambda name: arrow.read_json(name).to_pylist(),
    "duckdb": lambda name: duckdb.sql(f"from read_json('{name}')").fetchall(),
}
for successes in (50, 200, 30_000):
    with open("results.jsonl", "w") as file:
        for number in range(successes):
            print(json.dumps({"custom_id": f"{number:06}", "output": "text"}), file=file)
        print(json.dumps({"custom_id": f"{successes:06}", "output": None, "error": {"code": "OOM"}}), file=file)
    print(f"failure at line {successes + 1}")
    for name, read in readers.items():
        try:
            print(f"  {name}: {read('results.jsonl')[-1]}")
        except Exception as error:
            print(f"  {name}: {type(error).__name__}, {'unknown key' if 'unknown key' in str(error) else error}")
PYTHON
seen=$(venv/bin/python -W ignore read.py)
expected="failure at line 51
  polars: {'custom_id': '000050', 'output': None, 'error': {'code': 'OOM'}}
  polars, lazy: {'custom_id': '000050', 'output': None, 'error': {'code': 'OOM'}}
  polars, infer_schema_length=None: {'custom_id': '000050', 'output': None, 'error': {'code': 'OOM'}}
  pandas: {'custom_id': 50, 'output': nan, 'error': {'code': 'OOM'}}
  pyarrow: {'custom_id': '000050', 'output': None, 'error': {'code': 'OOM'}}
  duckdb: ('000050', None, {'code': 'OOM'})
failure at line 201
  polars: {'custom_id': '000200', 'output': None}
  polars, lazy: {'custom_id': '000200', 'output': None}
  polars, infer_schema_length=None: {'custom_id': '000200', 'output': None, 'error': {'code': 'OOM'}}
  pandas: {'custom_id': 200, 'output': nan, 'error': {'code': 'OOM'}}
  pyarrow: {'custom_id': '000200', 'output': None, 'error': {'code': 'OOM'}}
  duckdb: ('000200', None, {'code': 'OOM'})
failure at line 30001
  polars: {'custom_id': '030000', 'output': None}
  polars, lazy: {'custom_id': '030000', 'output': None}
  polars, infer_schema_length=None: {'custom_id': '030000', 'output': None, 'error': {'code': 'OOM'}}
  pandas: {'custom_id': 30000, 'output': nan, 'error': {'code': 'OOM'}}
  pyarrow: {'custom_id': '030000', 'output': None, 'error': {'code': 'OOM'}}
  duckdb: InvalidInputException, unknown key"

printf 'polars 2.1.0, pandas 3.1.1, pyarrow 26.0.1, duckdb 2.0.1\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
