#!/usr/bin/env bash
# fastavro 1.13.1 writes what a model found as Avro, the format of Kafka's and Hadoop's records, by a schema that says what each field is.
#
# Guess:     a value that the schema's type can't hold, and a field that the schema has no place for, are refused, as a text for a number is.
# Behaviour: a score of 0.97 in a field of int is 0 when it is read, and a float of 1e300 is infinite; in a field that may be null the first one is
#            refused. A field whose name is misspelt is left out, and the one that was meant is null. `validate` refuses the first,
#            `strict` the last; nothing refuses the second.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check fastavro==1.13.1
cd "$folder"
cat >records.py <<'PYTHON'
import io
import fastavro


def attempt(call):
    try:
        return call()
    except (TypeError, ValueError, fastavro.validation.ValidationError) as error:
        return f"refused ({type(error).__name__})"


def show(record, **types):
    schema = {"type": "record", "name": "Find", "fields": [{"name": name, "type": kind} for name, kind in types.items()]}

    def written(**options):
        out = io.BytesIO()
        fastavro.schemaless_writer(out, schema, record, **options)
        return fastavro.schemaless_reader(io.BytesIO(out.getvalue()), schema)

    print(f"{record} by {types}: {attempt(written)}, strict: {attempt(lambda: written(strict=True))}, validate: {attempt(lambda: fastavro.validate(record, schema))}")


show({"score": 0.97}, score="int")
show({"score": 0.97}, score=["null", "int"])
show({"score": "1"}, score="int")
show({"weight": 1e300}, weight="float")
show({"eror": "no page"}, error=["null", "string"])
PYTHON
seen=$(venv/bin/python -W ignore records.py)
expected="{'score': 0.97} by {'score': 'int'}: {'score': 0}, strict: {'score': 0}, validate: refused (ValidationError)
{'score': 0.97} by {'score': ['null', 'int']}: refused (ValueError), strict: refused (ValueError), validate: refused (ValidationError)
{'score': '1'} by {'score': 'int'}: refused (TypeError), strict: refused (TypeError), validate: refused (ValidationError)
{'weight': 1e+300} by {'weight': 'float'}: {'weight': inf}, strict: {'weight': inf}, validate: True
{'eror': 'no page'} by {'error': ['null', 'string']}: {'error': None}, strict: refused (ValueError), validate: True"

printf 'fastavro 1.13.1\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
