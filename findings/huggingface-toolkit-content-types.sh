#!/usr/bin/env bash
# sagemaker-huggingface-inference-toolkit 2.6.0, the decoders of the Hugging Face images, with the content types that clients send.
#
# Guess:     "application/json; charset=utf-8" is JSON; a WAV file is audio/wav and a FLAC file audio/flac, as browsers and
#            Python's mimetypes name them.
# Behaviour: the whole header is looked up as it is: a parameter makes the type unknown, and the job fails. WAV is only audio/wave and
#            FLAC only audio/x-flac. audio/x-audio stands for any audio, and image/x-image for any image.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check sagemaker-huggingface-inference-toolkit==2.6.0 \
  sagemaker-inference==1.10.1 multi-model-server==1.1.11 "numpy==1.26.4" "setuptools==75.8.0"
cd "$folder"
seen=$(venv/bin/python -W ignore -c '
from sagemaker_huggingface_inference_toolkit.decoder_encoder import decode
for content_type in ("application/json", "application/json; charset=utf-8", "audio/wav", "audio/x-wav", "audio/wave", "audio/flac",
                     "audio/x-flac", "audio/x-audio"):
    try:
        decode(b"{}", content_type)
        print(f"{content_type}: decoded")
    except Exception as error:
        print(f"{content_type}: {type(error).__name__}")')
expected='application/json: decoded
application/json; charset=utf-8: UnsupportedFormatError
audio/wav: UnsupportedFormatError
audio/x-wav: UnsupportedFormatError
audio/wave: decoded
audio/flac: UnsupportedFormatError
audio/x-flac: decoded
audio/x-audio: decoded'

printf 'sagemaker-huggingface-inference-toolkit 2.6.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
