"""The errors of the service: the same codes, words and advice as in job records and in the TypeScript client."""

from __future__ import annotations

import re
from typing import Any, Literal, Mapping

from botocore import exceptions

ErrorCode = Literal[
    "BAD_INPUT", "BAD_MESSAGE", "BAD_OUTPUT", "NOT_FOUND", "CONFLICT", "ACCESS_DENIED", "THROTTLED", "UNAVAILABLE", "CAPACITY",
    "MODEL_ERROR", "TIMEOUT", "EXPIRED", "CANCELLED", "IN_DOUBT", "LIMIT", "WAIT_TIMEOUT", "ABORTED", "INTERNAL",
]  # fmt: skip

# What to do about each code that arises in this client; the service's own errors bring their advice with them.
ADVICES: Mapping[ErrorCode, str] = {
    "BAD_INPUT": "Correct the request and send it again.",
    "BAD_OUTPUT": "Make the model answer with a Content-Length and at most 1 GB.",
    "NOT_FOUND": "Look whether the object or endpoint still exists and the name is spelled right.",
    "ACCESS_DENIED": "Grant the named role the missing action.",
    "THROTTLED": "Send the same request with the same jobId again, after a pause.",
    "UNAVAILABLE": "Send the same request with the same jobId again, after a pause.",
    "WAIT_TIMEOUT": "The job goes on: ask again later, with its jobId.",
    "INTERNAL": "Look into the function's log for the jobId. Report it to the project if it repeats.",
}

RETRYABLE: frozenset[ErrorCode] = frozenset({"THROTTLED", "UNAVAILABLE", "CAPACITY", "LIMIT", "WAIT_TIMEOUT"})


# The arguments of the client, by what they are called in a request.
ARGUMENTS = {
    "job_id": "jobId",
    "input_location": "inputLocation",
    "content_type": "contentType",
    "accept": "accept",
    "custom_attributes": "customAttributes",
    "invocation_timeout_seconds": "invocationTimeoutSeconds",
    "request_ttl_seconds": "requestTtlSeconds",
    "on_doubt": "onDoubt",
    "priority": "priority",
    "metadata": "metadata",
    "trace_context": "traceContext",
}
_OF_REQUEST = {**{theirs: ours for ours, theirs in ARGUMENTS.items()}, "inputBase64": "input"}
# Where a message names what it is about: at the beginning of each of its parts.
_NAMED = re.compile(rf"(?:^|(?<=; ))({'|'.join(_OF_REQUEST)})(?=[:.])")


class AsyncInferenceError(Exception):
    """Everything that the client raises, and what a result without success carries.

    ``code`` is for programs, ``advice`` says what to do, ``retryable`` whether the same call can succeed later without a change.
    ``field`` names the argument at fault, such as ``job_id`` or ``metadata.tenant``, ``job_id`` the job, and ``raw`` has the bytes of a
    result that can't be read. Errors pickle and copy whole, and are equal when they say the same.
    """

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        *,
        advice: str | None = None,
        retryable: bool | None = None,
        field: str | None = None,
        job_id: str | None = None,
        raw: bytes | None = None,
    ) -> None:
        super().__init__(message)
        self.code: ErrorCode = code
        self.message: str = message
        self.advice: str = ADVICES.get(code, "") if advice is None else advice
        self.retryable: bool = code in RETRYABLE if retryable is None else retryable
        self.field: str | None = field
        self.job_id: str | None = job_id
        self.raw: bytes | None = raw

    def __str__(self) -> str:
        if not self.advice:
            return f"{self.code}: {self.message}"
        # Many messages end with a value, and some are botocore's.
        stop = "" if self.message.endswith((".", "!", "?", "…")) else "."
        return f"{self.code}: {self.message}{stop} {self.advice}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code!r}, {self.message!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AsyncInferenceError) or type(self) is not type(other):
            return NotImplemented
        return (self.args, self.__dict__) == (other.args, other.__dict__)

    def __hash__(self) -> int:
        # Not the message, which may get more words.
        return hash((self.code, self.job_id))

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception's own way calls the constructor with the message alone: whoever gets it from a process pool gets none.
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[AsyncInferenceError], args: tuple[Any, ...], attributes: Mapping[str, Any]) -> AsyncInferenceError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(attributes)
    return error


