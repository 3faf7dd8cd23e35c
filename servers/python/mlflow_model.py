"""The model of MLflow: from code, as `mlflow.pyfunc.save_model` takes it."""

import json

import mlflow
from mlflow.pyfunc import PythonModel

import behaviour


class Model(PythonModel):
    def load_context(self, context):
        behaviour.load()

    def predict(self, context, model_input):
        return json.loads(behaviour.answer("".join(model_input).encode()))


mlflow.models.set_model(Model())
