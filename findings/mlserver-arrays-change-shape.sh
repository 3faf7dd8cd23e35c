#!/usr/bin/env bash
# mlserver 1.7.1 with numpy 2.4.6: arrays encoded by NumpyCodec, sent as JSON, and decoded by NumpyCodec.
#
# Guess:     the array comes back as it was, as far as JSON can: what JSON can't say is refused.
# Behaviour: an array of one dimension comes back as a column of two, also without JSON between. Infinity comes back as NaN. In
#            an array of objects every value is cut to as many bytes as there are columns: of one dimension to a single one.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mlserver==1.7.1 numpy==2.4.6 "setuptools==75.8.0"
cd "$folder"
seen=$(venv/bin/python -W ignore -c '
import numpy as np
from mlserver.codecs import NumpyCodec
from mlserver.types import RequestInput
for array in (np.array([1.5, 2.5]), np.array([[1.5, 2.5]]), np.array([[np.inf, 1]]),
              np.array([5, 123456], dtype=object), np.array([[5, 123456, None]], dtype=object)):
    sent = NumpyCodec.encode_input("page", array).model_dump_json()
    print(array.tolist(), "->", NumpyCodec.decode_input(RequestInput.model_validate_json(sent)).tolist())')
expected="[1.5, 2.5] -> [[1.5], [2.5]]
[[1.5, 2.5]] -> [[1.5, 2.5]]
[[inf, 1.0]] -> [[nan, 1.0]]
[5, 123456] -> [[b'5'], [b'1']]
[[5, 123456, None]] -> [[b'5', b'123', b'Non']]"

printf 'mlserver 1.7.1\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
