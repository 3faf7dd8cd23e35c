#!/usr/bin/env bash
# pyEDFlib 0.1.42, MNE 1.13.2 and edfio 0.4.18 write two and a half seconds of an EEG as EDF, the format that sleep and seizure models take
# and answer in; then a signal with a missing sample and one beyond the range that its header gives.
#
# Guess:     what is written is as long as it was, or refused; a sample that the header's range can't hold, or that is no number, is refused.
# Behaviour: pyEDFlib fills the last second up with the value next to zero and says nothing, MNE repeats the last value and warns: both give
#            three seconds, so that windows and totals differ. edfio refuses. pyEDFlib's writer makes the lowest value of the range
#            of a missing sample, which a model takes for an artefact, and the highest of one beyond; `highlevel` refuses both.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pyEDFlib==0.1.42 mne==1.13.2 edfio==0.4.18 numpy==2.4.6
cd "$folder"
cat >write.py <<'PYTHON'
import edfio
import mne
import numpy
import pyedflib
from pyedflib import highlevel

RATE = 256
eeg = numpy.full(int(2.5 * RATE), 40.0)
header = highlevel.make_signal_headers(["EEG"], dimension="uV", sample_frequency=RATE, physical_min=-100, physical_max=100)


def show(name, write):
    try:
        write()
    except (AssertionError, ValueError) as error:
        return print(f"{name}: refused, {type(error).__name__}")
    (found,), _, _ = highlevel.read_edf("eeg.edf")
    print(f"{name}: {len(found) / RATE} seconds, starts {found[:3].round(1).tolist()}, ends {found[-2:].round(1).tolist()}")


def with_writer(samples):
    with pyedflib.EdfWriter("eeg.edf", 1) as writer:
        writer.setSignalHeaders(header)
        writer.writeSamples([samples])


def with_mne():
    raw = mne.io.RawArray(eeg[None] * 1e-6, mne.create_info(["EEG"], RATE, "eeg"), verbose="ERROR")
    mne.export.export_raw("eeg.edf", raw, physical_range=(-100, 100), overwrite=True, verbose="ERROR")


show("pyEDFlib", lambda: highlevel.write_edf("eeg.edf", [eeg], header))
show("MNE", with_mne)
show("edfio", lambda: edfio.Edf([edfio.EdfSignal(eeg, RATE, physical_range=(-100, 100))]).write("eeg.edf"))
odd = eeg.copy()
odd[0], odd[1] = numpy.nan, 500
show("odd samples, EdfWriter", lambda: with_writer(odd))
show("odd samples, highlevel", lambda: highlevel.write_edf("eeg.edf", [odd], header))
PYTHON
seen=$(venv/bin/python -W ignore write.py 2>notes.txt) || cat notes.txt >&2
expected='pyEDFlib: 3.0 seconds, starts [40.0, 40.0, 40.0], ends [0.0, 0.0]
MNE: 3.0 seconds, starts [40.0, 40.0, 40.0], ends [40.0, 40.0]
edfio: refused, ValueError
odd samples, EdfWriter: 3.0 seconds, starts [-100.0, 100.0, 40.0], ends [0.0, 0.0]
odd samples, highlevel: refused, AssertionError'

printf 'pyEDFlib 0.1.42, MNE 1.13.2, edfio 0.4.18\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
