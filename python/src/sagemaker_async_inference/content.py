"""Inputs as bytes with a content type, and results as Python values: by the rules of the TypeScript client."""

from __future__ import annotations

import json
import re
import stat
from dataclasses import dataclass
from io import BytesIO
from os import PathLike, fsdecode
from pathlib import Path
from typing import Any, BinaryIO, Callable, Iterator

from .errors import AsyncInferenceError

MAX_INPUT_BYTES = 1024**3
UNKNOWN_TYPE = "application/octet-stream"
# S3's type of an object that was stored without one.
UNTYPED = "binary/octet-stream"

BY_EXTENSION = {
    "json": "application/json", "jsonl": "application/jsonlines", "ndjson": "application/x-ndjson", "csv": "text/csv",
    "tsv": "text/tab-separated-values", "txt": "text/plain", "md": "text/markdown", "html": "text/html", "xml": "application/xml",
    "pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif",
    "webp": "image/webp", "tif": "image/tiff", "tiff": "image/tiff", "bmp": "image/bmp", "wav": "audio/wav", "mp3": "audio/mpeg",
    "flac": "audio/flac", "ogg": "audio/ogg", "m4a": "audio/mp4", "mp4": "video/mp4", "webm": "video/webm",
    "mov": "video/quicktime", "npy": "application/x-npy", "npz": "application/x-npz",
    "parquet": "application/vnd.apache.parquet", "zip": "application/zip", "gz": "application/gzip", "tar": "application/x-tar",
}  # fmt: skip

# How some kinds of files begin.
BY_FIRST_BYTES = [
    (rb"\x89PNG\r\n\x1a\n", "image/png"), (rb"\xff\xd8\xff", "image/jpeg"), (rb"GIF8[79]a", "image/gif"),
    (rb"RIFF....WEBP", "image/webp"), (rb"RIFF....WAVE", "audio/wav"), (rb"II\*\x00|MM\x00\*", "image/tiff"),
    (rb"%PDF-", "application/pdf"), (rb"fLaC", "audio/flac"), (rb"OggS", "audio/ogg"), (rb"ID3", "audio/mpeg"),
    (rb"....ftyp", "video/mp4"), (rb"\x93NUMPY", "application/x-npy"), (rb"PK\x03\x04", "application/zip"),
    (rb"\x1f\x8b", "application/gzip"),
]  # fmt: skip


@dataclass(frozen=True)
class Input:
    """What a model is to get. ``open`` may be called any number of times."""

    open: Callable[[], BinaryIO]
    size: int
    content_type: str
    file_name: str


def read_input(given: Any, content_type: str | None) -> Input:
    """A JSON value (None is null), text, bytes or a path, as the bytes that the model gets.

    Raises ``AsyncInferenceError`` ``BAD_INPUT`` for what no model can be given, ``NOT_FOUND`` and ``ACCESS_DENIED`` for files.
    """
    if isinstance(given, PathLike):
        path = Path(fsdecode(given))
        try:
            # Before it is opened: a pipe would wait for somebody who writes.
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                message = f"input: {path} is not a file"
                raise AsyncInferenceError("BAD_INPUT", message, advice="Give the path of a file, or bytes.", field="input")
            size = status.st_size
        except (OSError, ValueError) as error:
            raise _file_error(error) from error
        _opened(path).close()
        by_name = BY_EXTENSION.get(path.suffix[1:].lower(), UNKNOWN_TYPE)
        return _bounded(Input(lambda: _opened(path), size, content_type or by_name, path.name))
    if isinstance(given, (bytes, bytearray, memoryview)):
        data = bytes(given)
        found = next((kind for start, kind in BY_FIRST_BYTES if re.match(start, data, re.DOTALL)), UNKNOWN_TYPE)
        return _of_bytes(data, content_type or found, "input")
    try:
        if isinstance(given, str):
            return _of_bytes(given.encode(), content_type or "text/plain", "input")
        # The bytes that JSON.stringify writes too, so that both clients name the same input the same job.
        text = json.dumps(given, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        encoded = text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        advice = "Give a JSON value, a str, bytes or a pathlib.Path." + _instead(given)
        raise AsyncInferenceError("BAD_INPUT", f"input: {error}", advice=advice, field="input") from error
    return _of_bytes(encoded, content_type or "application/json", "request.json")


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise _file_error(error) from error


def _of_bytes(data: bytes, content_type: str, file_name: str) -> Input:
    return _bounded(Input(lambda: BytesIO(data), len(data), content_type, file_name))


def _bounded(given: Input) -> Input:
    if 0 < given.size <= MAX_INPUT_BYTES:
        return given
    message = f"input: got {given.size} bytes, expected 1 to {MAX_INPUT_BYTES}"
    raise AsyncInferenceError("BAD_INPUT", message, advice="Give at least one byte." if given.size == 0 else "Split the input.", field="input")


def _instead(given: Any) -> str:
    """What to give in the place of what Python's users have in their hands."""
    if hasattr(given, "read"):
        return " Of an open file give what its read() returns."
    if isinstance(given, Iterator):
        return " Of a generator give list(…)."
    instead = "numbers and arrays of numpy (give .item() and .tolist()), dates (.isoformat()), Decimal (str), sets (list) and NaN"
    return f" JSON has no word for {instead}."


def _file_error(error: OSError | ValueError) -> AsyncInferenceError:
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        advice = "Look whether the file is there and its path is spelled right."
        return AsyncInferenceError("NOT_FOUND", f"input: {error}", advice=advice, field="input")
    if isinstance(error, PermissionError):
        return AsyncInferenceError("ACCESS_DENIED", f"input: {error}", advice="Let the process read the file.", field="input")
    advice = "Give the path of a file that can be read, or bytes."
    return AsyncInferenceError("BAD_INPUT", f"input: {error}", advice=advice, field="input")


def read_output(raw: bytes, content_type: str | None, location: str) -> Any:
    """A result by its content type: JSON is parsed, text is a str, the rest stays bytes.

    Raises ``AsyncInferenceError`` ``BAD_OUTPUT`` with the bytes in ``raw`` when it isn't what it says.
    """
    kind = (content_type or "").split(";", 1)[0].strip().lower()
    is_json = kind == "application/json" or kind.endswith("+json")
    if content_type is not None and not is_json and not kind.startswith("text/"):
        return raw
    try:
        text = raw.decode("utf-8-sig")
        return text if kind.startswith("text/") else json.loads(text, parse_constant=_no_constant)
    except ValueError as error:
        # Nobody says what it is: JSON would say so itself.
        if content_type is None:
            return raw
        state = "it is empty" if raw == b"" else f"its {len(raw)} bytes aren't"
        message = f"{location}: expected {'JSON' if is_json else 'UTF-8 text'} ({content_type}), and {state}"
        advice = "Read its bytes from `raw` of this error."
        raise AsyncInferenceError("BAD_OUTPUT", message, advice=advice, raw=raw) from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def said(failure: bytes) -> str | None:
    """What a failure object says: the message of an error document, else the object itself. None for an empty one."""
    text = failure.decode(errors="replace").strip()
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if isinstance(document, dict):
        nested = document.get("error")
        inner = nested.get("message") if isinstance(nested, dict) else nested
        candidates = [document.get("message"), inner, document.get("errorMessage"), document.get("detail")]
        text = next((value for value in candidates if isinstance(value, str) and value), text)
    return (text if len(text) <= 1000 else f"{text[:300]} … {text[-697:]}") or None
