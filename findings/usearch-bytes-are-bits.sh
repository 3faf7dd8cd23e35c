#!/usr/bin/env bash
# usearch 2.26.6: vectors that an embedding model answered as whole numbers, as endpoints that quantize do, are added to an index of 32-bit
# floats and read again.
#
# Guess:     [1, 2, 100] is kept as 1, 2 and 100 whatever type of number it came in, or a type that isn't taken is refused.
# Behaviour: uint8 is taken for packed bits, so that the first three bits of the first byte are kept: 0, 0, 0. int8 is divided by 127.
#            float64 is kept, int32 is refused. An index of int8 scales each vector to one length: two vectors in one direction, one ten
#            times as long, are 0 apart by their Euclidean distance. A new index has bfloat16, three digits.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check usearch==2.26.6 numpy==2.4.6
cd "$folder"
cat >vectors.py <<'PYTHON'
import numpy
from usearch.index import Index


def kept(dtype, index_dtype="f32", values=(1, 2, 100)):
    index = Index(ndim=3, metric="l2sq", dtype=index_dtype)
    try:
        index.add(1, numpy.array(values, dtype=dtype))
    except ValueError:
        return "refused"
    return [round(float(value), 4) for value in index.get(1)]


for dtype in ("float64", "float32", "int32", "int8", "uint8"):
    print(f"{dtype}: {kept(dtype)}")
print(f"uint8, 255 first: {kept('uint8', values=(255, 2, 100))}")
print(f"float32 by default: {kept('float32', None, (0.12345, 0.99, 123.4))}")
index = Index(ndim=3, metric="l2sq", dtype="i8")
index.add(1, numpy.array([1, 2, 100], dtype="float32"))
found = index.search(numpy.array([10, 20, 1000], dtype="float32"), 1)
print(f"index of i8, ten times as far: distance {float(found.distances[0])}")
PYTHON
seen=$(venv/bin/python -W ignore vectors.py)
expected='float64: [1.0, 2.0, 100.0]
float32: [1.0, 2.0, 100.0]
int32: refused
int8: [0.0079, 0.0157, 0.7874]
uint8: [0.0, 0.0, 0.0]
uint8, 255 first: [1.0, 1.0, 1.0]
float32 by default: [0.1235, 0.9883, 123.5]
index of i8, ten times as far: distance 0.0'

printf 'usearch 2.26.6\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
