"""Submits jobs to an asynchronous inference service on Amazon SageMaker, waits for them and reads their results."""

from .client import Job, SageMakerAsyncClient, SubmitOptions
from .errors import AsyncInferenceError, ErrorCode
from .outputs import ServiceOutputs, read_outputs
from .results import FailedResult, JobState, JobStatus, Result, SuccessfulResult

__all__ = [
    "AsyncInferenceError",
    "ErrorCode",
    "FailedResult",
    "Job",
    "JobState",
    "JobStatus",
    "Result",
    "SageMakerAsyncClient",
    "ServiceOutputs",
    "SubmitOptions",
    "SuccessfulResult",
    "read_outputs",
]
