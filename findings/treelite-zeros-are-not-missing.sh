#!/usr/bin/env bash
# Treelite 4.8.1, with which Triton serves tree models, takes over models of LightGBM 4.7.0: one trained on data where 0 stands for what is missing
# (`zero_as_missing`), and one with a category.
#
# Guess:     both predict the same for the same row, or Treelite refuses what it has no form for.
# Behaviour: a row with a 0 gets another prediction, as Treelite compares it with the thresholds: nothing is refused or warned of. Rows without
#            a 0 get the same one, so that a check with random rows passes. NaN in place of 0 does not help. A category between -1 and 0 is 0
#            for LightGBM, and none for Treelite.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check treelite==4.8.1 lightgbm==4.7.0 numpy==2.4.6 scipy==1.17.1
cd "$folder"
cat >trees.py <<'PYTHON'
import lightgbm
import numpy
import treelite

OPTIONS = {"verbose": -1, "seed": 0, "num_threads": 1, "deterministic": True}


def both(name, booster, rows):
    model = treelite.frontend.from_lightgbm(booster)
    ours, theirs = booster.predict(rows), treelite.gtil.predict(model, rows).ravel()
    print(f"{name}: LightGBM {ours.round(2).tolist()}, Treelite {theirs.round(2).tolist()}")


random = numpy.random.default_rng(0)
rows = random.normal(size=(1000, 1))
rows[random.random(1000) < 0.3] = 0
target = numpy.where(rows[:, 0] == 0, 10.0, numpy.sign(rows[:, 0]))
booster = lightgbm.train({**OPTIONS, "zero_as_missing": True}, lightgbm.Dataset(rows, target), 100)
both("-0.5, 0, 0.5", booster, numpy.array([[-0.5], [0.0], [0.5]]))
both("-0.5, NaN, 0.5", booster, numpy.array([[-0.5], [numpy.nan], [0.5]]))

category = random.integers(0, 5, (1000, 1)).astype(float)
data = lightgbm.Dataset(category, (category[:, 0] == 0) * 5.0 + (category[:, 0] == 3), categorical_feature=[0])
both("categories 0, 3, -0.5, -1", lightgbm.train(OPTIONS, data, 100), numpy.array([[0.0], [3.0], [-0.5], [-1.0]]))
PYTHON
seen=$(venv/bin/python -W ignore trees.py)
expected='-0.5, 0, 0.5: LightGBM [-1.0, 9.99, 1.0], Treelite [-1.0, -1.0, 1.0]
-0.5, NaN, 0.5: LightGBM [-1.0, 9.99, 1.0], Treelite [-1.0, -1.0, 1.0]
categories 0, 3, -0.5, -1: LightGBM [5.0, 1.0, 5.0, 0.0], Treelite [5.0, 1.0, 0.0, 0.0]'

printf 'Treelite 4.8.1, LightGBM 4.7.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
