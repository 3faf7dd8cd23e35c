#!/usr/bin/env bash
# ASE 3.29.0 writes a molecule and what a model said of it as extended XYZ, the format that models of atoms are trained on, and reads it again.
#
# Guess:     names stay texts, what is missing stays missing, and a column that the caller added has the name that the caller gave it.
# Behaviour: a text that looks like another type becomes it: the identifier 007 is 7, 1e5 is 100000, and T, for a state, is True. None becomes
#            True. `energy`, and a column named `charge`, leave the places where they were for a calculator, where the column is named
#            `charges`. A whole number beyond 32 bits in a column is written and can't be read.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ase==3.29.0 numpy==2.4.6
cd "$folder"
cat >molecule.py <<'PYTHON'
import ase.io
import numpy

water = ase.Atoms("H2O", positions=numpy.eye(3))
water.info = {"job": "007", "label": "1e5", "state": "T", "error": None, "smiles": "O", "energy": -3.2}
water.arrays["charge"] = numpy.array([0.4, 0.4, -0.8])
water.arrays["spread"] = numpy.array([0.1, 0.1, 0.2])
ase.io.write("water.xyz", water)
found = ase.io.read("water.xyz")
for name, value in water.info.items():
    after = found.info.get(name, "absent")
    print(f"{name}: {value!r} -> {after.item() if isinstance(after, numpy.generic) else after!r}")
print("columns:", sorted(name for name in found.arrays if name not in ("numbers", "positions")), "calculator:", sorted(found.calc.results))
water.arrays["cell"] = numpy.array([2**40, 1, 2])
ase.io.write("water.xyz", water)
try:
    print(ase.io.read("water.xyz").arrays["cell"])
except OverflowError as error:
    print("a column of 2**40, 1, 2:", error)
PYTHON
seen=$(venv/bin/python -W ignore molecule.py)
expected="job: '007' -> 7
label: '1e5' -> 100000.0
state: 'T' -> True
error: None -> True
smiles: 'O' -> 'O'
energy: -3.2 -> 'absent'
columns: ['spread'] calculator: ['charges', 'energy']
a column of 2**40, 1, 2: Python integer 1099511627776 out of bounds for int32"

printf 'ASE 3.29.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
