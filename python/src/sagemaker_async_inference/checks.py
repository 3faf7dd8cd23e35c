"""What the client refuses before it sends or waits: by the names of its own arguments, all problems at once."""

from __future__ import annotations

import json
import os
import re
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Mapping

from .errors import AsyncInferenceError

_JOB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
# A week: longer than any job can be open.
_LONGEST_WAIT_SECONDS = 7 * 86_400
_MAPPINGS = ("metadata", "trace_context")

#: An argument, what is wrong with it, and what to do.
Problem = tuple[str, str, str]


def refuse(*found: Problem | None, job_id: str | None = None) -> None:
    """Raises ``AsyncInferenceError`` ``BAD_INPUT`` when there is a problem. ``field`` is the first one's argument."""
    problems = [problem for problem in found if problem is not None]
    if problems:
        message = "; ".join(f"{name}: {wrong}" for name, wrong, _ in problems)
        advice = " ".join(dict.fromkeys(advice for _, _, advice in problems))
        raise AsyncInferenceError("BAD_INPUT", message, advice=advice, field=problems[0][0], job_id=job_id)


def number(name: str, value: Any, least: float, most: float, *, whole: bool = False) -> Problem | None:
    """A number within bounds; those of numpy are numbers too."""
    given: Any = value
    if isinstance(value, Integral if whole else Real) and not isinstance(value, bool) and least <= given <= most:
        return None
    return name, f"got {shown(value)}, expected a {'whole ' if whole else ''}number from {least} to {most}", "Correct the argument."


def wait_seconds(value: Any) -> Problem | None:
    """How long a wait may take; None is the client's own."""
    return None if value is None else number("timeout_seconds", value, 0, _LONGEST_WAIT_SECONDS)


def job_id(value: Any) -> Problem | None:
    """A job's name, by the service's rule."""
    if isinstance(value, str) and _JOB_ID.fullmatch(value):
        return None
    expected = '1 to 60 letters, digits, ".", "_" and "-", a letter or digit first'
    return "job_id", f"got {shown(value)}, expected {expected}", "Correct the argument."


def one_input(given: Any, location: str | None) -> Problem | None:
    """An input or where one is. ``...`` is none at all; None beside a location was always taken for none."""
    got = "neither an input nor input_location" if location is None else "an input and input_location"
    if (given is ...) == (location is not None) or (given is None and location is not None):
        return None
    return "input", f"got {got}, expected one of them", "Give what the model is to read, or input_location."


def file_to_write(file: Path) -> Problem | None:
    """What can be known before the wait, which may take hours, of the file that the result is to go to."""
    folder = file.parent
    if file.is_dir():
        wrong = "is a folder"
    elif not folder.is_dir():
        wrong = "is in a folder that is not there"
    elif not os.access(folder, os.W_OK | os.X_OK):
        wrong = "is in a folder that this process may not write to"
    else:
        return None
    return "to_file", f"{file} {wrong}", "Name a file that can be written."


def option(name: str, value: Any) -> Problem | None:
    """What the service can be sent at all, whose rule the rest is. Of what JSON has no word for it could not say where it stood."""
    if name in _MAPPINGS and not isinstance(value, Mapping):
        return name, f"got {shown(value)}, expected a mapping of strings to strings", "Correct the argument."
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        return name, str(error), "Give strings and whole numbers of Python's own."
    return None


def shown(value: Any) -> str:
    """A value in a message. A str as JSON has it, and no more of it than can be read."""
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    return text if len(text) <= 82 else f"{text[:78]}..."
