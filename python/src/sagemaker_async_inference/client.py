"""The client: submits jobs, waits for their ends and reads their results."""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import json
import logging
import os
import random
import re
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Mapping, TypedDict, TypeVar

from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import BotoCoreError, ClientError

from . import checks
from .connection import Connection
from .content import UNTYPED, Input, read_input, read_output, said
from .errors import ARGUMENTS, AsyncInferenceError, from_boto, from_coded
from .outputs import ServiceOutputs, read_outputs
from .results import ENDS, TIMES, FailedResult, JobStatus, Result, SuccessfulResult, status_of

if TYPE_CHECKING:
    # Of every type checker; typing has it from Python 3.11 on.
    from typing_extensions import Self, Unpack

_log = logging.getLogger("sagemaker_async_inference")
_Answer = TypeVar("_Answer")

# A request of Lambda has at most 6,291,556 bytes, and Base64 is a third longer than what it encodes.
_INLINE_BYTES = 4_000_000
_RETRIED = ("THROTTLED", "UNAVAILABLE", "CAPACITY", "LIMIT")
_FAILURE_BYTES = 4000
_CHUNK_BYTES = 1024 * 1024
# Not `input`: a record may hold 16 KB of it.
_FIELDS = [
    *["jobId", "state", "attempt", "inferenceId", "inputLocation", "metadata", "error", "refusal", "accept"],
    *["outputLocation", "outputContentType", "failureLocation", *TIMES.values()],
]


class SubmitOptions(TypedDict, total=False):
    """What :meth:`SageMakerAsyncClient.submit` and :meth:`SageMakerAsyncClient.invoke` take beside the input."""

    input_location: str | None
    job_id: str | None
    content_type: str | None
    accept: str | None
    custom_attributes: str | None
    invocation_timeout_seconds: int | None
    request_ttl_seconds: int | None
    on_doubt: str | None
    priority: str | None
    metadata: Mapping[str, str] | None
    trace_context: Mapping[str, str] | None


