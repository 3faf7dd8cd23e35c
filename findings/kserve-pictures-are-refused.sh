#!/usr/bin/env bash
# kserve 0.21.0, the Python server and client of KServe: requests and answers of its two protocols, each written and read by this library.
#
# Guess:     what the library writes it reads; the binary form of protocol V2 is there for bytes; rows by name are a form of V1's instances;
#            a missing number stays a number's type.
# Behaviour: bytes that are no text, as of a picture, are refused by the reader of the binary form, with the advice to use the binary form;
#            by gRPC they arrive. Numpy's arrays of texts are refused in words of "decoding str". V1 instances of named single values
#            end in pandas's error. A number that is missing makes texts of all, one of them "None". A NaN is written and not read.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check kserve==0.21.0 numpy==2.4.6 pandas==2.3.3 cloudevents==1.13.0
cd "$folder"
cat >protocols.py <<'PYTHON'
import json
import numpy
from kserve import InferInput, InferRequest
from kserve.utils.utils import get_predict_input, get_predict_response


def show(name, call):
    try:
        print(f"{name}: {call()}")
    except Exception as error:
        print(f"{name}: {type(error).__name__}, {str(error).split(': line')[0]}")


def request(array, datatype, binary):
    field = InferInput("page", list(array.shape), datatype)
    field.set_data_from_numpy(array, binary_data=binary)
    return InferRequest(model_name="ocr", infer_inputs=[field], request_id="17")


def rest(array, datatype, binary):
    body, length = request(array, datatype, binary).to_rest()
    if not binary:
        body = json.dumps(body).encode()
        length = len(body)
    return InferRequest.from_bytes(body, length, "ocr").inputs[0].as_numpy().tolist()


picture = numpy.array([bytes([255, 216, 255])], dtype=object)
show("picture, REST, binary form", lambda: rest(picture, "BYTES", True))
show("picture, gRPC", lambda: InferRequest.from_grpc(request(picture, "BYTES", True).to_grpc()).inputs[0].as_numpy().tolist())
show("texts as objects", lambda: rest(numpy.array(["page"], dtype=object), "BYTES", False))
show("texts of numpy's type", lambda: rest(numpy.array(["page"]), "BYTES", False))
show("NaN, binary form", lambda: rest(numpy.array([numpy.nan], numpy.float32), "FP32", True))
show("NaN, JSON", lambda: rest(numpy.array([numpy.nan], numpy.float32), "FP32", False))
show("V1, rows by place", lambda: get_predict_input({"instances": [[40, 1], [50, 0]]}).tolist())
show("V1, rows by name", lambda: get_predict_input({"instances": [{"age": 40, "consent": 1}, {"age": 50, "consent": 0}]}).to_dict("list"))
asked = request(numpy.array([1.0]), "FP64", False)
for values in ([1.5, 2.5], [1.5, None]):
    answer = get_predict_response(asked, numpy.array(values, dtype=object if None in values else float), "ocr").outputs[0]
    print(f"answer {values}: {answer.datatype} {answer.data}")
PYTHON
seen=$(venv/bin/python -W ignore protocols.py 2>notes.txt) || cat notes.txt >&2
expected="picture, REST, binary form: InferenceError, Failed to encode \"b'\\xff\\xd8\\xff'\" using UTF-8. Please use binary_data=True, if you want to pass a byte array.
picture, gRPC: [b'\\xff\\xd8\\xff']
texts as objects: ['page']
texts of numpy's type: TypeError, decoding str is not supported
NaN, binary form: [nan]
NaN, JSON: InvalidInput, Unrecognized request format: unexpected character, expected a JSON value
V1, rows by place: [[40, 1], [50, 0]]
V1, rows by name: ValueError, If using all scalar values, you must pass an index
answer [1.5, 2.5]: FP64 [1.5, 2.5]
answer [1.5, None]: BYTES ['1.5', 'None']"

printf 'kserve 0.21.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
