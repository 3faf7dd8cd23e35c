"""What is known of a job: its status, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Mapping, Union

from .errors import AsyncInferenceError, from_coded

JobState = Literal["ACCEPTED", "INVOKING", "SUBMITTED", "COMPLETED", "FAILED", "EXPIRED", "CANCELLED"]

ENDS: tuple[JobState, ...] = ("COMPLETED", "FAILED", "EXPIRED", "CANCELLED")

# Names of times, and the attributes of a record that have them.
TIMES = {
    "acceptedAt": "createdAt",
    "invokingAt": "invokingAt",
    "submittedAt": "submittedAt",
    "receivedAt": "receivedAt",
    "finishedAt": "finishedAt",
    "recordedAt": "endedAt",
}


@dataclass(frozen=True)
class JobStatus:
    """A job as its record has it.

    ``state`` is one of :data:`JobState`, and ``ended`` says whether it is a last one. ``attempt`` counts from 1, and is 0 before the
    first. ``error`` is why the job ended without a result, ``refusal`` why its last attempt was not taken. ``timings`` are ISO 8601 in
    UTC, by the service's clocks: ``acceptedAt``, ``invokingAt``, ``submittedAt``, ``receivedAt``, ``finishedAt``, ``recordedAt``, as
    far as they are known.
    """

    job_id: str
    state: JobState
    ended: bool
    attempt: int = 0
    inference_id: str | None = None
    output_location: str | None = None
    failure_location: str | None = None
    error: AsyncInferenceError | None = None
    refusal: AsyncInferenceError | None = None
    # What can be changed has no hash; equal statuses have equal ones without it.
    metadata: Mapping[str, str] = field(default_factory=dict, hash=False)
    timings: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class _Result:
    """How a job ended: ``success`` with ``data``, or the ``error`` that it ended with. ``timings`` as in :class:`JobStatus`."""

    success: bool
    job_id: str
    data: Any = field(default=None, hash=False)
    error: AsyncInferenceError | None = None
    inference_id: str | None = None
    output_location: str | None = None
    failure_location: str | None = None
    content_type: str | None = None
    timings: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class SuccessfulResult(_Result):
    """How a job ended that has a result: ``data`` is a JSON value, a str, bytes, or the ``pathlib.Path`` of ``to_file``."""

    success: Literal[True] = field(default=True, init=False)
    error: None = field(default=None, init=False)


@dataclass(frozen=True)
class FailedResult(_Result):
    """How a job ended that has no result, or one that can't be read: ``error`` says why, and ``data`` is None."""

    success: Literal[False] = field(default=False, init=False)
    data: None = field(default=None, init=False)
    error: AsyncInferenceError = field()


if TYPE_CHECKING:
    # `success` tells type checkers which of the two it is.
    Result = Union[SuccessfulResult, FailedResult]
else:
    # A class, so that `isinstance`, `match` and tests that make one of their own go on working.
    Result = _Result
    Result.__name__ = Result.__qualname__ = "Result"


def status_of(record: Mapping[str, Any]) -> JobStatus:
    """A job's record as its status."""
    job_id = str(record["jobId"])
    error, refusal = record.get("error"), record.get("refusal")
    return JobStatus(
        job_id=job_id,
        state=record["state"],
        ended=record["state"] in ENDS,
        attempt=int(record.get("attempt", 0)),
        inference_id=record.get("inferenceId"),
        output_location=record.get("outputLocation"),
        failure_location=record.get("failureLocation"),
        error=None if error is None else from_coded(error, job_id),
        refusal=None if refusal is None else from_coded(refusal, job_id),
        metadata=record.get("metadata", {}),
        timings={name: record[attribute] for name, attribute in TIMES.items() if attribute in record},
    )