class SageMakerAsyncClient:
    """Submits jobs to a deployed service. One client may be used by many threads, and by processes that are forked off.

    It pickles where it has no ``session``, without credentials: the process that it goes to uses its own. In a ``with`` statement it
    ends its connections; a client that is not closed ends them when nothing refers to it.

    Each call carries a job id, so that repeating it, by this client, by boto3 or by you, never makes a second job.

    ``outputs``: what :func:`read_outputs` takes, or gives. ``timeout_seconds``: how long a wait may take, 0 to 604800.
    ``max_attempts``: how often a submission is tried, 1 to 10. ``poll_interval_seconds``: the longest pause between two looks at a
    job, 0.1 to 60. ``session``: whose credentials and profile are used. Without it they are boto3's own, or, for a cloud on this
    machine, which asks for none, made-up keys.

    The caller's role needs ``lambda:InvokeFunction`` on the submit function (``grantSubmitFunction``), ``dynamodb:GetItem`` on the
    job table and ``s3:GetObject`` on results (``grantWait``), and for inputs over 4 MB ``s3:PutObject`` below the input prefix
    (``grantSubmit``).
    """

    def __init__(
        self,
        outputs: ServiceOutputs | str | os.PathLike[str] | Mapping[str, Any] | None = None,
        *,
        service: str | None = None,
        timeout_seconds: float = 1200,
        max_attempts: int = 3,
        poll_interval_seconds: float = 2,
        session: Any = None,
    ) -> None:
        checks.refuse(
            checks.wait_seconds(timeout_seconds),
            checks.number("max_attempts", max_attempts, 1, 10, whole=True),
            checks.number("poll_interval_seconds", poll_interval_seconds, 0.1, 60),
        )
        self.outputs: ServiceOutputs = outputs if isinstance(outputs, ServiceOutputs) else read_outputs(outputs, service=service)
        self._timeout_seconds = float(timeout_seconds)
        self._max_attempts = int(max_attempts)
        self._poll_interval_seconds = float(poll_interval_seconds)
        self._aws = Connection(self.outputs, session)

    def submit(
        self,
        input: Any = ...,
        *,
        input_location: str | None = None,
        job_id: str | None = None,
        content_type: str | None = None,
        accept: str | None = None,
        custom_attributes: str | None = None,
        invocation_timeout_seconds: int | None = None,
        request_ttl_seconds: int | None = None,
        on_doubt: str | None = None,
        priority: str | None = None,
        metadata: Mapping[str, str] | None = None,
        trace_context: Mapping[str, str] | None = None,
    ) -> Job:
        """Submits one job and returns as soon as the service has accepted it.

        ``input`` is a JSON value (None is JSON's null), a str, bytes, or a ``pathlib.Path`` of a file up to 1 GB; ``input_location``
        names an object in S3 instead, in an allowed bucket. A ``job_id`` of your own makes the call safe to repeat: the same id with the
        same input is the same job, whichever process asks. The other arguments are those of the submit request in docs/reference.md.

        Raises ``AsyncInferenceError`` when the service has not accepted it: ``BAD_INPUT``, ``CONFLICT``, ``LIMIT``, ….
        """
        options = {
            "content_type": content_type,
            "accept": accept,
            "custom_attributes": custom_attributes,
            "invocation_timeout_seconds": invocation_timeout_seconds,
            "request_ttl_seconds": request_ttl_seconds,
            "on_doubt": on_doubt,
            "priority": priority,
            "metadata": metadata,
            "trace_context": trace_context,
            "input_location": input_location,
        }
        sent = {name: dict(value) if isinstance(value, Mapping) else value for name, value in options.items() if value is not None}
        checks.refuse(
            None if job_id is None else checks.job_id(job_id),
            checks.one_input(input, input_location),
            *(checks.option(name, value) for name, value in sent.items()),
        )
        given_id = job_id if job_id is not None else _new_job_id()
        request: dict[str, Any] = {"jobId": given_id, **{ARGUMENTS[name]: value for name, value in sent.items()}}
        if input_location is None:
            given = read_input(input, content_type)
            # As bytes, also JSON: a number of 64 bits would lose digits on its way through JavaScript.
            request.update({"contentType": given.content_type}, **self._placed(given, given_id, job_id is not None))
        payload = json.dumps(request, ensure_ascii=False).encode()
        return self._retried(lambda: self._submit_once(given_id, payload))

    def invoke(
        self,
        input: Any = ...,
        *,
        timeout_seconds: float | None = None,
        to_file: str | os.PathLike[str] | None = None,
        **options: Unpack[SubmitOptions],
    ) -> Result:
        """:meth:`submit`, then :meth:`Job.result`, whose ``timeout_seconds`` and ``to_file`` are looked at before anything is sent."""
        _check_reading(timeout_seconds, to_file)
        return self.submit(input, **options).result(timeout_seconds=timeout_seconds, to_file=to_file)

    def job(self, job_id: str) -> Job:
        """A handle on a job that was submitted before, here or anywhere. Nothing is asked yet."""
        checks.refuse(checks.job_id(job_id))
        return Job(self, job_id)

    def close(self) -> None:
        """Ends the connections. Handles stay usable, and open new ones."""
        self._aws.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def __repr__(self) -> str:
        at = self.outputs
        return f"{type(self).__name__}({at.submit_function_name!r}, region={at.region!r}, endpoint_url={at.endpoint_url!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        if self._aws.session is not None:
            raise TypeError(
                "a client with a session of its own can't be pickled, since the session's credentials would go along: "
                "make a client in each process"
            )
        return _in_this_process, (type(self), self.outputs, self._timeout_seconds, self._max_attempts, self._poll_interval_seconds)

    def _placed(self, given: Input, job_id: str, named: bool) -> dict[str, str]:
        """The input as the request has it: itself, or where it was put."""
        if given.size <= _INLINE_BYTES:
            with given.open() as body:
                return {"inputBase64": base64.b64encode(body.read()).decode()}
        digest = hashlib.sha256()
        with given.open() as body:
            while chunk := body.read(_CHUNK_BYTES):
                digest.update(chunk)
        name = re.sub(r"[^A-Za-z0-9._-]", "_", given.file_name)[-128:]
        # Named by its content: an upload that is repeated finds itself, and never replaces what a job of the same id is reading.
        bucket, key = self.outputs.bucket_name, f"{self.outputs.input_prefix}{job_id}/{digest.hexdigest()[:16]}/{name}"
        location = f"s3://{bucket}/{key}"
        if named and (self._record(job_id) or {}).get("inputLocation") == location:
            return {"inputLocation": location}
        resource = f"arn:{self.outputs.partition}:s3:::{bucket}/{key}"

        def put() -> None:
            with given.open() as body:
                try:
                    self._aws.objects.put_object(Bucket=bucket, Key=key, Body=body, ContentType=given.content_type, IfNoneMatch="*")
                except ClientError as error:
                    if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") != 412:
                        raise

        self._retried(lambda: self._call(put, "s3:PutObject", resource, job_id))
        return {"inputLocation": location}

    def _submit_once(self, job_id: str, payload: bytes) -> Job:
        at = self.outputs

        def invoke() -> tuple[Any, str | None]:
            response = self._aws.functions.invoke(FunctionName=at.submit_function_name, Payload=payload)
            return read_output(response["Payload"].read(), "application/json", "The answer"), response.get("FunctionError")

        answer, failed = self._call(invoke, "lambda:InvokeFunction", at.submit_function_arn, job_id)
        if failed is not None:
            words = f"{answer.get('errorType', failed)}: {answer.get('errorMessage', '')}"[:1000]
            raise AsyncInferenceError("INTERNAL", f"The submit function failed: {words}", job_id=job_id)
        # A job whose model failed was accepted, and its handle says how it ended.
        if answer["statusCode"] >= 400:
            raise from_coded(answer["error"], job_id)
        _log.debug("job %s is accepted", job_id)
        return Job(self, job_id, answer.get("inferenceId"))

    def _retried(self, work: Callable[[], _Answer]) -> _Answer:
        attempt = 0
        while True:
            attempt += 1
            try:
                return work()
            except AsyncInferenceError as error:
                if attempt >= self._max_attempts or not error.retryable or error.code not in _RETRIED:
                    raise
                _log.warning("attempt %d of %d: %s", attempt, self._max_attempts, error)
            # Callers who were refused together come back one by one.
            time.sleep(random.random() * min(20.0, 0.5 * 2 ** (attempt - 1)))

    def _record(self, job_id: str) -> dict[str, Any] | None:
        at = self.outputs
        names = {f"#{index}": name for index, name in enumerate(_FIELDS)}

        def get() -> Any:
            return self._aws.table.get_item(
                TableName=at.job_table_name,
                Key={"jobId": {"S": job_id}},
                ConsistentRead=True,
                ProjectionExpression=", ".join(names),
                ExpressionAttributeNames=names,
            ).get("Item")

        item = self._call(get, "dynamodb:GetItem", at.job_table_arn, job_id)
        read = TypeDeserializer().deserialize
        return None if item is None else {name: read(value) for name, value in item.items()}

    def _ended(self, job_id: str, timeout_seconds: float | None) -> dict[str, Any]:
        checks.refuse(checks.wait_seconds(timeout_seconds))
        deadline = time.monotonic() + (self._timeout_seconds if timeout_seconds is None else float(timeout_seconds))
        pause = 0.2
        trouble: AsyncInferenceError | None = None
        while True:
            try:
                record = self._record(job_id)
                trouble = None
            except AsyncInferenceError as error:
                if not error.retryable:
                    raise
                if trouble is None:
                    _log.warning("job %s can't be looked at, and the wait goes on: %s", job_id, error)
                trouble = error
            else:
                if record is None:
                    raise _not_found(job_id)
                if record["state"] in ENDS:
                    return record
            left = deadline - time.monotonic()
            if left <= 0:
                seen = "" if trouble is None else f" The last look failed: {trouble.message}"
                message = f"The wait for job {job_id} took as long as it may.{seen}"
                raise AsyncInferenceError("WAIT_TIMEOUT", message, job_id=job_id) from trouble
            time.sleep(min(pause, left))
            pause = min(pause * 1.3, self._poll_interval_seconds)

    def _result(self, job_id: str, timeout_seconds: float | None, to_file: Path | None) -> Result:
        _check_reading(timeout_seconds, to_file)
        record = self._ended(job_id, timeout_seconds)
        status = status_of(record)
        told: dict[str, Any] = {
            "job_id": job_id,
            "inference_id": status.inference_id,
            "output_location": status.output_location,
            "failure_location": status.failure_location,
            "timings": status.timings,
        }
        location = status.output_location
        if status.state != "COMPLETED" or location is None:
            return FailedResult(error=self._failure(status), **told)
        found = self._object(location, job_id)
        if found is None:
            message = f"The result of job {job_id} is no longer at {location}."
            advice = "Keep outputs for longer, or read them sooner."
            error = AsyncInferenceError("NOT_FOUND", message, advice=advice, job_id=job_id)
            return FailedResult(error=error, **told)
        own = found.get("ContentType")
        kind = own if own not in (None, UNTYPED) else record.get("outputContentType", record.get("accept"))
        resource = self._arn(location)
        with contextlib.closing(found["Body"]) as body:
            if to_file is not None:
                self._call(lambda: _save(body, to_file), "s3:GetObject", resource, job_id)
                return SuccessfulResult(data=to_file, content_type=kind, **told)
            raw = self._call(lambda: bytes(body.read()), "s3:GetObject", resource, job_id)
        try:
            return SuccessfulResult(data=read_output(raw, kind, location), content_type=kind, **told)
        except AsyncInferenceError as error:
            error.job_id = job_id
            return FailedResult(error=error, content_type=kind, **told)

    def _failure(self, status: JobStatus) -> AsyncInferenceError:
        job_id = status.job_id
        error = status.error or AsyncInferenceError(
            "INTERNAL", f"The job is {status.state}, and its record doesn't say why.", job_id=job_id
        )
        if status.state != "FAILED" or status.failure_location is None:
            return error
        try:
            found = self._object(status.failure_location, job_id, Range=f"bytes=0-{_FAILURE_BYTES - 1}")
            words = None if found is None else said(found["Body"].read())
        except (AsyncInferenceError, BotoCoreError) as problem:
            # It must not hide how the job ended.
            error.message = f"{error.message} The failure object can't be read: {problem}"
            return error
        if words is not None and words not in error.message:
            error.message = f"{error.message} The model said: {words}"
        return error

    def _object(self, location: str, job_id: str, **more: Any) -> Any:
        bucket, _, key = location.removeprefix("s3://").partition("/")

        def get() -> Any:
            try:
                return self._aws.objects.get_object(Bucket=bucket, Key=key, **more)
            except ClientError as error:
                # S3 has no byte to give of an empty object either.
                if error.response["Error"]["Code"] in ("NoSuchKey", "InvalidRange"):
                    return None
                raise

        return self._call(get, "s3:GetObject", self._arn(location), job_id)

    def _arn(self, location: str) -> str:
        return f"arn:{self.outputs.partition}:s3:::{location.removeprefix('s3://')}"

    def _call(self, work: Callable[[], _Answer], action: str, resource: str, job_id: str) -> _Answer:
        try:
            return work()
        except (BotoCoreError, ClientError) as error:
            raise from_boto(error, action, resource, job_id) from error