def from_coded(coded: Mapping[str, Any], job_id: str | None) -> AsyncInferenceError:
    """The error that a record or an answer of the submit function carries, by the names of this client's arguments."""

    def ours(text: str) -> str:
        return _NAMED.sub(lambda found: _OF_REQUEST[found[1]], text)

    field = coded.get("field")
    return AsyncInferenceError(
        coded["code"],
        coded["message"] if field is None else ours(coded["message"]),
        advice=coded["advice"],
        retryable=coded["retryable"],
        field=None if field is None else ours(f"{field}:")[:-1],
        job_id=job_id,
    )


_THROTTLED = re.compile("throttl|TooManyRequests|ProvisionedThroughput|SlowDown|RequestLimit", re.IGNORECASE)
_DENIED = re.compile(r"^(AccessDenied|AccessDeniedException|KMS\.AccessDeniedException|403)$")
_CREDENTIALS = re.compile(
    "^(ExpiredToken(Exception)?|UnrecognizedClientException|InvalidClientTokenId|InvalidAccessKeyId|InvalidToken"
    "|(InvalidSignature|SignatureDoesNotMatch)(Exception)?)$"
)
_CLOCK = re.compile("^(RequestTimeTooSkewed|RequestExpired|RequestInTheFuture)$")
_SIGNED_AT = re.compile("expired|not yet current", re.IGNORECASE)
# botocore's own, before it asks AWS.
_NO_CREDENTIALS = (
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.TokenRetrievalError,
    exceptions.SSOError,
)
_LACKED = re.compile(r'not authorized to perform: ([\w-]+:\w+) on resource: "?(arn:[^\s"]+)')


def from_boto(error: Exception, action: str, resource: str, job_id: str | None) -> AsyncInferenceError:
    """What a failure of boto3 means. ``action`` on ``resource`` is what the call needs of its caller's role."""
    valid = "Sign in, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
    if not isinstance(error, exceptions.ClientError):
        text = f"{type(error).__name__}: {error}"[:1000]
        if isinstance(error, _NO_CREDENTIALS):
            return AsyncInferenceError("ACCESS_DENIED", text, advice=valid, job_id=job_id)
        if isinstance(error, (exceptions.HTTPClientError, exceptions.ConnectionError, exceptions.IncompleteReadError)):
            return AsyncInferenceError("UNAVAILABLE", text, job_id=job_id)
        return AsyncInferenceError("BAD_INPUT", text, job_id=job_id)
    name = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    text = f"{name}: {error.response.get('Error', {}).get('Message', '')}"[:1000]
    if _CLOCK.match(name) or (re.match("InvalidSignature|SignatureDoesNotMatch", name) and _SIGNED_AT.search(text)):
        advice = "Set this machine's clock: AWS refuses what is signed more than five minutes off its own."
        return AsyncInferenceError("ACCESS_DENIED", text, advice=advice, job_id=job_id)
    if _CREDENTIALS.match(name):
        return AsyncInferenceError("ACCESS_DENIED", text, advice=valid, job_id=job_id)
    if _DENIED.match(name) or status == 403:
        lacked = _LACKED.search(text)
        needed = lacked.groups() if lacked else (action, resource)
        statement = '{"Effect":"Allow","Action":"%s","Resource":"%s"}' % needed
        return AsyncInferenceError("ACCESS_DENIED", text, advice=f"Add to the caller's role: {statement}", job_id=job_id)
    if _THROTTLED.search(name) or status == 429:
        return AsyncInferenceError("THROTTLED", text, job_id=job_id)
    # Two who upload one object at once: the next try finds it there.
    if status >= 500 or name == "ConditionalRequestConflict":
        return AsyncInferenceError("UNAVAILABLE", text, job_id=job_id)
    if name in ("NoSuchBucket", "ResourceNotFoundException") or status == 404:
        advice = "Look whether bucket, table and region are those of the deployed service."
        return AsyncInferenceError("NOT_FOUND", text, advice=advice, job_id=job_id)
    return AsyncInferenceError("BAD_INPUT", text, job_id=job_id)
