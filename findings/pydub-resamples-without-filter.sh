#!/usr/bin/env bash
# pydub 0.25.1, soxr 1.1.0 and scipy 1.17.1 make a second of sound at 16,000 samples a second fit a model that takes 8,000: tones of 1,000 and
# 6,000 Hz, of which the second is above what 8,000 samples can carry.
#
# Guess:     the tone that can't be carried is filtered out by all of them: the model hears the first tone, or silence.
# Behaviour: pydub's `set_frame_rate` has no filter: the tone of 6,000 Hz comes out as one of 2,000 Hz, as loud as it was, in the midst of speech.
#            soxr and scipy leave silence.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pydub==0.25.1 soxr==1.1.0 scipy==1.17.1 numpy==2.4.6
cd "$folder"
cat >resample.py <<'PYTHON'
import numpy
import soxr
from pydub import AudioSegment
from scipy.signal import resample_poly


def pydub(samples):
    sound = AudioSegment(samples.tobytes(), frame_rate=16000, sample_width=2, channels=1)
    return numpy.array(sound.set_frame_rate(8000).get_array_of_samples())


resamplers = {"pydub": pydub, "soxr": lambda samples: soxr.resample(samples, 16000, 8000), "scipy": lambda samples: resample_poly(samples, 1, 2)}
for tone in (1000, 6000):
    samples = (20000 * numpy.sin(2 * numpy.pi * tone * numpy.arange(16000) / 16000)).astype(numpy.int16)
    for name, resample in resamplers.items():
        heard = resample(samples).astype(float)[2000:6000]
        loudest = int(numpy.abs(numpy.fft.rfft(heard)).argmax()) * 2
        loudness = round(float(numpy.abs(heard).max()) / 20000, 2)
        print(f"{tone} Hz, {name}: {'silence' if loudness < 0.01 else f'{loudest} Hz, {loudness} of its loudness'}")
PYTHON
seen=$(venv/bin/python -W ignore resample.py)
expected='1000 Hz, pydub: 1000 Hz, 1.0 of its loudness
1000 Hz, soxr: 1000 Hz, 1.0 of its loudness
1000 Hz, scipy: 1000 Hz, 1.0 of its loudness
6000 Hz, pydub: 2000 Hz, 1.0 of its loudness
6000 Hz, soxr: silence
6000 Hz, scipy: silence'

printf 'pydub 0.25.1, soxr 1.1.0, scipy 1.17.1\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
