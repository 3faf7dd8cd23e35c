"""The client: submits jobs, waits for their ends and reads their results."""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import random
import re
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Mapping, TypeVar
from urllib.parse import urlsplit

import boto3
from boto3.dynamodb.types import TypeDeserializer
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from .content import UNTYPED, Input, read_input, read_output, said
from .errors import AsyncInferenceError, from_boto, from_coded
from .outputs import ServiceOutputs, read_outputs

_log = logging.getLogger("sagemaker_async_inference")
_Answer = TypeVar("_Answer")

# A request of Lambda has at most 6,291,556 bytes, and Base64 is a third longer than what it encodes.
_INLINE_BYTES = 4_000_000
_RETRIED = ("THROTTLED", "UNAVAILABLE", "CAPACITY", "LIMIT")
_ENDS = ("COMPLETED", "FAILED", "EXPIRED", "CANCELLED")
_JOB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
# Longer than the submit function takes where it doesn't wait for the job's end.
_SUBMIT_SECONDS = 60
# A week: longer than any job can be open.
_LONGEST_WAIT_SECONDS = 7 * 86_400
_FAILURE_BYTES = 4000
_CHUNK_BYTES = 1024 * 1024
_LOOPBACK = re.compile(r"(?:.+\.)?localhost|::1|127(?:\.\d{1,3}){3}")
# Any of these says that there are credentials.
_CREDENTIAL_VARIABLES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
_TIMES = {
    "acceptedAt": "createdAt",
    "invokingAt": "invokingAt",
    "submittedAt": "submittedAt",
    "receivedAt": "receivedAt",
    "finishedAt": "finishedAt",
    "recordedAt": "endedAt",
}
# Not `input`: a record may hold 16 KB of it.
_FIELDS = [
    *["jobId", "state", "attempt", "maxAttempts", "inferenceId", "inputLocation", "metadata", "error", "refusal", "accept"],
    *["outputLocation", "outputContentType", "outputBytes", "failureLocation", *_TIMES.values()],
]


@dataclass(frozen=True)
class JobStatus:
    """A job as its record has it. ``timings`` are ISO 8601 in UTC, by the service's clocks."""

    job_id: str
    state: str
    ended: bool
    attempt: int = 0
    inference_id: str | None = None
    output_location: str | None = None
    failure_location: str | None = None
    error: AsyncInferenceError | None = None
    refusal: AsyncInferenceError | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    timings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """How a job ended: ``success`` with ``data``, or the ``error`` that it ended with."""

    success: bool
    job_id: str
    data: Any = None
    error: AsyncInferenceError | None = None
    inference_id: str | None = None
    output_location: str | None = None
    failure_location: str | None = None
    content_type: str | None = None
    timings: Mapping[str, str] = field(default_factory=dict)


