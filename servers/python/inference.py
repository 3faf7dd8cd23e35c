"""The user's script of AWS's toolkits: `code/inference.py` of a model."""

import sys

import behaviour

# Without PyTorch the Hugging Face toolkit refuses to ask for a GPU. There is none.
handler_service = sys.modules.get("sagemaker_huggingface_inference_toolkit.handler_service")
if handler_service is not None:
    handler_service._is_gpu_available = lambda: False


def model_fn(model_dir, context=None):
    behaviour.load()
    return behaviour


def transform_fn(model, body, content_type, accept, context=None):
    return model.answer(body.encode() if isinstance(body, str) else bytes(body))
