#!/usr/bin/env bash
# astropy 8.0.2 and fitsio 1.4.2 write a map of probabilities that a model found in a picture of the sky as compressed FITS.
#
# Guess:     compressed is as it was, at least with GZIP, and a probability stays between 0 and 1.
# Behaviour: floats are rounded to steps that depend on the map's noise, and equal ones are no longer equal: they differ by hundredths, and
#            some are below 0 or above 1. GZIP does it too. A step of none (`quantize_level=0`, `qlevel=0`) keeps them.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check astropy==8.0.2 fitsio==1.4.2 numpy==2.4.6
cd "$folder"
cat >compress.py <<'PYTHON'
import fitsio
import numpy
from astropy.io import fits

sky = numpy.random.default_rng(0).random((64, 64)).astype(numpy.float32)
sky[:, :8], sky[:, 8:16] = 0.5, 1


def with_astropy(kind, **options):
    fits.CompImageHDU(sky, compression_type=kind, **options).writeto("sky.fits", overwrite=True)
    return fits.getdata("sky.fits")


def with_fitsio(kind, **options):
    fitsio.write("sky.fits", sky, compress=kind, clobber=True, **options)
    return fitsio.read("sky.fits")


def show(name, found):
    print(
        f"{name}: differs {'not' if numpy.array_equal(found, sky) else 'by more than 0.01' if abs(found - sky).max() > 0.01 else 'by less'}, "
        f"below 0: {'some' if (found < 0).any() else 'none'}, above 1: {'some' if (found > 1).any() else 'none'}, "
        f"of the equal {'equal' if numpy.ptp(found[:, :8]) == 0 else 'not equal'}"
    )


show("astropy, RICE", with_astropy("RICE_1"))
show("astropy, GZIP", with_astropy("GZIP_1"))
show("fitsio, RICE", with_fitsio("RICE"))
show("fitsio, GZIP", with_fitsio("GZIP"))
show("astropy, GZIP, quantize_level=0", with_astropy("GZIP_1", quantize_level=0))
show("fitsio, GZIP, qlevel=0", with_fitsio("GZIP", qlevel=0))
PYTHON
seen=$(venv/bin/python -W ignore compress.py)
expected='astropy, RICE: differs by more than 0.01, below 0: none, above 1: some, of the equal not equal
astropy, GZIP: differs by more than 0.01, below 0: none, above 1: some, of the equal not equal
fitsio, RICE: differs by more than 0.01, below 0: some, above 1: some, of the equal not equal
fitsio, GZIP: differs by more than 0.01, below 0: some, above 1: some, of the equal not equal
astropy, GZIP, quantize_level=0: differs not, below 0: none, above 1: none, of the equal equal
fitsio, GZIP, qlevel=0: differs not, below 0: none, above 1: none, of the equal equal'

printf 'astropy 8.0.2, fitsio 1.4.2\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
