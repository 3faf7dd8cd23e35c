#!/usr/bin/env bash
# tritonclient 2.73.0, BYTES tensors as they are sent to Triton (also in the bodies for its SageMaker endpoints).
#
# Guess:     a missing value in an array of texts is refused, and the bytes that are sent are those that the array was made of.
# Behaviour: None is sent as the text "None" and a number as its digits. Bytes in an array of numpy's own type lose the zero bytes at
#            their end, as in compressed audio or a packed vector; with dtype=object they keep them.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "tritonclient[http]==2.73.0" numpy==2.4.6
cd "$folder"
seen=$(venv/bin/python -W ignore -c '
import numpy as np
from tritonclient.utils import deserialize_bytes_tensor, serialize_byte_tensor
def sent(array):
    return deserialize_bytes_tensor(serialize_byte_tensor(array).item()).tolist()
print("texts, one missing:", sent(np.array(["page", None, 5], dtype=object)))
print("bytes:", sent(np.array([b"\x01\x00\x00", b"\x02"])))
print("bytes as objects:", sent(np.array([b"\x01\x00\x00", b"\x02"], dtype=object)))')
expected="texts, one missing: [b'page', b'None', b'5']
bytes: [b'\x01', b'\x02']
bytes as objects: [b'\x01\x00\x00', b'\x02']"

printf 'tritonclient 2.73.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
