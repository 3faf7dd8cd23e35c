#!/usr/bin/env bash
# torch-model-archiver 0.12.0 packs a model with extra files of one name from two folders, and with a folder.
#
# Guess:     extra files keep the paths by which they were named, as the handler of the program reads them; two files of one name are
#            refused; a folder is packed under its name.
# Behaviour: every file is put at the archive's top by its bare name: the last of one name wins, without a word. A folder's content is
#            put there without the folder itself. The model serves with the other model's labels.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch-model-archiver==0.12.0 "setuptools==75.8.0"
cd "$folder"
mkdir -p english german assets/fonts
echo english >english/labels.txt
echo german >german/labels.txt
echo font >assets/fonts/page.ttf
echo 'def handle(data, context): return data' >handler.py
venv/bin/torch-model-archiver --model-name ocr --version 1.0 --handler handler.py \
  --extra-files english/labels.txt,german/labels.txt,assets >log 2>&1
seen=$(venv/bin/python -c '
from zipfile import ZipFile
archive = ZipFile("ocr.mar")
for name in sorted(archive.namelist()):
    if name.endswith((".txt", ".ttf")):
        print(f"{name}: {archive.read(name).decode().strip()}")')
expected='fonts/page.ttf: font
labels.txt: german'

printf 'torch-model-archiver 0.12.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
