#!/usr/bin/env bash
# safetensors 0.8.0 with numpy 2.4.6: `safetensors.numpy.save` and `load` of a picture whose axes were moved, as models take them.
#
# Guess:     an array that is a view on another one is written as it is seen (numpy's own `save` does so), or refused, as the
#            module for PyTorch refuses tensors that aren't contiguous.
# Behaviour: the shape is that of the view and the values are those of the memory below it, in the order in which they lie there:
#            channels and pixels get mixed. Nothing is reported. numpy.ascontiguousarray before the call avoids it.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check safetensors==0.8.0 numpy==2.4.6
cd "$folder"
seen=$(venv/bin/python -c '
import numpy as np
from safetensors.numpy import load, save
picture = np.array([[[11, 21, 31], [12, 22, 32]]], dtype=np.uint8)  # one row of two pixels: red, green, blue
views = {
    "height, width, channel": picture,
    "channel, height, width": picture.transpose(2, 0, 1),
    "made contiguous": np.ascontiguousarray(picture.transpose(2, 0, 1)),
    "in the order of Fortran": np.asfortranarray(picture[0]),
}
for name, view in views.items():
    print(f"{name}: {view.tolist()} -> {load(save({name: view}))[name].tolist()}")')
expected="height, width, channel: [[[11, 21, 31], [12, 22, 32]]] -> [[[11, 21, 31], [12, 22, 32]]]
channel, height, width: [[[11, 12]], [[21, 22]], [[31, 32]]] -> [[[11, 21]], [[31, 12]], [[22, 32]]]
made contiguous: [[[11, 12]], [[21, 22]], [[31, 32]]] -> [[[11, 12]], [[21, 22]], [[31, 32]]]
in the order of Fortran: [[11, 21, 31], [12, 22, 32]] -> [[11, 12, 21], [22, 31, 32]]"

printf 'safetensors 0.8.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
