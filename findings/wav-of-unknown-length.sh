#!/usr/bin/env bash
# Two seconds of sound that ffmpeg (imageio-ffmpeg 0.6.0) wrote as WAV to a pipe, where it can't go back to write the length, read by
# Python's wave, scipy 1.17.1 and soundfile 0.14.0.
#
# Guess:     readers take the length from the data, since the header says "unknown" (every bit of it is set), or refuse the file.
# Behaviour: `wave` believes the header: 75 hours, from which a time limit or a price is computed and for which a job is refused; the
#            samples that it then reads are two seconds. scipy reads two seconds, and refuses the file with `mmap=True`. soundfile
#            says two seconds.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check imageio-ffmpeg==0.6.0 scipy==1.17.1 soundfile==0.14.0 numpy==2.4.6
cd "$folder"
cat >lengths.py <<'PYTHON'
import subprocess, wave
import imageio_ffmpeg, soundfile
from scipy.io import wavfile

source = "sine=frequency=440:duration=2:sample_rate=8000"
with open("speech.wav", "wb") as file:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", source, "-f", "wav", "-"]
    file.write(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
with wave.open("speech.wav") as sound:
    print("wave, header:", round(sound.getnframes() / sound.getframerate() / 3600), "hours")
    print("wave, samples:", len(sound.readframes(sound.getnframes())) // 16000, "seconds")
for mapped in (False, True):
    try:
        rate, samples = wavfile.read("speech.wav", mmap=mapped)
        print(f"scipy, mmap={mapped}:", len(samples) // rate, "seconds")
    except ValueError as error:
        print(f"scipy, mmap={mapped}:", error)
print("soundfile:", round(soundfile.info("speech.wav").duration), "seconds")
PYTHON
seen=$(venv/bin/python -W ignore lengths.py)
expected="wave, header: 75 hours
wave, samples: 2 seconds
scipy, mmap=False: 2 seconds
scipy, mmap=True: mmap length is greater than file size
soundfile: 2 seconds"

printf 'imageio-ffmpeg 0.6.0, scipy 1.17.1, soundfile 0.14.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
