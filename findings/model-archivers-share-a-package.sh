#!/usr/bin/env bash
# torch-model-archiver 0.12.0 (for TorchServe) and model-archiver 1.0.3, which multi-model-server 1.1.11 brings along.
#
# Guess:     they are different distributions with different commands, so that both can be installed, as on a machine that builds
#            models for the PyTorch and the Hugging Face images.
# Behaviour: both install the Python package `model_archiver`: the second one overwrites the first one's files, and pip says nothing.
#            `torch-model-archiver` is then the other tool, with its arguments, and refuses what is valid for it.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
install() { "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "$@"; }
names() { "$folder/venv/bin/torch-model-archiver" --help | sed -n 's/^usage: \([a-z-]*\) .*/\1/p'; }
install torch-model-archiver==0.12.0 "setuptools==75.8.0"
seen="alone: $(names)"
install multi-model-server==1.1.11 model-archiver==1.0.3
seen="$seen
beside multi-model-server: $(names)
pip check: $("$folder/venv/bin/pip" check --disable-pip-version-check)"
expected='alone: torch-model-archiver
beside multi-model-server: model-archiver
pip check: No broken requirements found.'

printf 'torch-model-archiver 0.12.0, model-archiver 1.0.3\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
