#!/usr/bin/env bash
# Biotite 1.6.0, Biopython 1.88 and gemmi 0.7.5 read one PDB file, the format that folding models answer in and docking models take: an atom
# in two places (of occupancy 0.4 and 0.6), with a model's confidence where the temperature stands. Each writes what it read.
#
# Guess:     the readers give the same atoms, the likelier place where they give one, and what was read is written.
# Behaviour: Biotite takes the first place, though the other one is likelier; Biopython the likelier one; gemmi gives both, so that the
#            chain has one atom more. Biotite's file has a confidence of 0.00 and an occupancy of 1.00 for each atom. Biopython counts one
#            atom and writes two. Biotite told to read the confidence writes it, and occupancies of 1.00 still.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check biotite==1.6.0 biopython==1.88 gemmi==0.7.5 numpy==2.4.6
cd "$folder"
cat >chain.pdb <<'PDB'
ATOM      1  N   ALA A   1      11.104   6.134  -6.504  1.00 90.12           N
ATOM      2  CA AALA A   1      11.639   6.071  -5.147  0.40 80.00           C
ATOM      3  CA BALA A   1      12.339   6.571  -5.847  0.60 70.00           C
ATOM      4  C   ALA A   1      10.804   7.134  -4.504  1.00 60.00           C
END
PDB
cat >read.py <<'PYTHON'
import Bio.PDB
import gemmi
from biotite.structure.io.pdb import PDBFile


def written(name):
    with open(name) as file:
        lines = [line for line in file if line.startswith("ATOM")]
    return " ".join(f"{line[12:16].strip()}:{line[54:60].strip()}:{line[60:66].strip()}" for line in lines)


def show(name, atoms):
    atoms = list(atoms)
    print(f"{name}: {len(atoms)} atoms, CA at x {', '.join(f'{x:.3f}' for atom, x in atoms if atom == 'CA')}; writes {written('out.pdb')}")


for fields in ([], ["b_factor"]):
    atoms = PDBFile.read("chain.pdb").get_structure(model=1, extra_fields=fields)
    file = PDBFile()
    file.set_structure(atoms)
    file.write("out.pdb")
    show(" ".join(["Biotite", *fields]), ((atom.atom_name, atom.coord[0]) for atom in atoms))

structure = Bio.PDB.PDBParser(QUIET=True).get_structure("chain", "chain.pdb")
file = Bio.PDB.PDBIO()
file.set_structure(structure)
file.save("out.pdb")
show("Biopython", ((atom.get_name(), atom.coord[0]) for atom in structure.get_atoms()))

structure = gemmi.read_structure("chain.pdb")
structure.write_pdb("out.pdb")
show("gemmi", ((found.atom.name, found.atom.pos.x) for found in structure[0].all()))
PYTHON
seen=$(venv/bin/python -W ignore read.py)
expected='Biotite: 3 atoms, CA at x 11.639; writes N:1.00:0.00 CA:1.00:0.00 C:1.00:0.00
Biotite b_factor: 3 atoms, CA at x 11.639; writes N:1.00:90.12 CA:1.00:80.00 C:1.00:60.00
Biopython: 3 atoms, CA at x 12.339; writes N:1.00:90.12 CA:0.40:80.00 CA:0.60:70.00 C:1.00:60.00
gemmi: 4 atoms, CA at x 11.639, 12.339; writes N:1.00:90.12 CA:0.40:80.00 CA:0.60:70.00 C:1.00:60.00'

printf 'Biotite 1.6.0, Biopython 1.88, gemmi 0.7.5\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
