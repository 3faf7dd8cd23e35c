#!/usr/bin/env bash
# lightgbm 4.7.0: a model of three columns predicts for the same rows as an array and as a csv file, as its batch jobs take one.
#
# Guess:     a file gives what the array gives; columns are found by their names where there are some; another number of them is refused.
# Behaviour: a fourth column, as an identifier at the end, makes the first one the label, and the others move by one: other predictions,
#            without a word. If the first row's cell in the middle is empty, the file has too few columns, though the same cell may be empty
#            in the second row, or hold NA. A file of one row raises an IndexError. A file with a header is read by the names of its
#            columns, a DataFrame is not: in another order its columns are taken as they stand.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check lightgbm==4.7.0 numpy==2.4.6 pandas==2.3.3
cd "$folder"
cat >predict.py <<'PYTHON'
import lightgbm
import numpy
import pandas

a, b, c = (column.ravel() for column in numpy.meshgrid(*[numpy.arange(-3.0, 4)] * 3))
data = pandas.DataFrame({"a": a, "b": b, "c": c})
model = lightgbm.train({"verbose": -1, "num_threads": 1}, lightgbm.Dataset(data, 100 * a + 10 * b + c), 20)
rows = pandas.DataFrame({"a": [3.0, -3], "b": [-1.0, 2], "c": [0.0, 1]})


def show(name, input, **options):
    if isinstance(input, str):
        with open("rows.csv", "w") as file:
            file.write(input.replace(" ", "\n") + "\n")
        input = "rows.csv"
    try:
        predicted = model.predict(input, **options).round().astype(int).tolist()
    except Exception as error:
        predicted = f"{type(error).__name__}: {str(error).splitlines()[0]}"
    print(f"{name}: {predicted}")


show("array", rows.to_numpy())
show("file", "3,-1,0 -3,2,1")
show("file, identifier last", "3,-1,0,70 -3,2,1,71")
show("array, second row without b", [[3, -1, 0], [-3, numpy.nan, 1]])
show("file, second row without b", "3,-1,0 -3,,1")
show("array, first row without b", [[3, numpy.nan, 0], [-3, 2, 1]])
show("file, first row without b", "3,,0 -3,2,1")
show("file, first row with NA", "3,NA,0 -3,2,1")
show("array, one row", rows.to_numpy()[:1])
show("file, one row", "3,-1,0")
show("file, header c,b,a", "c,b,a 0,-1,3 1,2,-3", data_has_header=True)
show("DataFrame c,b,a", rows[["c", "b", "a"]])
PYTHON
seen=$(venv/bin/python -W ignore predict.py 2>notes.txt | grep -v '^\[LightGBM\]\|^You can set') || cat notes.txt >&2
expected='array: [247, -247]
file: [247, -247]
file, identifier last: [-88, 193]
array, second row without b: [247, -264]
file, second row without b: [247, -264]
array, first row without b: [264, -247]
file, first row without b: LightGBMError: The number of features in data (2) is not the same as it was in training data (3).
file, first row with NA: [264, -247]
array, one row: [247]
file, one row: IndexError: tuple index out of range
file, header c,b,a: [247, -247]
DataFrame c,b,a: [-17, 105]'

printf 'lightgbm 4.7.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
