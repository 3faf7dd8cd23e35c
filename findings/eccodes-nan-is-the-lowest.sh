#!/usr/bin/env bash
# eccodes 2.50.0 (ECMWF's library for GRIB, the format of weather models): a field of temperatures that a model answered, with NaN where it
# has none, as over land or beyond its edge, is written and read again.
#
# Guess:     NaN is refused, or written as missing once the message has a bitmap.
# Behaviour: each NaN is written as the field's lowest value, with a bitmap too, and none counts as missing: land has the coldest water.
#            A field whose first value is NaN is refused. Missing is what equals `missingValue`, 9999 at first: in a field of heights a
#            point at 9999 metres is missing, once there is a bitmap.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check eccodes==2.50.0 numpy==2.4.6
cd "$folder"
cat >field.py <<'PYTHON'
import eccodes
import numpy


def show(name, bitmap, lowest, highest, missing=None, **places):
    message = eccodes.codes_grib_new_from_samples("regular_ll_sfc_grib2")
    eccodes.codes_set(message, "bitmapPresent", bitmap)
    if missing:
        eccodes.codes_set(message, "missingValue", missing)
    values = numpy.linspace(lowest, highest, eccodes.codes_get(message, "numberOfValues"))
    for place, value in places.items():
        values[int(place[1:])] = value
    before = [round(float(value), 1) for value in values[:4]]
    try:
        eccodes.codes_set_values(message, values)
    except eccodes.EncodingError as error:
        return print(f"{name}, bitmap {bitmap}: {before} -> {error}")
    after = [round(float(value), 1) for value in eccodes.codes_get_values(message)[:4]]
    print(f"{name}, bitmap {bitmap}: {before} -> {after}, {eccodes.codes_get(message, 'numberOfMissing')} missing")


nan = numpy.nan
for bitmap in (0, 1):
    show("temperatures", bitmap, 271.2, 300, _2=nan)
    show("the first is NaN", bitmap, 271.2, 300, _0=nan)
show("heights", 0, 9000, 10000, _2=9999)
show("heights", 1, 9000, 10000, _2=9999)
show("NaN as -1, said to be missing", 1, 271.2, 300, missing=-1, _2=-1)
PYTHON
seen=$(venv/bin/python -W ignore field.py 2>notes.txt) || cat notes.txt >&2
expected='temperatures, bitmap 0: [271.2, 271.3, nan, 271.4] -> [271.2, 271.3, 271.2, 271.4], 0 missing
the first is NaN, bitmap 0: [nan, 271.3, 271.3, 271.4] -> Encoding invalid
temperatures, bitmap 1: [271.2, 271.3, nan, 271.4] -> [271.2, 271.3, 271.2, 271.4], 0 missing
the first is NaN, bitmap 1: [nan, 271.3, 271.3, 271.4] -> Encoding invalid
heights, bitmap 0: [9000.0, 9002.0, 9999.0, 9006.1] -> [9000.0, 9002.0, 9999.0, 9006.1], 0 missing
heights, bitmap 1: [9000.0, 9002.0, 9999.0, 9006.1] -> [9000.0, 9002.0, 9999.0, 9006.1], 1 missing
NaN as -1, said to be missing, bitmap 1: [271.2, 271.3, -1.0, 271.4] -> [271.2, 271.3, -1.0, 271.4], 1 missing'

printf 'eccodes 2.50.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
