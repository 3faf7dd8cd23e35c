#!/usr/bin/env bash
# webdataset 1.0.2 reads a tar file of inputs with names as cameras and scanners give them: dates with dots, a page beside its description,
# a file without an extension.
#
# Guess:     a sample is what differs in the extension only; a file that belongs to none is a sample of its own, or is refused.
# Behaviour: a name ends at its first dot: pictures of two days are one sample, whose extension is the rest of the date. A page's description
#            that doesn't stand right beside it makes a second sample of the same key, and each lacks a half. Hidden files and those
#            without an extension are left out. Nothing is reported.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check webdataset==1.0.2 numpy==2.4.6
cd "$folder"
cat >samples.py <<'PYTHON'
import io
import tarfile
import webdataset


def show(*names):
    with tarfile.open("inputs.tar", "w") as tar:
        for name in names:
            entry = tarfile.TarInfo(name)
            entry.size = len(name)
            tar.addfile(entry, io.BytesIO(name.encode()))
    samples = webdataset.WebDataset("inputs.tar", shardshuffle=False, empty_check=False)
    found = [f"{sample['__key__']} of {'+'.join(sorted(field for field in sample if not field.startswith('__')))}" for sample in samples]
    print(f"{', '.join(names)}: {', '.join(found) or 'nothing'}")


show("page.png", "page.json")
show("scan.2024-01-30.png", "scan.2024-01-31.png")
show("cam1.v2.png", "cam1.v2.json", "cam1.v3.png")
show("day.1/scan.png", "day.2/scan.png")
show("page1.png", "page2.png", "page1.json", "page2.json")
show("README", ".labels.json", "page.png")
PYTHON
seen=$(venv/bin/python -W ignore samples.py)
expected='page.png, page.json: page of json+png
scan.2024-01-30.png, scan.2024-01-31.png: scan of 2024-01-30.png+2024-01-31.png
cam1.v2.png, cam1.v2.json, cam1.v3.png: cam1 of v2.json+v2.png+v3.png
day.1/scan.png, day.2/scan.png: day.1/scan of png, day.2/scan of png
page1.png, page2.png, page1.json, page2.json: page1 of png, page2 of png, page1 of json, page2 of json
README, .labels.json, page.png: page of png'

printf 'webdataset 1.0.2\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
