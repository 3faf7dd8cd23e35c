#!/usr/bin/env bash
# srt 3.5.3, webvtt-py 0.6.0 and pysubs2 1.8.1 write and read what a speech model heard: Whisper's segments, some of no length or without
# words, as it gives for noise, words in braces or with a backslash, and a recording of more than a hundred hours.
#
# Guess:     each segment is a line of the transcript, with its words and its times; what a format can't hold is refused.
# Behaviour: srt leaves segments of no length or without words out and numbers the rest anew, so that line 4 is no longer segment 4. pysubs2
#            takes braces out with what is in them, and makes a line break of \n in a path; it reads 100:00:00 as 0. webvtt-py writes
#            "AT&T" and "a < b" as they are into WebVTT, where & and < have to be escaped, and escaped ones as they are into SRT.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check srt==3.5.3 webvtt-py==0.6.0 pysubs2==1.8.1
cd "$folder"
cat >lines.py <<'PYTHON'
import json
from datetime import timedelta
import pysubs2
import srt
import webvtt

segments = [(0, 1, "one"), (1, 1, "two"), (2, 3, ""), (3, 4, "four")]
lines = [srt.Subtitle(number, timedelta(seconds=start), timedelta(seconds=end), text) for number, (start, end, text) in enumerate(segments, 1)]
print("srt:", json.dumps([f"{line.index} {line.content}" for line in srt.parse(srt.compose(lines))]))

heard = {"segments": [{"start": 0, "end": 1, "text": text} for text in ("set {name} here", r"open C:\new", "AT&T, a < b")]}
read = pysubs2.load_from_whisper(heard)
print("pysubs2, from Whisper:", json.dumps([line.plaintext for line in read]))
print("pysubs2, in srt:", json.dumps([line.content for line in srt.parse(read.to_string("srt"))]))
long = "1\n100:00:00,000 --> 100:00:02,000\nstill here\n"
print("a hundred hours in srt:", [line.start.total_seconds() for line in srt.parse(long)])
print("a hundred hours in pysubs2:", [line.start / 1000 for line in pysubs2.SSAFile.from_string(long)])

captions = webvtt.WebVTT()
captions.captions.append(webvtt.Caption("00:00:00.000", "00:00:01.000", "AT&T, a < b"))
captions.save("heard.vtt")
with open("heard.vtt") as file:
    print("webvtt-py writes:", json.dumps(file.read().splitlines()[-1]))
with open("escaped.vtt", "w") as file:
    file.write("WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nAT&amp;T, a &lt; b\n")
captions = webvtt.read("escaped.vtt")
captions.save_as_srt("escaped.srt")
with open("escaped.srt") as file:
    print("webvtt-py, from WebVTT to srt:", json.dumps([line.content for line in srt.parse(file.read())]))
PYTHON
seen=$(venv/bin/python -W ignore lines.py)
expected='srt: ["1 one", "2 four"]
pysubs2, from Whisper: ["set  here", "open C:\new", "AT&T, a < b"]
pysubs2, in srt: ["set  here", "open C:\new", "AT&T, a < b"]
a hundred hours in srt: [360000.0]
a hundred hours in pysubs2: [0.0]
webvtt-py writes: "AT&T, a < b"
webvtt-py, from WebVTT to srt: ["AT&amp;T, a &lt; b"]'

printf 'srt 3.5.3, webvtt-py 0.6.0, pysubs2 1.8.1\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
