"""What users write, for type checkers: `mypy --strict` has no complaint of it, nor has pyright. Not run."""

from pathlib import Path

from typing_extensions import assert_type

from sagemaker_async_inference import (
    AsyncInferenceError, ErrorCode, FailedResult, Job, JobState, JobStatus, Result, SageMakerAsyncClient, SuccessfulResult,
)  # fmt: skip


def told(result: Result) -> str:
    if result.success:
        # pyright narrows by `is True`, not by truth.
        return f"{result.job_id}: {result.data}"
    code: ErrorCode = result.error.code  # pyright: ignore[reportOptionalMemberAccess]
    return code


def told_to_both(result: Result) -> str:
    if result.success is True:
        assert_type(result, SuccessfulResult)
        return f"{result.job_id}: {result.data}"
    assert_type(result, FailedResult)
    return f"{result.error.code}: {result.error.advice}"


def data_of(result: Result) -> object:
    if result.error is not None:
        raise result.error
    return result.data


def by_class(result: Result) -> str:
    match result:
        case SuccessfulResult(data=data):
            return str(data)
        case FailedResult(error=error):
            return error.message


def by_error(result: Result) -> str:
    return "read" if result.error is None else result.error.message


def submitted(client: SageMakerAsyncClient) -> Job:
    with client:
        told(client.invoke({"a": 1}, job_id="order-17", to_file=Path("answer.json"), timeout_seconds=60))
        return client.submit(input_location="s3://bucket/key", metadata={"tenant": "acme"})


def state(status: JobStatus) -> JobState:
    error: AsyncInferenceError | None = status.error
    return "FAILED" if error is not None else status.state
