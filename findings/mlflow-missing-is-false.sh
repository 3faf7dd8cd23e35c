#!/usr/bin/env bash
# mlflow-skinny 3.17.2 with pandas 3.1.1: MLflow's scoring server, as it stands in its SageMaker images, with a model that says what it was
# given. The signature has a text, and a boolean and a whole number that are optional.
#
# Guess:     a null in an optional field arrives as a missing value, or the request is refused; a text is the same text from JSON and csv;
#            the answer is JSON.
# Behaviour: a missing boolean is False. A missing whole number refuses the request, with the rows that have one, in words of casts, though
#            the field may be left out. The texts `NA` and `None` are missing when they come as csv. A NaN of the model is answered
#            as a bare `NaN`, which JSON does not have, and bytes as base64 with a line break at the end.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mlflow-skinny==3.17.2 pandas==3.1.1 numpy==2.4.6 fastapi==0.165.0 httpx==0.28.1
cd "$folder"
cat >serve.py <<'PYTHON'
import json, logging, math
import mlflow.pyfunc
from fastapi.testclient import TestClient
from mlflow.models import ModelSignature
from mlflow.pyfunc import scoring_server
from mlflow.types import ColSpec, Schema

logging.disable()


class Echo(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return [", ".join(f"{name}={value!r}" for name, value in row.items()) for row in model_input.to_dict("records")]


class Answer(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return {"score": math.nan, "mask": b"\x01"}


fields = [ColSpec("string", "id"), ColSpec("boolean", "consent", required=False), ColSpec("long", "age", required=False)]
signature = ModelSignature(inputs=Schema(fields))


def serve(name, model):
    mlflow.pyfunc.save_model(name, python_model=model, signature=signature, pip_requirements=[])
    return TestClient(scoring_server.init(mlflow.pyfunc.load_model(name)))


def ask(name, client, body, kind="application/json"):
    answer = client.post("/invocations", content=body, headers={"content-type": kind})
    print(f"{name}: {answer.status_code} {answer.text if answer.status_code == 200 else answer.json()['message'].split('Error:')[0].strip()}")


def split(*columns, rows):
    return json.dumps({"dataframe_split": {"columns": columns, "data": rows}})


echo = serve("echo", Echo())
ask("boolean, null", echo, split("id", "consent", rows=[["a", True], ["b", None]]))
ask("whole number, null", echo, split("id", "age", rows=[["a", 40], ["b", None]]))
ask("whole number, left out", echo, split("id", rows=[["a"], ["b"]]))
ask("texts, JSON", echo, split("id", rows=[["007"], ["NA"], ["None"]]))
ask("texts, csv", echo, "id\n007\nNA\nNone\n", "text/csv")
ask("answer", serve("answer", Answer()), split("id", rows=[["a"]]))
PYTHON
seen=$(MLFLOW_TRACKING_URI=file:./runs venv/bin/python -W ignore serve.py 2>notes.txt) || cat notes.txt >&2
expected="boolean, null: 200 {\"predictions\": [\"id='a', consent=True\", \"id='b', consent=False\"]}
whole number, null: 400 Invalid input. Data is not compatible with model signature. Failed to convert column age to type 'int64'.
whole number, left out: 200 {\"predictions\": [\"id='a'\", \"id='b'\"]}
texts, JSON: 200 {\"predictions\": [\"id='007'\", \"id='NA'\", \"id='None'\"]}
texts, csv: 200 {\"predictions\": [\"id='007'\", \"id=nan\", \"id=nan\"]}
answer: 200 {\"predictions\": {\"score\": NaN, \"mask\": \"AQ==\\n\"}}"

printf 'mlflow-skinny 3.17.2\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
