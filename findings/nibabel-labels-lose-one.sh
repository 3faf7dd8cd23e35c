#!/usr/bin/env bash
# nibabel 5.4.2: the classes that a model found in a scan of 16 or 8 bits a voxel are saved with the scan's header, as its place and size
# are taken from it, and read as whole numbers again.
#
# Guess:     whole numbers that the scan's type holds are written as they are; others are refused, or written in a type that holds them.
# Behaviour: an array of floats, as numpy.zeros makes one, is stretched over the type's whole range although its values fit: class 2 is
#            1.99997 on disk and becomes 1 when it is read as a whole number. Of eight classes up to four come back as another one. The same
#            classes as integers come back as they were, until one is too large for the type: then all are stretched.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check nibabel==5.4.2 numpy==2.4.6
cd "$folder"
cat >masks.py <<'PYTHON'
import nibabel
import numpy


def save(name, scan_type, classes):
    nibabel.save(nibabel.Nifti1Image(numpy.zeros((2, 2, 2), scan_type), numpy.eye(4)), "scan.nii.gz")
    scan = nibabel.load("scan.nii.gz")
    mask = nibabel.Nifti1Image(classes.reshape(2, 2, 2), scan.affine, scan.header)
    nibabel.save(mask, "mask.nii.gz")
    found = nibabel.load("mask.nii.gz")
    print(f"{name}, scan of {scan_type.__name__}: class 2 is {found.get_fdata()[0, 1, 0]:.5f}, classes {found.get_fdata().astype(int).ravel().tolist()}")


classes = numpy.arange(8)
for scan_type in (numpy.int16, numpy.uint8):
    save("floats", scan_type, classes.astype(numpy.float32))
    save("integers", scan_type, classes.astype(numpy.int32))
classes[7] = 70_000
save("integers up to 70000", numpy.int16, classes.astype(numpy.int32))
PYTHON
seen=$(venv/bin/python -W ignore masks.py)
expected='floats, scan of int16: class 2 is 1.99997, classes [0, 0, 1, 2, 4, 5, 6, 6]
integers, scan of int16: class 2 is 2.00000, classes [0, 1, 2, 3, 4, 5, 6, 7]
floats, scan of uint8: class 2 is 2.00392, classes [0, 0, 2, 2, 4, 4, 6, 7]
integers, scan of uint8: class 2 is 2.00000, classes [0, 1, 2, 3, 4, 5, 6, 7]
integers up to 70000, scan of int16: class 2 is 2.13626, classes [0, 1, 2, 3, 4, 5, 6, 70000]'

printf 'nibabel 5.4.2\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
