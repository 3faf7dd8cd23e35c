#!/usr/bin/env bash
# sagemaker-pytorch-inference 2.0.25 writes TorchServe's configuration from its own defaults and the container's variables.
#
# Guess:     SAGEMAKER_MODEL_SERVER_TIMEOUT=240 gives a line `default_response_timeout=240`: the limit is 240 seconds.
# Behaviour: the defaults end without a line break, so that the first setting is glued to the last default. The file has
#            `enable_model_api=truedefault_response_timeout=240`: TorchServe keeps its own limit of 120 seconds, and the value of
#            enable_model_api is no boolean any more. TS_DEFAULT_RESPONSE_TIMEOUT, which TorchServe reads by itself, works.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  sagemaker-pytorch-inference==2.0.25 sagemaker-inference==1.10.1 "setuptools==75.8.0" wheel
cd "$folder"
seen=$(SAGEMAKER_MODEL_SERVER_TIMEOUT=240 venv/bin/python -W ignore -c '
from sagemaker_pytorch_serving_container import torchserve
print(torchserve._generate_ts_config_properties("handler"))' | grep default_response_timeout)
expected='enable_model_api=truedefault_response_timeout=240'

printf 'sagemaker-pytorch-inference 2.0.25\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected %s\n' "$expected" >&2
  exit 1
}
