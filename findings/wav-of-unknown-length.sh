#!/usr/bin/env bash
# Two seconds of sound that ffmpeg 7 (imageio-ffmpeg 0.6.0) wrote as WAV to a pipe, where it can't go back to write the length, read by
# Python's wave, scipy 1.17.1, soundfile 0.14.0, node-wav 0.0.2 and music-metadata 11.16.1. Node.js 22 or later.
#
# Guess:     readers take the length from the data, since the header's says "unknown" (every bit is set), or refuse the file.
# Behaviour: `wave` and node-wav believe the header: 37 hours, for which a time limit is computed, a price is told or a job refused.
#            `wave` gives two seconds when the samples are read, node-wav pads 37 hours. scipy reads the file, with a warning, and not with
#            `mmap=True`. soundfile and music-metadata say two seconds.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check imageio-ffmpeg==0.6.0 scipy==1.17.1 soundfile==0.14.0 numpy==2.4.6
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . node-wav@0.0.2 music-metadata@11.16.1
cat >lengths.py <<'PYTHON'
import subprocess, wave
import imageio_ffmpeg, soundfile
from scipy.io import wavfile

source = "sine=frequency=440:duration=2:sample_rate=8000"
with open("speech.wav", "wb") as file:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", source, "-f", "wav", "-"]
    file.write(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
with wave.open("speech.wav") as sound:
    print("wave, header:", round(sound.getnframes() / sound.getframerate()), "seconds")
    print("wave, samples:", len(sound.readframes(sound.getnframes())) // 16000, "seconds")
for mapped in (False, True):
    try:
        rate, samples = wavfile.read("speech.wav", mmap=mapped)
        print(f"scipy, mmap={mapped}:", len(samples) // rate, "seconds")
    except ValueError as error:
        print(f"scipy, mmap={mapped}:", error)
print("soundfile:", round(soundfile.info("speech.wav").duration), "seconds")
PYTHON
cat >lengths.mjs <<'JAVASCRIPT'
import { parseFile } from "music-metadata";
import { readFileSync } from "node:fs";
import wav from "node-wav";

console.log("music-metadata:", (await parseFile("speech.wav")).format.duration, "seconds");
JAVASCRIPT
seen=$(
  venv/bin/python -W ignore lengths.py
  node lengths.mjs
)
