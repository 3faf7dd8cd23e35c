#!/usr/bin/env bash
# laspy 2.7.0: a cloud of points with the classes that a model found, made, written and read again.
#
# Guess:     places given as doubles come back as precise as the format allows, or with a warning; classes that don't fit are refused.
# Behaviour: a new file has hundredths of a unit, whatever the unit is: places in degrees are moved by up to half a kilometre, without a
#            word. In point formats from 6 on, which the library makes for LAS 1.4, class 300 is stored as 44, -1 (no class) as 255
#            and a fraction cut; in the older formats 300 is refused. Scales set before the points keep the places.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check laspy==2.7.0 numpy==2.4.6
cd "$folder"
cat >points.py <<'PYTHON'
import laspy
import numpy


def read_again(scale=None, point_format=6, classes=(2, 6)):
    header = laspy.LasHeader(point_format=point_format)
    if scale:
        header.scales = [scale, scale, 0.01]
    cloud = laspy.LasData(header)
    cloud.x, cloud.y, cloud.z = numpy.array([-73.985656, -73.991201]), numpy.array([40.748433, 40.752304]), numpy.array([10.0, 12.0])
    cloud.classification = numpy.array(classes)
    cloud.write("cloud.las")
    return laspy.read("cloud.las")


for scale in (None, 1e-7):
    cloud = read_again(scale)
    print(f"scale {scale}: {[(round(float(x), 6), round(float(y), 6)) for x, y in zip(cloud.x, cloud.y)]}")
for point_format in (3, 6):
    for classes in ((2, 300), (2, -1), (2, 6.7)):
        try:
            print(f"format {point_format}, classes {classes}: {read_again(None, point_format, classes).classification.tolist()}")
        except Exception as error:
            print(f"format {point_format}, classes {classes}: {type(error).__name__}")
PYTHON
seen=$(venv/bin/python -W ignore points.py)
expected='scale None: [(-73.99, 40.75), (-73.99, 40.75)]
scale 1e-07: [(-73.985656, 40.748433), (-73.991201, 40.752304)]
format 3, classes (2, 300): OverflowError
format 3, classes (2, -1): AttributeError
format 3, classes (2, 6.7): TypeError
format 6, classes (2, 300): [2, 44]
format 6, classes (2, -1): [2, 255]
format 6, classes (2, 6.7): [2, 6]'

printf 'laspy 2.7.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