class SageMakerAsyncClient:
    """Submits jobs to a deployed service. One client may be used by many threads.

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
        _check_number("timeout_seconds", timeout_seconds, 0, _LONGEST_WAIT_SECONDS)
        _check_number("max_attempts", max_attempts, 1, 10, whole=True)
        _check_number("poll_interval_seconds", poll_interval_seconds, 0.1, 60)
        at = outputs if isinstance(outputs, ServiceOutputs) else read_outputs(outputs, service=service)
        self.outputs = at
        self._timeout_seconds = timeout_seconds
        self._max_attempts = max_attempts
        self._poll_interval_seconds = poll_interval_seconds
        keys = {} if session is not None else _loopback_keys(at.endpoint_url, os.environ)
        session = session or boto3.Session()

        def client(name: str, **settings: Any) -> Any:
            config = Config(connect_timeout=5, max_pool_connections=50, **settings)
            return session.client(name, region_name=at.region, endpoint_url=at.endpoint_url, config=config, **keys)

        # boto3 would call again by itself, without a word; this client does, with the same job id.
        self._lambda = client("lambda", read_timeout=_SUBMIT_SECONDS, retries={"total_max_attempts": 1})
        retries = {"mode": "standard", "total_max_attempts": 5}
        self._table = client("dynamodb", read_timeout=10, retries=retries)
        # A cloud under one address has no host name for each bucket.
        paths = {} if at.endpoint_url is None else {"addressing_style": "path"}
        self._s3 = client("s3", read_timeout=60, retries=retries, s3=paths)

    def submit(
        self,
        input: Any = None,
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

        ``input`` is a JSON value, a str, bytes, or a ``pathlib.Path`` of a file up to 1 GB; ``input_location`` names an object in S3
        instead, in an allowed bucket. A ``job_id`` of your own makes the call safe to repeat: the same id with the same input is the
        same job, whichever process asks. The other arguments are those of the submit request in docs/reference.md.

        Raises ``AsyncInferenceError`` when the service has not accepted it: ``BAD_INPUT``, ``CONFLICT``, ``LIMIT``, ….
        """
        if job_id is not None:
            _check_job_id(job_id)
        given_id = job_id if job_id is not None else _new_job_id()
        request: dict[str, Any] = {
            "jobId": given_id,
            "contentType": content_type,
            "accept": accept,
            "customAttributes": custom_attributes,
            "invocationTimeoutSeconds": invocation_timeout_seconds,
            "requestTtlSeconds": request_ttl_seconds,
            "onDoubt": on_doubt,
            "priority": priority,
            "metadata": None if metadata is None else dict(metadata),
            "traceContext": None if trace_context is None else dict(trace_context),
        }
        if input_location is not None:
            if input is not None:
                message = "input: got an input and input_location, expected one of them"
                raise AsyncInferenceError("BAD_INPUT", message, field="input", job_id=given_id)
            request["inputLocation"] = input_location
        else:
            given = read_input(input, content_type)
            # As bytes, also JSON: a number of 64 bits would lose digits on its way through JavaScript.
            request.update({"contentType": given.content_type}, **self._placed(given, given_id, job_id is not None))
        return self._retried(lambda: self._submit_once(given_id, request))

    def invoke(self, input: Any = None, *, timeout_seconds: float | None = None, **options: Any) -> Result:
        """:meth:`submit`, then :meth:`Job.result`."""
        return self.submit(input, **options).result(timeout_seconds=timeout_seconds)

    def job(self, job_id: str) -> Job:
        """A handle on a job that was submitted before, here or anywhere. Nothing is asked yet."""
        _check_job_id(job_id)
        return Job(self, job_id)

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
                    self._s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=given.content_type, IfNoneMatch="*")
                except ClientError as error:
                    if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") != 412:
                        raise

        self._retried(lambda: self._call(put, "s3:PutObject", resource, job_id))
        return {"inputLocation": location}

    def _submit_once(self, job_id: str, request: Mapping[str, Any]) -> Job:
        at = self.outputs
        payload = _json({name: value for name, value in request.items() if value is not None})

        def invoke() -> tuple[Any, str | None]:
            response = self._lambda.invoke(FunctionName=at.submit_function_name, Payload=payload)
            return read_output(response["Payload"].read(), "application/json", "The answer"), response.get("FunctionError")

        answer, failed = self._call(invoke, "lambda:InvokeFunction", at.submit_function_arn, job_id)
        if failed is not None:
            words = f"{answer.get('errorType', failed)}: {answer.get('errorMessage', '')}"[:1000]
            raise AsyncInferenceError("INTERNAL", f"The submit function failed: {words}", job_id=job_id)
        # A job whose model failed was accepted, and its handle says how it ended.
        if answer["statusCode"] >= 400:
            raise from_coded(answer["error"], job_id)
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
            return self._table.get_item(
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
        if timeout_seconds is None:
            timeout_seconds = self._timeout_seconds
        _check_number("timeout_seconds", timeout_seconds, 0, _LONGEST_WAIT_SECONDS)
        deadline = time.monotonic() + timeout_seconds
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
                if record["state"] in _ENDS:
                    return record
            left = deadline - time.monotonic()
            if left <= 0:
                seen = "" if trouble is None else f" The last look failed: {trouble.message}"
                message = f"The wait for job {job_id} took as long as it may.{seen}"
                raise AsyncInferenceError("WAIT_TIMEOUT", message, job_id=job_id) from trouble
            time.sleep(min(pause, left))
            pause = min(pause * 1.3, self._poll_interval_seconds)

    def _result(self, job_id: str, timeout_seconds: float | None, to_file: Path | None) -> Result:
        if to_file is not None:
            _check_file(to_file)
        record = self._ended(job_id, timeout_seconds)
        status = _status(record)
        told: dict[str, Any] = {
            "job_id": job_id,
            "inference_id": status.inference_id,
            "output_location": status.output_location,
            "failure_location": status.failure_location,
            "timings": status.timings,
        }
        location = status.output_location
        if status.state != "COMPLETED" or location is None:
            return Result(success=False, error=self._failure(status), **told)
        found = self._object(location, job_id)
        if found is None:
            message = f"The result of job {job_id} is no longer at {location}."
            advice = "Keep outputs for longer, or read them sooner."
            error = AsyncInferenceError("NOT_FOUND", message, advice=advice, job_id=job_id)
            return Result(success=False, error=error, **told)
        own = found.get("ContentType")
        kind = own if own not in (None, UNTYPED) else record.get("outputContentType", record.get("accept"))
        body = found["Body"]
        resource = self._arn(location)
        if to_file is not None:
            self._call(lambda: _save(body, to_file), "s3:GetObject", resource, job_id)
            return Result(success=True, data=to_file, content_type=kind, **told)
        raw = self._call(lambda: bytes(body.read()), "s3:GetObject", resource, job_id)
        try:
            return Result(success=True, data=read_output(raw, kind, location), content_type=kind, **told)
        except AsyncInferenceError as error:
            error.job_id = job_id
            return Result(success=False, error=error, content_type=kind, **told)

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
                return self._s3.get_object(Bucket=bucket, Key=key, **more)
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
    """A handle on one job. It costs nothing to keep: nothing is asked before something is wanted of it."""

    def __init__(self, client: SageMakerAsyncClient, job_id: str, inference_id: str | None = None) -> None:
        self._client = client
        self.job_id = job_id
        self.inference_id = inference_id

    def status(self) -> JobStatus:
        """The job as it is now. Raises ``AsyncInferenceError`` ``NOT_FOUND`` when there is none, or its record was dropped."""
        record = self._client._record(self.job_id)
        if record is None:
            raise _not_found(self.job_id)
        return _status(record)

    def wait(self, *, timeout_seconds: float | None = None) -> JobStatus:
        """Waits until the job has ended, however it did.

        Raises ``AsyncInferenceError`` ``WAIT_TIMEOUT`` when it has not (the job goes on), ``NOT_FOUND``, ``ACCESS_DENIED``.
        """
        return _status(self._client._ended(self.job_id, timeout_seconds))

    def result(self, *, timeout_seconds: float | None = None, to_file: str | os.PathLike[str] | None = None) -> Result:
        """Waits until the job has ended, and reads its result: JSON as a value, text as str, the rest as bytes.

        With ``to_file`` the result goes to that file, which appears when it is whole, and ``data`` is its path. A job that ended
        without a result is a :class:`Result` without success. Raises what :meth:`wait` does.
        """
        return self._client._result(self.job_id, timeout_seconds, None if to_file is None else Path(to_file))

    def __repr__(self) -> str:
        return f"Job({self.job_id!r})"


def _status(record: Mapping[str, Any]) -> JobStatus:
    job_id = str(record["jobId"])
    error, refusal = record.get("error"), record.get("refusal")
    return JobStatus(
        job_id=job_id,
        state=str(record["state"]),
        ended=record["state"] in _ENDS,
        attempt=int(record.get("attempt", 0)),
        inference_id=record.get("inferenceId"),
        output_location=record.get("outputLocation"),
        failure_location=record.get("failureLocation"),
        error=None if error is None else from_coded(error, job_id),
        refusal=None if refusal is None else from_coded(refusal, job_id),
        metadata=record.get("metadata", {}),
        timings={name: record[attribute] for name, attribute in _TIMES.items() if attribute in record},
    )


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


def _json(value: Mapping[str, Any]) -> bytes:
    with read_input(dict(value), None).open() as body:
        return body.read()


def _loopback_keys(endpoint_url: str | None, environment: Mapping[str, str]) -> dict[str, str]:
    """Keys for a cloud on this machine. Only there, so that made-up keys never go to AWS, and only where the environment has none."""
    host = urlsplit(endpoint_url or "").hostname or ""
    if not _LOOPBACK.fullmatch(host) or any(environment.get(name) for name in _CREDENTIAL_VARIABLES):
        return {}
    return {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


def _not_found(job_id: str) -> AsyncInferenceError:
    advice = (
        "Look whether the jobId is spelled right and the service is the right one; "
        "a record is dropped some time after its job's end."
    )
    return AsyncInferenceError("NOT_FOUND", f"There is no job {job_id}.", advice=advice, field="jobId", job_id=job_id)


def _check_number(name: str, value: float, least: float, most: float, *, whole: bool = False) -> None:
    is_number = isinstance(value, int) or (not whole and isinstance(value, float))
    if is_number and not isinstance(value, bool) and least <= value <= most:
        return
    message = f"{name}: got {value!r}, expected a {'whole ' if whole else ''}number from {least} to {most}"
    raise AsyncInferenceError("BAD_INPUT", message, advice="Correct the argument.", field=name)


def _check_file(to_file: Path) -> None:
    """Before the wait, which may take hours, what can be known of where its result is to go."""
    problem = "is a folder" if to_file.is_dir() else None if to_file.parent.is_dir() else "is in a folder that is not there"
    if problem is not None:
        raise AsyncInferenceError("BAD_INPUT", f"to_file: {to_file} {problem}", advice="Name a file that can be written.", field="to_file")


def _check_job_id(job_id: str) -> None:
    if isinstance(job_id, str) and _JOB_ID.fullmatch(job_id):
        return
    shown = str(job_id) if len(str(job_id)) <= 80 else f"{str(job_id)[:77]}..."
    expected = '1 to 60 letters, digits, ".", "_" and "-", a letter or digit first'
    raise AsyncInferenceError("BAD_INPUT", f'jobId: got "{shown}", expected {expected}', field="jobId")


def _new_job_id() -> str:
    """A ULID: 26 characters of Crockford's Base32, sortable by time. https://github.com/ulid/spec"""
    number = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    return "".join(digits[number >> shift & 31] for shift in range(125, -1, -5))
