#!/usr/bin/env bash
# sharp 0.35.5 reads a picture of one channel with 16 bits a pixel, as depth cameras, X-ray detectors and depth models give it, and a map of
# classes with 8 bits.
#
# Guess:     what is read is written again with its channel and its bits; `raw({ depth: "ushort" })` gives the 16-bit numbers.
# Behaviour: PNG, TIFF and raw bytes come out with 8 bits and three channels, the map of classes with three too. The raw "ushort" numbers
#            are the 8-bit ones, 30000 is 117. toColourspace("grey16") before the output gives what was asked, and in a resize too.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . sharp@0.35.5
cat >depth.mjs <<'JAVASCRIPT'
import sharp from "sharp";

const raw = { width: 2, height: 2, channels: 1 };
const depth = await sharp(Uint16Array.from([0, 1000, 30000, 65535]), { raw }).toColourspace("grey16").png().toBuffer();
const classes = await sharp(Uint8Array.from([0, 1, 2, 3]), { raw }).toColourspace("b-w").png().toBuffer();

async function show(name, picture) {
  const { data, info } = await picture.toBuffer({ resolveWithObject: true });
  const { channels, depth: bits } = info.format === "raw" ? info : await sharp(data).metadata();
  const values = info.format !== "raw" ? "" : `: ${bits === "ushort" ? new Uint16Array(new Uint8Array(data).buffer) : data.join()}`;
  console.log(`${name}: ${channels} of ${bits}${values}`);
}

await show("depth as it is made", sharp(depth).toColourspace("grey16").png());
await show("png", sharp(depth).png());
await show("tiff", sharp(depth).tiff());
await show("png, smaller", sharp(depth).resize(1).png());
await show("raw", sharp(depth).raw());
await show("raw ushort", sharp(depth).raw({ depth: "ushort" }));
await show("raw ushort, grey16", sharp(depth).toColourspace("grey16").raw({ depth: "ushort" }));
await show("png, smaller, grey16", sharp(depth).resize(1).toColourspace("grey16").png());
await show("classes, raw", sharp(classes).raw());
JAVASCRIPT
seen=$(node depth.mjs)
expected='depth as it is made: 1 of ushort
png: 3 of uchar
tiff: 3 of uchar
png, smaller: 3 of uchar
raw: 3 of uchar: 0,0,0,3,3,3,117,117,117,255,255,255
raw ushort: 3 of ushort: 0,0,0,3,3,3,117,117,117,255,255,255
raw ushort, grey16: 1 of ushort: 0,1000,30000,65535
png, smaller, grey16: 1 of ushort
classes, raw: 3 of uchar: 0,0,0,1,1,1,2,2,2,3,3,3'

printf 'sharp 0.35.5\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
