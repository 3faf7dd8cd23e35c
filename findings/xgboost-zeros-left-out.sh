#!/usr/bin/env bash
# xgboost-cpu 3.2.0 and lightgbm 4.7.0: the same rows as csv and as libsvm, both of which SageMaker's XGBoost images take, and as a sparse
# matrix, asked of a model that was trained with a dense one.
#
# Guess:     a zero that is left out, as libsvm is written, is a zero: the same row gets the same prediction in each format.
# Behaviour: XGBoost takes what is left out for missing, and sends it down another branch than a zero: two of three rows get another
#            prediction as libsvm or as a sparse matrix than as csv, without a word. With its zeros written, libsvm gives what csv
#            gives. For LightGBM both are zeros.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check xgboost-cpu==3.2.0 lightgbm==4.7.0 numpy==2.4.6 scipy==1.17.1
cd "$folder"
cat >rows.py <<'PYTHON'
import itertools
import lightgbm, numpy, xgboost
from scipy.sparse import csr_matrix

known = numpy.array(list(itertools.product((0.0, 1.0, 2.0), repeat=3)) * 10)
target = 10 * (known[:, 0] == 0) + known[:, 1]
rows = numpy.array([[0.0, 1, 2], [0, 0, 0], [2, 1, 0]])
with open("zeros-left-out.libsvm", "w") as left_out, open("zeros-written.libsvm", "w") as written, open("rows.csv", "w") as csv:
    for row in rows.tolist():
        print(0, *(f"{column}:{value}" for column, value in enumerate(row) if value), file=left_out)
        print(0, *(f"{column}:{value}" for column, value in enumerate(row)), file=written)
        print(*row, sep=",", file=csv)

model = xgboost.train({"max_depth": 3, "eta": 1, "nthread": 1}, xgboost.DMatrix(known, target), 10)
formats = {
    "csv": "rows.csv?format=csv",
    "libsvm, zeros written": "zeros-written.libsvm?format=libsvm",
    "libsvm, zeros left out": "zeros-left-out.libsvm?format=libsvm",
    "dense": rows,
    "sparse": csr_matrix(rows),
}
for name, data in formats.items():
    print(f"xgboost, {name}: {model.predict(xgboost.DMatrix(data)).round().astype(int).tolist()}")
other = lightgbm.train({"verbose": -1, "min_data_in_leaf": 1, "num_threads": 1}, lightgbm.Dataset(known, target), 100)
for name, data in (("dense", rows), ("sparse", csr_matrix(rows))):
    print(f"lightgbm, {name}: {other.predict(data).round().astype(int).tolist()}")
PYTHON
seen=$(venv/bin/python -W ignore rows.py 2>notes.txt) || cat notes.txt >&2
expected='xgboost, csv: [11, 10, 1]
xgboost, libsvm, zeros written: [11, 10, 1]
xgboost, libsvm, zeros left out: [1, 2, 1]
xgboost, dense: [11, 10, 1]
xgboost, sparse: [1, 2, 1]
lightgbm, dense: [11, 10, 1]
lightgbm, sparse: [11, 10, 1]'

printf 'xgboost-cpu 3.2.0, lightgbm 4.7.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
