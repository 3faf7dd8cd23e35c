"""The model of DJL Serving: `model.py` of its Python engine."""

from djl_python import Output

import behaviour

loaded = False


def handle(inputs):
    global loaded
    if not loaded:
        behaviour.load()
        loaded = True
    # An empty request loads the model.
    if inputs.is_empty():
        return None
    return Output().add(behaviour.answer(inputs.get_as_bytes())).add_property("Content-Type", "application/json")
