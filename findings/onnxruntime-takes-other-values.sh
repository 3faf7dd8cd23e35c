#!/usr/bin/env bash
# onnxruntime 1.32.0 with models of one node that give back their input: what it makes of numpy's arrays and Python's lists.
#
# Guess:     an input of another type than the model's is refused, as an array of float64 for float32 is, and one that is taken arrives with
#            its values.
# Behaviour: an array whose bytes lie the other way round, as FITS, NIfTI and older scientific formats have them, is read as if they
#            didn't: 1.0 is 4.6e-41. Among texts a missing one is the text "None", and bytes are a text with b and quotes around. A list
#            of fractions for whole numbers is cut, and None in a list of numbers is NaN. A result may have another shape than declared.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
cd "$folder"
cat >same.py <<'PYTHON'
import numpy
import onnxruntime
from onnx import TensorProto, helper

onnxruntime.set_default_logger_severity(3)


def same(element, shape=("n",), given=("n",)):
    ends = [helper.make_tensor_value_info("x", element, given)], [helper.make_tensor_value_info("y", element, shape)]
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "same", *ends)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return onnxruntime.InferenceSession(model.SerializeToString())


def show(name, session, value):
    try:
        answer = session.run(None, {"x": value})[0]
        print(f"{name}: {[float(f'{item:.2g}') if isinstance(item, float) else item for item in answer.tolist()]}")
    except Exception as error:
        print(f"{name}: {type(error).__name__}")


number, whole, text = same(TensorProto.FLOAT), same(TensorProto.INT64), same(TensorProto.STRING)
show("float64 for float32", number, numpy.array([1.0, 2.0]))
show("float32", number, numpy.array([1.0, 2.0], "<f4"))
show("float32, bytes the other way round", number, numpy.array([1.0, 2.0], ">f4"))
show("texts, one missing, one of bytes", text, numpy.array(["page", None, b"page"], dtype=object))
show("fractions in an array for whole numbers", whole, numpy.array([1.7, 2.2]))
show("fractions in a list for whole numbers", whole, [1.7, 2.2])
show("list with None", number, [None, 1.0])
show("two values where seven are declared", same(TensorProto.FLOAT, shape=(7,)), [1.0, 2.0])
PYTHON
seen=$(venv/bin/python -W ignore same.py 2>notes.txt) || cat notes.txt >&2
expected="float64 for float32: InvalidArgument
float32: [1.0, 2.0]
float32, bytes the other way round: [4.6e-41, 9e-44]
texts, one missing, one of bytes: ['page', 'None', \"b'page'\"]
fractions in an array for whole numbers: InvalidArgument
fractions in a list for whole numbers: [1, 2]
list with None: [nan, 1.0]
two values where seven are declared: [1.0, 2.0]"

printf 'onnxruntime 1.32.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
