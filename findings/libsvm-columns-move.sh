#!/usr/bin/env bash
# scikit-learn 1.9.1: rows as libsvm, a format of SageMaker's built-in algorithms, written by dump_svmlight_file and read by
# load_svmlight_file, with nothing but the number of features said.
#
# Guess:     what the library writes it reads as it was: columns are counted from 0 in both, or from 1 in both.
# Behaviour: it writes from 0 and guesses when it reads: if no row has a value in the first column (zeros are not written), all columns
#            move by one, without an error. One more row, with a value there, and they stay. So a row alone gets another prediction than
#            in a batch. `zero_based=True` reads what was written.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check scikit-learn==1.9.1 numpy==2.4.6
cd "$folder"
cat >rows.py <<'PYTHON'
import io
import numpy
from sklearn.datasets import dump_svmlight_file, load_svmlight_file

weights = [1, 10, 100, 1000]  # of a linear model
row, other = [0, 1, 0.5, 0], [1, 0, 0, 0]
for name, rows, options in (("alone", [row], {}), ("in a batch", [row, other], {}), ("alone, zero_based=True", [row], {"zero_based": True})):
    file = io.BytesIO()
    dump_svmlight_file(numpy.array(rows), [0] * len(rows), file)
    file.seek(0)
    read, _ = load_svmlight_file(file, n_features=4, **options)
    print(f"{name}: {file.getvalue().splitlines()[0].decode()} -> {read.toarray()[0].tolist()}, predicted {(read @ weights)[0]:.0f}")
PYTHON
seen=$(venv/bin/python -W ignore rows.py)
expected='alone: 0 1:1 2:0.5 -> [1.0, 0.5, 0.0, 0.0], predicted 6
in a batch: 0 1:1 2:0.5 -> [0.0, 1.0, 0.5, 0.0], predicted 60
alone, zero_based=True: 0 1:1 2:0.5 -> [0.0, 1.0, 0.5, 0.0], predicted 60'

printf 'scikit-learn 1.9.1\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
