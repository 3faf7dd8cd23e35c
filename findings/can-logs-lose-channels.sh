#!/usr/bin/env bash
# python-can 4.6.1 writes four frames of a vehicle's bus in each of its log formats, and reads them: one received on channel 0, one sent on
# channel 1, a request for 4 bytes on channel 2, and one of CAN FD on channel 3, with the time of day.
#
# Guess:     a log read again has the frames with their times, channels and kinds, or the format refuses what it has no place for.
# Behaviour: only BLF gives all back. CSV and SQLite have no channel, call the sent frame received and CAN FD classic. ASC starts its times
#            at zero. The .log of can-utils asks for 0 bytes where 4 were asked for, and its channels are names. TRC has half of the frames, and
#            counts channels from 1. What is missing is reported for TRC only.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check python-can==4.6.1
cd "$folder"
cat >logs.py <<'PYTHON'
import can

START = 1790000000.25
FRAMES = [
    can.Message(timestamp=START, arbitration_id=0x100, is_extended_id=False, data=[1, 2], channel=0),
    can.Message(timestamp=START + 1, arbitration_id=0x101, is_extended_id=False, data=[3], channel=1, is_rx=False),
    can.Message(timestamp=START + 2, arbitration_id=0x102, is_extended_id=False, is_remote_frame=True, dlc=4, channel=2),
    can.Message(timestamp=START + 3, arbitration_id=0x103, is_extended_id=False, is_fd=True, data=bytes(12), channel=3),
]


def text(frame):
    kind = "request" if frame.is_remote_frame else "FD" if frame.is_fd else "classic"
    time = f"start + {frame.timestamp - START:.0f} s" if frame.timestamp >= START else f"{frame.timestamp:.0f} s"
    return f"{frame.arbitration_id:x} at {time}, channel {frame.channel!r}, {'received' if frame.is_rx else 'sent'}, {kind}, {frame.dlc} bytes"


written = [text(frame) for frame in FRAMES]
print("written:", *written, sep="\n  ")
for kind in ("blf", "csv", "db", "asc", "log", "trc"):
    with can.Logger(f"bus.{kind}") as log:
        for frame in FRAMES:
            log(frame)
    with can.LogReader(f"bus.{kind}") as log:
        found = [text(frame) for frame in log]
    print(f"{kind}: {len(found)} frames, other than written:", *(line for line in found if line not in written), sep="\n  ")
PYTHON
seen=$(venv/bin/python -W ignore logs.py 2>notes.txt)
expected="written:
  100 at start + 0 s, channel 0, received, classic, 2 bytes
  101 at start + 1 s, channel 1, sent, classic, 1 bytes
  102 at start + 2 s, channel 2, received, request, 4 bytes
  103 at start + 3 s, channel 3, received, FD, 12 bytes
blf: 4 frames, other than written:
csv: 4 frames, other than written:
  100 at start + 0 s, channel None, received, classic, 2 bytes
  101 at start + 1 s, channel None, received, classic, 1 bytes
  102 at start + 2 s, channel None, received, request, 4 bytes
  103 at start + 3 s, channel None, received, classic, 12 bytes
db: 4 frames, other than written:
  100 at start + 0 s, channel None, received, classic, 2 bytes
  101 at start + 1 s, channel None, received, classic, 1 bytes
  102 at start + 2 s, channel None, received, request, 4 bytes
  103 at start + 3 s, channel None, received, classic, 12 bytes
asc: 4 frames, other than written:
  100 at 0 s, channel 0, received, classic, 2 bytes
  101 at 1 s, channel 1, sent, classic, 1 bytes
  102 at 2 s, channel 2, received, request, 4 bytes
  103 at 3 s, channel 3, received, FD, 12 bytes
log: 4 frames, other than written:
  100 at start + 0 s, channel 'can0', received, classic, 2 bytes
  101 at start + 1 s, channel 'can1', sent, classic, 1 bytes
  102 at start + 2 s, channel 'can2', received, request, 0 bytes
  103 at start + 3 s, channel 'can3', received, FD, 12 bytes
trc: 2 frames, other than written:
  100 at start + 0 s, channel 1, received, classic, 2 bytes
  101 at start + 1 s, channel 2, sent, classic, 1 bytes"

printf 'python-can 4.6.1\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