class Job:
    """A handle on one job. It costs nothing to keep: nothing is asked before something is wanted of it.

    ``job_id`` is its name, ``inference_id`` that of the attempt which its submission began, where it did. Handles of one job are
    equal. A handle pickles where its client does.
    """

    def __init__(self, client: SageMakerAsyncClient, job_id: str, inference_id: str | None = None) -> None:
        self._client = client
        self.job_id: str = job_id
        self.inference_id: str | None = inference_id

    def status(self) -> JobStatus:
        """The job as it is now. Raises ``AsyncInferenceError`` ``NOT_FOUND`` when there is none, or its record was dropped."""
        record = self._client._record(self.job_id)
        if record is None:
            raise _not_found(self.job_id)
        return status_of(record)

    def wait(self, *, timeout_seconds: float | None = None) -> JobStatus:
        """Waits until the job has ended, however it did.

        Raises ``AsyncInferenceError`` ``WAIT_TIMEOUT`` when it has not (the job goes on), ``NOT_FOUND``, ``ACCESS_DENIED``.
        """
        return status_of(self._client._ended(self.job_id, timeout_seconds))

    def result(self, *, timeout_seconds: float | None = None, to_file: str | os.PathLike[str] | None = None) -> Result:
        """Waits until the job has ended, and reads its result: JSON as a value, text as str, the rest as bytes.

        With ``to_file`` the result goes to that file, which appears when it is whole, and ``data`` is its path. A job that ended
        without a result is a :class:`Result` without success. Raises what :meth:`wait` does.
        """
        return self._client._result(self.job_id, timeout_seconds, None if to_file is None else Path(to_file))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Job):
            return NotImplemented
        return (self.job_id, self._client.outputs) == (other.job_id, other._client.outputs)

    def __hash__(self) -> int:
        return hash(self.job_id)

    def __repr__(self) -> str:
        return f"Job({self.job_id!r})"


