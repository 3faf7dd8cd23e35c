#!/usr/bin/env bash
# pycocotools 2.0.11: a model's boxes compared with the true ones, both of them the same, once for each way to number the true boxes.
#
# Guess:     `id` is a name as any other: boxes that are all found give an average precision of 1, whatever number the first one has.
# Behaviour: a true box numbered 0, as `enumerate` numbers the first one, is never found: who finds it has made a false alarm, since a 0 in
#            the table of matches stands for none. Of two boxes in two pictures the precision is 0.25 and the recall a half, without a word.
#            Among a hundred boxes it is two in a hundred, as between two versions of a model. Of two boxes of one number the first is lost.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pycocotools==2.0.11 numpy==2.4.6
cd "$folder"
cat >score.py <<'PYTHON'
import contextlib
import io
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def score(name, numbers):
    pictures = range(1, len(numbers) + 1)
    box = {"category_id": 1, "bbox": [10, 10, 40, 40]}
    true = COCO()
    true.dataset = {
        "images": [{"id": picture, "width": 100, "height": 100} for picture in pictures],
        "categories": [{"id": 1}],
        "annotations": [{**box, "id": number, "image_id": picture, "area": 1600, "iscrowd": 0} for picture, number in zip(pictures, numbers)],
    }
    with contextlib.redirect_stdout(io.StringIO()):
        true.createIndex()
        found = true.loadRes([{**box, "image_id": picture, "score": 0.9} for picture in pictures])
        evaluation = COCOeval(true, found, "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    print(f"{name}: precision {evaluation.stats[0]:.4f}, recall {evaluation.stats[8]:.4f}")


score("numbers 1 and 2", [1, 2])
score("numbers 0 and 1", [0, 1])
score("numbers 0 to 99", list(range(100)))
score("number 7 twice", [7, 7])
PYTHON
seen=$(venv/bin/python -W ignore score.py)
expected='numbers 1 and 2: precision 1.0000, recall 1.0000
numbers 0 and 1: precision 0.2525, recall 0.5000
numbers 0 to 99: precision 0.9802, recall 0.9900
number 7 twice: precision 0.2525, recall 0.5000'

printf 'pycocotools 2.0.11\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
