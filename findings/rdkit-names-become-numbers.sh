#!/usr/bin/env bash
# rdkit 2026.9.1: molecules with their names and a model's scores go to the workers of a pool, into an SDF file, and come back.
#
# Guess:     what was set on a molecule is on it in the next process, in the file and when it is read, as what it was.
# Behaviour: a molecule that was pickled, as each pool of processes does, has lost its name and all its properties. GetPropsAsDict makes
#            a number of each text that looks like one: "007" is 7, "1e5" is 100000.0 and "nan" is NaN, so that names of compounds no
#            longer match. A text with an empty line is left out of the file, with a warning; the numbers in it are as precise as they were.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check rdkit==2026.9.1
cd "$folder"
cat >molecules.py <<'PYTHON'
import json
import pickle
from concurrent.futures import ProcessPoolExecutor
from rdkit import Chem


def set_on(molecule):
    name = "named" if molecule.HasProp("_Name") else "without name"
    return f"{name} {json.dumps(molecule.GetPropsAsDict())}"


def with_texts(**texts):
    molecule = Chem.MolFromSmiles("CCO")
    for name, text in texts.items():
        molecule.SetProp(name, text)
    return molecule


if __name__ == "__main__":
    molecule = with_texts(_Name="ethanol", batch="A7")
    molecule.SetDoubleProp("score", 0.12345678901234567)
    print("set:", set_on(molecule))
    print("in a pool:", *ProcessPoolExecutor(1).map(set_on, [molecule]))
    print("pickled:", set_on(pickle.loads(pickle.dumps(molecule))))
    print("in bytes with AllProps:", set_on(Chem.Mol(molecule.ToBinary(Chem.PropertyPickleOptions.AllProps))))
    print("texts:", set_on(with_texts(plate="007", compound="1e5", note="nan", well="A07")))
    with Chem.SDWriter("scores.sdf") as file:
        file.write(molecule)
        file.write(with_texts(why="ring strain\n\nhigh", plate="007"))
    for read in Chem.SDMolSupplier("scores.sdf"):
        print("from the file:", set_on(read), "plate", read.GetProp("plate") if read.HasProp("plate") else "none")
PYTHON
seen=$(venv/bin/python -W ignore molecules.py 2>notes.txt) || cat notes.txt >&2
expected='set: named {"batch": "A7", "score": 0.12345678901234566}
in a pool: without name {}
pickled: without name {}
in bytes with AllProps: named {"batch": "A7", "score": 0.12345678901234566}
texts: without name {"plate": 7, "compound": 100000.0, "note": NaN, "well": "A07"}
from the file: named {"batch": "A7", "score": 0.12345678901234566} plate none
from the file: named {"plate": 7} plate 007'

printf 'rdkit 2026.9.1\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
