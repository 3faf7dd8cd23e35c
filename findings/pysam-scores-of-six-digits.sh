#!/usr/bin/env bash
# pysam 0.24.1 copies a file of variants as its manual shows, once as it is and once with what a model says of each.
#
# Guess:     numbers that nobody touched come out as they went in; a text that the format can't hold is refused or percent-encoded, as VCF
#            asks; what can be read can be written again.
# Behaviour: numbers are kept as 32-bit floats and written with six digits, in the rows and fields that nobody touched too: a quality of
#            1234567.89 is 1.23457e+06, a probability of 1e-50 is 0. A text with ";" is written as it is, and the file can't be read any more.
#            A deletion that gives its length and not its end is read and can't be written, unless the reader's header is declared an END.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pysam==0.24.1
cd "$folder"
cat >variants.py <<'PYTHON'
import json
import pysam

HEAD = [
    "##fileformat=VCFv4.2",
    "##contig=<ID=1,length=1000000>",
    '##INFO=<ID=P,Number=1,Type=Float,Description="probability">',
    '##INFO=<ID=SVLEN,Number=1,Type=Integer,Description="length">',
    '##INFO=<ID=WHY,Number=1,Type=String,Description="what the model says">',
]
END = '##INFO=<ID=END,Number=1,Type=Integer,Description="end">'


def copy(name, row, why=None, head=HEAD):
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
    with open("in.vcf", "w") as file:
        file.write("\n".join([*head, columns, row.replace(" ", "\t"), ""]))
    try:
        with pysam.VariantFile("in.vcf") as source, pysam.VariantFile("out.vcf", "w", header=source.header) as target:
            for record in source:
                if why:
                    record.info["WHY"] = why
                target.write(record)
    except OSError as error:
        return print(f"{name}: read, and refused when it is written")
    with open("out.vcf") as file:
        print(f"{name}: {' '.join(file.read().splitlines()[-1].split(chr(9))[5:])}")
    try:
        with pysam.VariantFile("out.vcf") as found:
            print(f"  read again: {json.dumps([dict(record.info) for record in found])}")
    except OSError as error:
        print(f"  read again: {error}")


copy("as it is", "1 100 . A G 1234567.89 PASS P=0.123456789")
copy("small", "1 100 . A G 30.10 PASS P=1e-50")
copy("with a text", "1 100 . A G 30 PASS P=0.5", why="near an exon; splice site lost")
copy("deletion", "1 200 . A <DEL> 30 PASS SVLEN=-50")
copy("deletion, END declared", "1 200 . A <DEL> 30 PASS SVLEN=-50", head=[*HEAD, END])
PYTHON
seen=$(venv/bin/python -W ignore variants.py 2>notes.txt) || cat notes.txt >&2
expected='as it is: 1.23457e+06 PASS P=0.123457
  read again: [{"P": 0.12345699965953827}]
small: 30.1 PASS P=0
  read again: [{"P": 0.0}]
with a text: 30 PASS P=0.5;WHY=near an exon; splice site lost
  read again: unable to parse next record
deletion: read, and refused when it is written
deletion, END declared: 30 PASS SVLEN=-50;END=250
  read again: [{"SVLEN": -50}]'

printf 'pysam 0.24.1\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
