#!/usr/bin/env bash
# zarr 3.1.6 writes the classes that a model found, numbered from 0, and xarray 2026.9.0 opens them: in format 2, which most stores have, and
# in format 3.
#
# Guess:     classes 0, 1 and 2 are 0, 1 and 2 in both, and of the type that was written.
# Behaviour: in format 2 xarray takes the store's `fill_value`, which zarr sets to 0 by itself, for the mark of a missing value: class 0 is NaN,
#            the others are floats, and the share of class 0 is none. In format 3 all are as they were. Written with a `fill_value` of None, or
#            opened with `mask_and_scale=False`, those of format 2 are too.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check zarr==3.1.6 xarray==2026.9.0 numpy==2.4.6 pandas==3.0.5
cd "$folder"
cat >classes.py <<'PYTHON'
import warnings
import numpy
import xarray
import zarr


def show(name, zarr_format, open_options={}, **options):
    group = zarr.open_group("map.zarr", mode="w", zarr_format=zarr_format)
    names = {"dimension_names": ["pixel"]} if zarr_format == 3 else {}
    array = group.create_array("classes", shape=(4,), dtype="uint8", **names, **options)
    array[:] = numpy.array([0, 1, 2, 0])
    if zarr_format == 2:
        array.attrs["_ARRAY_DIMENSIONS"] = ["pixel"]
    found = xarray.open_zarr("map.zarr", consolidated=False, **open_options).classes
    print(f"{name}: zarr {array[:].tolist()}, xarray {found.values.tolist()} of {found.dtype}, share of class 1: {float((found == 1).sum() / found.count()):.2f}")


warnings.simplefilter("ignore")
show("format 2", 2)
show("format 3", 3)
show("format 2, fill_value None", 2, fill_value=None)
show("format 2, mask_and_scale=False", 2, {"mask_and_scale": False})
PYTHON
seen=$(venv/bin/python -W ignore classes.py)
expected='format 2: zarr [0, 1, 2, 0], xarray [nan, 1.0, 2.0, nan] of float32, share of class 1: 0.50
format 3: zarr [0, 1, 2, 0], xarray [0, 1, 2, 0] of uint8, share of class 1: 0.25
format 2, fill_value None: zarr [0, 1, 2, 0], xarray [0, 1, 2, 0] of uint8, share of class 1: 0.25
format 2, mask_and_scale=False: zarr [0, 1, 2, 0], xarray [0, 1, 2, 0] of uint8, share of class 1: 0.25'

printf 'zarr 3.1.6, xarray 2026.9.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
