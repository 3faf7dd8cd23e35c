#!/usr/bin/env bash
# sagemaker 2.257.7, rows written by CSVSerializer and read back by the deserializers of the same module, as a model that echoes them.
#
# Guess:     what goes in comes back: a list of three names is one row, as a list of three numbers is; a text keeps its line
#            breaks, since it is quoted; a data frame keeps its rows.
# Behaviour: a list of strings is taken as rows of their own, unquoted, so that a comma makes columns. CSVDeserializer splits the text
#            into lines before it reads the quotes: the break in a recognized page's text is lost, and the words run together. The
#            serializer writes no header for a data frame and PandasDeserializer reads one: the first row is lost.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check sagemaker==2.257.7 pandas==3.1.1 numpy==2.4.6
cd "$folder"
cat >trip.py <<'PYTHON'
import io, logging, warnings

warnings.filterwarnings("ignore")
logging.disable()
import pandas
from sagemaker.deserializers import CSVDeserializer, PandasDeserializer
from sagemaker.serializers import CSVSerializer

write = CSVSerializer().serialize
read = lambda text, kind=CSVDeserializer: kind().deserialize(io.BytesIO(text.encode()), "text/csv")
print("numbers:", read(write([1, 2, 3])))
print("strings:", read(write(["Paris, Texas", "Rome", "Oslo"])))
print("quoted text:", read(write([["page 1", "first line\nsecond line"]])))
print("data frame:", read(write(pandas.DataFrame({"width": [10, 30], "height": [20, 40]})), PandasDeserializer).to_dict("split"))
PYTHON
seen=$(SAGEMAKER_SUPPRESS_V2_WARNING=1 venv/bin/python trip.py 2>&1)
expected="numbers: [['1', '2', '3']]
strings: [['Paris', ' Texas'], ['Rome'], ['Oslo']]
quoted text: [['page 1', 'first linesecond line']]
data frame: {'index': [0], 'columns': ['10', '20'], 'data': [[30, 40]]}"

printf 'sagemaker 2.257.7\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
