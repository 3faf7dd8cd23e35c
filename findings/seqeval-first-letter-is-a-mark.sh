#!/usr/bin/env bash
# seqeval 1.2.2 judges what a model found in texts, one class a word, by names of classes without the B- and I- that mark where a find begins.
#
# Guess:     classes are compared by their names, or names without a mark are refused.
# Behaviour: the first letter is taken for the mark, whatever it is: CAT, BAT and RAT are one class AT, and a model that mistakes each for another has
#            a perfect score. Words beside each other with one class are one find or two by that letter. Classes named by one digit are none,
#            and score 0. A warning says that a name "seems not to be NE tag". `mode="strict"` ends in a KeyError of one letter.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check seqeval==1.2.2 numpy==2.4.6 scikit-learn==1.9.1
cd "$folder"
cat >judge.py <<'PYTHON'
from seqeval.metrics import f1_score
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import IOB2


def show(name, truth, answer):
    print(f"{name}: {truth} for {answer} scores {f1_score([answer], [truth]):.2f}, finds {get_entities(answer)}")


show("each mistaken", ["CAT", "O", "BAT", "O", "RAT"], ["RAT", "O", "CAT", "O", "BAT"])
show("all right", ["0", "1", "2"], ["0", "1", "2"])
show("neighbours", ["ITEM", "ITEM"], ["ITEM", "ITEM"])
show("neighbours", ["SUM", "SUM"], ["SUM", "SUM"])
try:
    f1_score([["CAT"]], [["CAT"]], mode="strict", scheme=IOB2)
except KeyError as error:
    print("strict: KeyError", error)
PYTHON
seen=$(venv/bin/python -W ignore judge.py)
expected="each mistaken: ['CAT', 'O', 'BAT', 'O', 'RAT'] for ['RAT', 'O', 'CAT', 'O', 'BAT'] scores 1.00, finds [('AT', 0, 0), ('AT', 2, 2), ('AT', 4, 4)]
all right: ['0', '1', '2'] for ['0', '1', '2'] scores 0.00, finds []
neighbours: ['ITEM', 'ITEM'] for ['ITEM', 'ITEM'] scores 1.00, finds [('TEM', 0, 1)]
neighbours: ['SUM', 'SUM'] for ['SUM', 'SUM'] scores 1.00, finds [('UM', 0, 0), ('UM', 1, 1)]
strict: KeyError 'C'"

printf 'seqeval 1.2.2\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
