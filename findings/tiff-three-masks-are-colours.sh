#!/usr/bin/env bash
# tifffile 2026.3.3 and scikit-image 0.26.0 write the masks of a few objects that a model found as one TIFF, and tifffile, scikit-image and
# Pillow 13.0.0 read it.
#
# Guess:     a stack of n masks is n pages, and comes back in the shape in which it was written.
# Behaviour: two or five masks do; three or four of 8 bits are written as one picture in colours, one mask to each colour, and scikit-image gives
#            them back with the masks last, where others look for columns: it depends on how many objects there were. Pillow sees one page.
#            With `photometric="minisblack"` they are pages again, and scikit-image still puts the masks last.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tifffile==2026.3.3 scikit-image==0.26.0 pillow==13.0.0 numpy==2.4.6
cd "$folder"
cat >masks.py <<'PYTHON'
import numpy
import skimage.io
import tifffile
from PIL import Image


def show(name, count):
    with Image.open("masks.tif") as picture:
        pages = f"{picture.n_frames} of mode {picture.mode}"
    print(f"{count} masks of 6x7, {name}: tifffile {tifffile.imread('masks.tif').shape}, scikit-image {skimage.io.imread('masks.tif').shape}, Pillow's pages {pages}")


for count in (2, 3, 4, 5):
    masks = numpy.zeros((count, 6, 7), numpy.uint8)
    tifffile.imwrite("masks.tif", masks)
    show("tifffile", count)
    skimage.io.imsave("masks.tif", masks, check_contrast=False)
    show("scikit-image", count)
tifffile.imwrite("masks.tif", numpy.zeros((3, 6, 7), numpy.uint8), photometric="minisblack")
show("minisblack", 3)
PYTHON
seen=$(venv/bin/python -W ignore masks.py)
expected="2 masks of 6x7, tifffile: tifffile (2, 6, 7), scikit-image (2, 6, 7), Pillow's pages 2 of mode L
2 masks of 6x7, scikit-image: tifffile (2, 6, 7), scikit-image (2, 6, 7), Pillow's pages 2 of mode L
3 masks of 6x7, tifffile: tifffile (3, 6, 7), scikit-image (6, 7, 3), Pillow's pages 1 of mode RGB
3 masks of 6x7, scikit-image: tifffile (3, 6, 7), scikit-image (6, 7, 3), Pillow's pages 1 of mode RGB
4 masks of 6x7, tifffile: tifffile (4, 6, 7), scikit-image (6, 7, 4), Pillow's pages 1 of mode RGBA
4 masks of 6x7, scikit-image: tifffile (4, 6, 7), scikit-image (6, 7, 4), Pillow's pages 1 of mode RGBA
5 masks of 6x7, tifffile: tifffile (5, 6, 7), scikit-image (5, 6, 7), Pillow's pages 5 of mode L
5 masks of 6x7, scikit-image: tifffile (5, 6, 7), scikit-image (5, 6, 7), Pillow's pages 5 of mode L
3 masks of 6x7, minisblack: tifffile (3, 6, 7), scikit-image (6, 7, 3), Pillow's pages 3 of mode L"

printf 'tifffile 2026.3.3, scikit-image 0.26.0, Pillow 13.0.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
