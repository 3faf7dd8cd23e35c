#!/usr/bin/env bash
# supervision 0.31.2 reads boxes that a labelling tool exported in COCO's format, and writes them in COCO's and in YOLO's.
#
# Guess:     pictures and classes keep their identifiers, by which the model's answers are compared with them, and scores are kept.
# Behaviour: all are numbered anew: picture 17 is 1, class 7 is 2, and annotation 901 is 1, so that answers by the old numbers are compared with
#            other classes or with none. Scores are gone. YOLO's file has lines of an outline and lines of a box for one picture.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check supervision==0.31.2 opencv-python-headless==5.0.0.93 numpy==2.4.6
cd "$folder"
cat >boxes.py <<'PYTHON'
import json, pathlib
import cv2
import numpy
import supervision

pathlib.Path("pages").mkdir()
cv2.imwrite("pages/a.png", numpy.zeros((40, 40, 3), numpy.uint8))
outline = [[1.0, 2.0, 11.0, 2.0, 11.0, 12.0]]
coco = {
    "images": [{"id": 17, "file_name": "a.png", "width": 40, "height": 40}],
    "categories": [{"id": 7, "name": "table"}, {"id": 3, "name": "figure"}],
    "annotations": [
        {"id": 901, "image_id": 17, "category_id": 7, "bbox": [1, 2, 10, 10], "area": 50, "iscrowd": 0, "score": 0.9, "segmentation": outline},
        {"id": 902, "image_id": 17, "category_id": 3, "bbox": [5, 5, 20, 10], "area": 200, "iscrowd": 0, "score": 0.8, "segmentation": []},
    ],
}


def show(name, document):
    print(name)
    print("  pictures:", {image["file_name"]: image["id"] for image in document["images"]})
    print("  classes:", {category["name"]: category["id"] for category in document["categories"]})
    print("  annotations:", [{key: annotation.get(key) for key in ("id", "image_id", "category_id", "score")} for annotation in document["annotations"]])


pathlib.Path("before.json").write_text(json.dumps(coco))
dataset = supervision.DetectionDataset.from_coco("pages", "before.json")
dataset.as_coco(annotations_path="after.json")
show("before", coco)
show("after", json.loads(pathlib.Path("after.json").read_text()))
dataset.as_yolo(annotations_directory_path="yolo")
print("YOLO:", [f"class {line.split()[0]}, {len(line.split()) - 1} numbers" for line in pathlib.Path("yolo/a.txt").read_text().splitlines()])
PYTHON
seen=$(venv/bin/python -W ignore boxes.py)
expected="before
  pictures: {'a.png': 17}
  classes: {'table': 7, 'figure': 3}
  annotations: [{'id': 901, 'image_id': 17, 'category_id': 7, 'score': 0.9}, {'id': 902, 'image_id': 17, 'category_id': 3, 'score': 0.8}]
after
  pictures: {'a.png': 1}
  classes: {'figure': 1, 'table': 2}
  annotations: [{'id': 1, 'image_id': 1, 'category_id': 2, 'score': None}, {'id': 2, 'image_id': 1, 'category_id': 1, 'score': None}]
YOLO: ['class 1, 6 numbers', 'class 0, 4 numbers']"

printf 'supervision 0.31.2\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
