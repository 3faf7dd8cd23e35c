"""Submits jobs to an asynchronous inference service on Amazon SageMaker, waits for them and reads their results."""

from .client import Job, JobStatus, Result, SageMakerAsyncClient
from .errors import AsyncInferenceError, ErrorCode
from .outputs import ServiceOutputs, read_outputs

__all__ = [
    "AsyncInferenceError",
    "ErrorCode",
    "Job",
    "JobStatus",
    "Result",
    "SageMakerAsyncClient",
    "ServiceOutputs",
    "read_outputs",
]
