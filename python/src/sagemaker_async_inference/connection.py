"""The clients of boto3 that a process has for a service."""

from __future__ import annotations

import os
import re
import threading
from typing import Any, Mapping, NamedTuple
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ProfileNotFound

from .errors import AsyncInferenceError
from .outputs import ServiceOutputs

# Longer than the submit function takes where it doesn't wait for the job's end.
SUBMIT_SECONDS = 60
_LOOPBACK = re.compile(r"(?:.+\.)?localhost|::1|127(?:\.\d{1,3}){3}")
# Any of these says that there are credentials.
_CREDENTIAL_VARIABLES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)


class _Clients(NamedTuple):
    process_id: int
    functions: Any
    table: Any
    objects: Any


class Connection:
    """boto3's clients for one service. They are made at once, and again in a process that was forked off.

    Two processes that write into one connection would read each other's answers.

    Raises ``AsyncInferenceError`` ``BAD_INPUT`` when boto3 can't make them: an unknown profile, a broken configuration.
    """

    def __init__(self, outputs: ServiceOutputs, session: Any) -> None:
        self.session = session
        self._outputs = outputs
        # One for each process: what another thread held at the fork stays held for ever in the child.
        self._locks: dict[int, threading.Lock] = {}
        self._made = self._make()

    @property
    def functions(self) -> Any:
        return self._clients().functions

    @property
    def table(self) -> Any:
        return self._clients().table

    @property
    def objects(self) -> Any:
        return self._clients().objects

    def close(self) -> None:
        """Ends the connections of this process."""
        made = self._made
        if made.process_id == os.getpid():
            for client in (made.functions, made.table, made.objects):
                client.close()

    def _clients(self) -> _Clients:
        process_id = os.getpid()
        if self._made.process_id != process_id:
            with self._locks.setdefault(process_id, threading.Lock()):
                if self._made.process_id != process_id:
                    self._made = self._make()
        return self._made

    def _make(self) -> _Clients:
        at = self._outputs
        keys: dict[str, Any] = {} if self.session is not None else {**loopback_keys(at.endpoint_url, os.environ)}
        retries = {"mode": "standard", "total_max_attempts": 5}
        # A cloud under one address has no host name for each bucket.
        paths = {} if at.endpoint_url is None else {"addressing_style": "path"}
        try:
            session = self.session or boto3.Session()

            def client(name: str, **settings: Any) -> Any:
                config = Config(connect_timeout=5, max_pool_connections=50, **settings)
                return session.client(name, region_name=at.region, endpoint_url=at.endpoint_url, config=config, **keys)

            return _Clients(
                process_id=os.getpid(),
                # boto3 would call again by itself, without a word; this client does, with the same job id.
                functions=client("lambda", read_timeout=SUBMIT_SECONDS, retries={"total_max_attempts": 1}),
                table=client("dynamodb", read_timeout=10, retries=retries),
                objects=client("s3", read_timeout=60, retries=retries, s3=paths),
            )
        except (BotoCoreError, ValueError) as error:
            profile = isinstance(error, ProfileNotFound)
            advice = "Set AWS_PROFILE to a profile that is configured, or unset it." if profile else "Correct boto3's configuration."
            raise AsyncInferenceError("BAD_INPUT", f"{type(error).__name__}: {error}"[:1000], advice=advice) from error


def loopback_keys(endpoint_url: str | None, environment: Mapping[str, str]) -> dict[str, str]:
    """Keys for a cloud on this machine. Only there, so that made-up keys never go to AWS, and only where the environment has none."""
    host = urlsplit(endpoint_url or "").hostname or ""
    if not _LOOPBACK.fullmatch(host) or any(environment.get(name) for name in _CREDENTIAL_VARIABLES):
        return {}
    return {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
