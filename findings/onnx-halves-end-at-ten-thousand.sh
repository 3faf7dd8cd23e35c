#!/usr/bin/env bash
# onnxconverter-common 1.16.0 and onnxruntime 1.32.0 each have a `convert_float_to_float16`, which halves a model for a GPU. A model whose answer
# is its input times a constant for each column, as prices, times in seconds or a mask have them.
#
# Guess:     a constant that half precision holds (up to 65504) is kept to three digits, a larger one refused or made the largest.
# Behaviour: onnxconverter-common cuts all beyond 10000 to 10000: an hour of 3600 s stays, a day of 86400 s and six hours are both 10000, and a
#            mask of -65504 is -10000. It warns of the highest and of the lowest, not of those between. What is nearer to 0 than 1e-7 becomes
#            1e-7, not 0. The function of the same name in onnxruntime cuts at 65504.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check onnxconverter-common==1.16.0 onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
cd "$folder"
cat >halve.py <<'PYTHON'
import warnings
import numpy
import onnxconverter_common.float16
import onnxruntime.transformers.float16
from onnx import TensorProto, helper, numpy_helper

factors = numpy.array([3600, 21600, 60000, 86400, -65504, 1e-8], numpy.float32)
ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [len(factors)]) for name in "xy"]
nodes = [helper.make_node("Mul", ["x", "w"], ["y"])]
graph = helper.make_graph(nodes, "model", ends[:1], ends[1:], [numpy_helper.from_array(factors, "w")])


def show(name, convert=None):
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        if convert:
            model = convert(model, keep_io_types=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (answer,) = session.run(None, {"x": numpy.ones(len(factors), numpy.float32)})
    print(f"{name}: {[float(f'{value:.2g}') if abs(value) < 1 else round(float(value)) for value in answer]}, warnings: {len(seen)}")


show("as it was")
show("onnxconverter-common", onnxconverter_common.float16.convert_float_to_float16)
show("onnxruntime", onnxruntime.transformers.float16.convert_float_to_float16)
PYTHON
seen=$(venv/bin/python halve.py)
expected='as it was: [3600, 21600, 60000, 86400, -65504, 1e-08], warnings: 0
onnxconverter-common: [3600, 10000, 10000, 10000, -10000, 1.2e-07], warnings: 3
onnxruntime: [3600, 21600, 60000, 65504, -65504, 6e-08], warnings: 0'

printf 'onnxconverter-common 1.16.0, onnxruntime 1.32.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
