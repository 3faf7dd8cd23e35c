#!/usr/bin/env bash
# xarray 2026.9.0 with netCDF4 1.7.4 writes temperatures that a model answered as netCDF in 16 bits with a scale and an offset, as weather archives
# keep them: one beyond the range, and one missing.
#
# Guess:     what the range can't hold is refused or the nearest value that it holds, and NaN is missing in what is read.
# Behaviour: 50 °C, beyond the 47.8 that the range ends at, is read as -15.5 °C. Without a `_FillValue` NaN becomes the offset, 15 °C, a good
#            value in the middle of the range; with one, a temperature that has its number is missing. Nothing is refused, and netCDF4
#            alone does the same.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check xarray==2026.9.0 netCDF4==1.7.4 numpy==2.4.6 pandas==3.0.5
cd "$folder"
cat >pack.py <<'PYTHON'
import netCDF4
import numpy
import xarray

PACKED = {"dtype": "int16", "scale_factor": 0.001, "add_offset": 15.0}
values = numpy.array([14.999, 20.0, 50.0, numpy.nan])
dataset = xarray.Dataset({"temperature": ("place", values)})


def show(name):
    with xarray.open_dataset("field.nc") as found:
        print(f"{name}: {values.tolist()} -> {found.temperature.values.round(3).tolist()}")


for encoding in (PACKED, {**PACKED, "_FillValue": -1}):
    dataset.to_netcdf("field.nc", encoding={"temperature": encoding})
    show(f"xarray, _FillValue {encoding.get('_FillValue')}")
with netCDF4.Dataset("field.nc", "w") as file:
    file.createDimension("place", 4)
    variable = file.createVariable("temperature", "i2", ("place",))
    variable.scale_factor, variable.add_offset = 0.001, 15.0
    variable[:] = values
show("netCDF4")
PYTHON
seen=$(venv/bin/python -W ignore pack.py)
expected='xarray, _FillValue None: [14.999, 20.0, 50.0, nan] -> [14.999, 20.0, -15.536, 15.0]
xarray, _FillValue -1: [14.999, 20.0, 50.0, nan] -> [nan, 20.0, -15.536, nan]
netCDF4: [14.999, 20.0, 50.0, nan] -> [14.999, 20.0, -15.536, 15.0]'

printf 'xarray 2026.9.0, netCDF4 1.7.4\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
