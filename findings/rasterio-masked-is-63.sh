#!/usr/bin/env bash
# rasterio 1.4.4: a map of classes that a model found in an aerial picture, with the pixels outside the picture masked, is written to a file
# of 8 bits a pixel.
#
# Guess:     masked pixels are written as the file's nodata, and refused or written as 0 where it has none; a class that the type can't hold
#            is refused or becomes the nearest one, as GDAL does with such numbers.
# Behaviour: without a nodata the masked pixels become 63 in 8 bits and 16959 in 16, the lowest bits of numpy's 999999: a class of their
#            own, which the file's mask calls valid. Numbers that don't fit keep their lowest bits: -1 (no class) is 255, 300 is 44;
#            probabilities are cut, 0.99 is 0. Nothing is reported. Only masked=True in `write` keeps what is masked.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check rasterio==1.4.4 numpy==2.4.6
cd "$folder"
cat >classes.py <<'PYTHON'
import numpy
import rasterio


def show(name, classes, dtype, nodata=None, **options):
    with rasterio.open("map.tif", "w", driver="GTiff", width=4, height=1, count=1, dtype=dtype, nodata=nodata) as file:
        file.write(classes.reshape(1, 4), 1, **options)
    with rasterio.open("map.tif") as file:
        print(f"{name} in {dtype}, nodata {nodata}: {file.read(1).ravel().tolist()}, valid {(file.read_masks(1).ravel() > 0).tolist()}")


for dtype in ("uint8", "int16"):
    masked = numpy.ma.array([1, 2, 3, 4], mask=[0, 1, 0, 0], dtype=dtype)
    show("one masked", masked, dtype)
    show("one masked", masked, dtype, nodata=0)
show("one masked, masked=True", numpy.ma.array([1, 2, 3, 4], mask=[0, 1, 0, 0], dtype="uint8"), "uint8", masked=True)
show("classes", numpy.array([1, -1, 255, 300]), "uint8")
show("probabilities", numpy.array([0.0, 0.5, 0.99, 1.0]), "uint8")
PYTHON
seen=$(venv/bin/python -W ignore classes.py)
expected='one masked in uint8, nodata None: [1, 63, 3, 4], valid [True, True, True, True]
one masked in uint8, nodata 0: [1, 0, 3, 4], valid [True, False, True, True]
one masked in int16, nodata None: [1, 16959, 3, 4], valid [True, True, True, True]
one masked in int16, nodata 0: [1, 0, 3, 4], valid [True, False, True, True]
one masked, masked=True in uint8, nodata None: [1, 2, 3, 4], valid [True, False, True, True]
classes in uint8, nodata None: [1, 255, 255, 44], valid [True, True, True, True]
probabilities in uint8, nodata None: [0, 0, 0, 1], valid [True, True, True, True]'

printf 'rasterio 1.4.4\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
