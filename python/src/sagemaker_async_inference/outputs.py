"""Stack outputs: what `pulumi stack output --json` and the embedded cloud's `--outputs FILE` write."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Mapping
from urllib.parse import urlsplit

from .errors import AsyncInferenceError

CONTRACT_VERSION = 1
VARIABLE = "SAGEMAKER_ASYNC_OUTPUTS"


@dataclass(frozen=True)
class ServiceOutputs:
    """Those outputs of a deployed service that this client needs. ``endpoint_url`` is set for a cloud that isn't AWS's."""

    region: str
    partition: str
    bucket_name: str
    input_prefix: str
    job_table_name: str
    job_table_arn: str
    submit_function_name: str
    submit_function_arn: str
    endpoint_url: str | None = field(default=None)


_NAMES = {
    "region": "region",
    "partition": "partition",
    "bucket_name": "bucketName",
    "input_prefix": "inputPrefix",
    "job_table_name": "jobTableName",
    "job_table_arn": "jobTableArn",
    "submit_function_name": "submitFunctionName",
    "submit_function_arn": "submitFunctionArn",
}


def read_outputs(
    source: str | os.PathLike[str] | Mapping[str, Any] | None = None, *, service: str | None = None
) -> ServiceOutputs:
    """Reads the outputs of one service.

    ``source`` is a file, or the outputs themselves: bare or as ``{"endpointUrl": …, "outputs": …}``. Without it the variable
    ``SAGEMAKER_ASYNC_OUTPUTS`` names the file, else it is ``outputs.json``. ``service`` names the output that holds the service's
    own, where the program has several, or the stack of an embedded cloud that serves several.

    Those of an embedded cloud have its address from ``AWS_ENDPOINT_URL``, else from their queues.

    Raises ``AsyncInferenceError`` ``BAD_INPUT`` when they are something else, or of another contract version.
    """
    if isinstance(source, Mapping):
        return _service("outputs", source, service)
    if source is not None and not isinstance(source, (str, os.PathLike)):
        expected = "expected the path of a file, or the outputs as a mapping"
        raise AsyncInferenceError("BAD_INPUT", f"outputs: got {source!r:.80}, {expected}", advice="Correct the argument.", field="outputs")
    file = Path(os.fsdecode(source if source is not None else os.environ.get(VARIABLE) or "outputs.json"))
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        advice = f"Write it with `pulumi stack output --json > {file}`, or `npx sagemaker-async local --outputs {file}`."
        raise AsyncInferenceError("BAD_INPUT", f"{file}: no such file.", advice=advice) from None
    except OSError as error:
        advice = "Name a file that this process can read."
        raise AsyncInferenceError("BAD_INPUT", f"{file}: can't be read: {error.strerror}", advice=advice) from error
    except ValueError as error:
        raise AsyncInferenceError("BAD_INPUT", f"{file}: not JSON: {error}") from error
    return _service(str(file), content if isinstance(content, Mapping) else {}, service)


def _service(subject: str, content: Mapping[str, Any], service: str | None) -> ServiceOutputs:
    url = content.get("endpointUrl")
    stacks: Mapping[str, Any] = {}
    if isinstance(url, str) and isinstance(content.get("outputs"), Mapping):
        stacks = content.get("stacks") or {}
        content = content["outputs"]
    if service is None:
        return _checked(subject, _only(subject, content), url)
    known = {**stacks, **_services(content)}
    if service not in known:
        expected = f"expected {' or '.join(known)}" if known else f"and {subject} has those of one service only: leave it out"
        raise AsyncInferenceError("BAD_INPUT", f"service: got {service}, {expected}.", field="service")
    return _checked(f"{subject}, {service}", _only(subject, known[service]), url)


def _services(outputs: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {name: value for name, value in outputs.items() if isinstance(value, Mapping) and "contractVersion" in value}


def _only(subject: str, outputs: Mapping[str, Any]) -> Mapping[str, Any]:
    services = _services(outputs)
    if "contractVersion" in outputs or not services:
        return outputs
    if len(services) > 1:
        message = f"{subject}: the outputs of several services: {', '.join(services)}."
        raise AsyncInferenceError("BAD_INPUT", message, advice="Name one with service.", field="service")
    return next(iter(services.values()))


def _checked(subject: str, outputs: Mapping[str, Any], url: str | None) -> ServiceOutputs:
    version = outputs.get("contractVersion")
    if version is None:
        names = ", ".join(sorted(outputs)) or "nothing"
        message = f"{subject}: no output contractVersion, which the outputs of an asynchronous inference have (found {names})."
        raise AsyncInferenceError("BAD_INPUT", message, advice="Give the outputs of a stack that exports `service.outputs`.")
    if version != CONTRACT_VERSION:
        message = f"{subject}: contractVersion {version}, and this client reads {CONTRACT_VERSION}."
        raise AsyncInferenceError("BAD_INPUT", message, advice="Update the older of the two: this package, or the deployed program.")
    wrong = [name for name in _NAMES.values() if not isinstance(outputs.get(name), str) or outputs[name] == "[secret]"]
    if wrong:
        advice = "Where one is [secret], write the file with `pulumi stack output --json --show-secrets`; else deploy the program again."
        raise AsyncInferenceError("BAD_INPUT", f"{subject}: no text as output {', '.join(wrong)}.", advice=advice)
    if outputs.get("accountId") == "000000000000" and url is None:
        # An embedded cloud: its queues' URLs have its address.
        queue = urlsplit(str(outputs.get("deadLetterQueueUrl")))
        url = os.environ.get("AWS_ENDPOINT_URL") or (f"{queue.scheme}://{queue.netloc}" if queue.netloc else None)
        if url is None:
            advice = "Set AWS_ENDPOINT_URL to its address, as `npx sagemaker-async local env` prints it."
            raise AsyncInferenceError("BAD_INPUT", f"{subject}: those of an embedded cloud, without its address.", advice=advice)
    return ServiceOutputs(**{ours: outputs[theirs] for ours, theirs in _NAMES.items()}, endpoint_url=url)
