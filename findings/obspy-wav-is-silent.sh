#!/usr/bin/env bash
# obspy 1.5.1 writes a seismogram of whole numbers, one of floats around zero and a stream of two pieces that overlap, in formats for seismology.
#
# Guess:     a format that can't hold the numbers refuses them, as GSE2 does with floats; the rate of a sound file is the seismogram's; where two
#            pieces give other values one of them is taken.
# Behaviour: SAC keeps 24 bits: the count 16777217 is 16777216. In a WAV floats are cut to whole numbers, so that a seismogram between -1 and 1 is
#            silence, and its rate is 7000 a second instead of 100. `merge` leaves a hole where the pieces differ and fills it where they
#            agree.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check obspy==1.5.1 numpy==2.4.6 setuptools==80.9.0
cd "$folder"
cat >seismogram.py <<'PYTHON'
import numpy
import obspy


def trace(data, start=0):
    header = {"sampling_rate": 100.0, "station": "ABC", "starttime": obspy.UTCDateTime(2026, 1, 1) + start / 100}
    return obspy.Trace(numpy.array(data), header)


def show(kind, data):
    try:
        trace(data).write("seismogram", format=kind)
    except Exception as error:
        return print(f"{kind}: {data} -> refused ({type(error).__name__})")
    found = obspy.read("seismogram", format=kind)[0]
    print(f"{kind}: {data} -> {found.data.tolist()} of {found.data.dtype}, {found.stats.sampling_rate:g} a second")


counts = numpy.array([16777217, -3, 16777219], numpy.int32)
for kind in ("MSEED", "SAC", "WAV"):
    show(kind, counts)
for kind in ("MSEED", "GSE2", "WAV"):
    show(kind, numpy.array([0.9, -0.9, 0.4]))
for second in ([3, 4, 5], [7, 8, 9]):
    merged = obspy.Stream([trace([1, 2, 3, 4]), trace(second, start=2)]).merge()[0].data
    print(f"1, 2, 3, 4 and {second} from the third on: {merged.tolist()}")
PYTHON
seen=$(venv/bin/python -W ignore seismogram.py)
expected='MSEED: [16777217       -3 16777219] -> [16777217, -3, 16777219] of int32, 100 a second
SAC: [16777217       -3 16777219] -> [16777216.0, -3.0, 16777220.0] of float32, 100 a second
WAV: [16777217       -3 16777219] -> [16777217, -3, 16777219] of int32, 7000 a second
MSEED: [ 0.9 -0.9  0.4] -> [0.9, -0.9, 0.4] of float64, 100 a second
GSE2: [ 0.9 -0.9  0.4] -> refused (Exception)
WAV: [ 0.9 -0.9  0.4] -> [0, 0, 0] of int32, 7000 a second
1, 2, 3, 4 and [3, 4, 5] from the third on: [1, 2, 3, 4, 5]
1, 2, 3, 4 and [7, 8, 9] from the third on: [1, 2, None, None, 9]'

printf 'obspy 1.5.1\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
