#!/usr/bin/env bash
# soundfile 0.14.0 (with its libsndfile 1.2.2): a rising tone of six seconds, written by it as MP3 and as FLAC, then read at once and in
# blocks of one second, as an hour of speech is read for a model.
#
# Guess:     the blocks one after the other are what is read at once; a lossy format changes the sound, and not the place it is read from.
# Behaviour: each block of the MP3 but the first one starts with silence and wrong samples, a quarter of a second in all, and nothing is
#            raised: there is a seek after each read, and the decoder starts anew there, without the earlier bits it needs. The
#            lengths are right. FLAC is read equally both ways. librosa 0.11.0's stream() and load(offset=…) do the same.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check soundfile==0.14.0 numpy==2.4.6
cd "$folder"
cat >blocks.py <<'PYTHON'
import numpy
import soundfile

rate = 16_000
seconds = numpy.arange(6 * rate) / rate
tone = 0.5 * numpy.sin(2 * numpy.pi * (100 * seconds + 40 * seconds**2))
for name in ("tone.mp3", "tone.flac"):
    soundfile.write(name, tone, rate)
    whole, _ = soundfile.read(name)
    blocks = list(soundfile.blocks(name, blocksize=rate))
    print(f"{name}: {len(whole)} samples at once, {sum(map(len, blocks))} in blocks")
    for number, block in enumerate(blocks):
        wrong = numpy.abs(block - whole[number * rate : (number + 1) * rate]) > 0.01
        start = "silent" if numpy.abs(block[:400]).max() < 1e-9 else "sounds"
        print(f"  block {number}: start {start}, wrong for {wrong.sum() / rate:.1f} s, after half a second {wrong[rate // 2:].sum()} samples")
PYTHON
seen=$(venv/bin/python -W ignore blocks.py 2>decoder.txt) || cat decoder.txt >&2
expected='tone.mp3: 96000 samples at once, 96000 in blocks
  block 0: start sounds, wrong for 0.0 s, after half a second 0 samples
  block 1: start silent, wrong for 0.2 s, after half a second 0 samples
  block 2: start silent, wrong for 0.3 s, after half a second 0 samples
  block 3: start silent, wrong for 0.3 s, after half a second 0 samples
  block 4: start silent, wrong for 0.3 s, after half a second 0 samples
  block 5: start silent, wrong for 0.3 s, after half a second 0 samples
tone.flac: 96000 samples at once, 96000 in blocks
  block 0: start sounds, wrong for 0.0 s, after half a second 0 samples
  block 1: start sounds, wrong for 0.0 s, after half a second 0 samples
  block 2: start sounds, wrong for 0.0 s, after half a second 0 samples
  block 3: start sounds, wrong for 0.0 s, after half a second 0 samples
  block 4: start sounds, wrong for 0.0 s, after half a second 0 samples
  block 5: start sounds, wrong for 0.0 s, after half a second 0 samples'

printf 'soundfile 0.14.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