def _save(body: Any, to_file: Path) -> None:
    # A file's own name may be as long as the file system takes: this one must not be longer.
    partial = to_file.with_name(f".{to_file.name[:40]}.{secrets.token_hex(6)}.part")
    try:
        with partial.open("xb") as writing:
            for chunk in body.iter_chunks(_CHUNK_BYTES):
                writing.write(chunk)
        partial.replace(to_file)
    except OSError as error:
        # Some of botocore's are such errors too.
        if isinstance(error, BotoCoreError):
            raise
        advice = "Name a file that can be written."
        raise AsyncInferenceError("BAD_INPUT", f"to_file: {error}", advice=advice, field="to_file") from error
    finally:
        partial.unlink(missing_ok=True)


def _not_found(job_id: str) -> AsyncInferenceError:
    advice = (
        "Look whether the jobId is spelled right and the service is the right one; "
        "a record is dropped some time after its job's end."
    )
    return AsyncInferenceError("NOT_FOUND", f"There is no job {job_id}.", advice=advice, field="job_id", job_id=job_id)


def _check_reading(timeout_seconds: float | None, to_file: str | os.PathLike[str] | None) -> None:
    checks.refuse(checks.wait_seconds(timeout_seconds), None if to_file is None else checks.file_to_write(Path(to_file)))


@functools.lru_cache(maxsize=16)
def _in_this_process(
    kind: type[SageMakerAsyncClient], outputs: ServiceOutputs, timeout_seconds: float, max_attempts: int, poll_interval_seconds: float
) -> SageMakerAsyncClient:
    """A client that came pickled. One for all that are equal: making one takes a tenth of a second, and each handle brings its own."""
    return kind(outputs, timeout_seconds=timeout_seconds, max_attempts=max_attempts, poll_interval_seconds=poll_interval_seconds)


def _new_job_id() -> str:
    """A ULID: 26 characters of Crockford's Base32, sortable by time. https://github.com/ulid/spec"""
    number = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    return "".join(digits[number >> shift & 31] for shift in range(125, -1, -5))
