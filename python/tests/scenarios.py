"""What test/python/client.test.ts looks at: each scenario's outcome as one JSON document. usage: scenarios.py OUTPUTS_FILE FOLDER"""

import json
import logging
import os
import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Callable

import boto3
from botocore.exceptions import ClientError, NoCredentialsError
from sagemaker_async_inference import AsyncInferenceError, Result, SageMakerAsyncClient, client, connection, content, errors, read_outputs

# The tries that fail on purpose.
logging.disable(logging.WARNING)
outputs_file, folder = sys.argv[1], Path(sys.argv[2])
service = SageMakerAsyncClient(outputs_file, timeout_seconds=60)
big = folder / "big page.png"
big.write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 4_200_000)


def error_of(error: AsyncInferenceError) -> Any:
    return {name: getattr(error, name) for name in ("code", "message", "advice", "retryable", "field", "job_id")}


def shown(result: Result) -> Any:
    data = result.data
    if isinstance(data, bytes):
        data = {"bytes": len(data)}
    if isinstance(data, Path):
        data = {"file": data.name, "bytes": data.stat().st_size}
    error = None if result.error is None else error_of(result.error)
    return {"job_id": result.job_id, "success": result.success, "data": data, "type": result.content_type, "error": error}


def raised(work: Callable[[], Any]) -> Any:
    try:
        return {"returned": repr(work())}
    except AsyncInferenceError as error:
        return error_of(error)


def with_short_patience() -> Any:
    patience, connection.SUBMIT_SECONDS = connection.SUBMIT_SECONDS, 1
    try:
        return shown(SageMakerAsyncClient(outputs_file).invoke("late", job_id="late-answer", timeout_seconds=60))
    finally:
        connection.SUBMIT_SECONDS = patience


def status(job_id: str) -> Any:
    found = asdict(service.job(job_id).status())
    return {name: found[name] for name in ("state", "ended", "attempt", "inference_id", "metadata")} | {"timings": list(found["timings"])}


def large() -> Any:
    first = shown(service.invoke(big, job_id="large"))
    return [first, shown(service.invoke(big, job_id="large"))]


def read(outputs: Any, **options: Any) -> Any:
    return raised(lambda: read_outputs(outputs, **options))


def outputs_cases() -> Any:
    whole = json.loads(Path(outputs_file).read_text())
    bare = {**whole["outputs"], "accountId": "123456789012"}
    return {
        "bare": read_outputs(bare).bucket_name == bare["bucketName"],
        "nested": read_outputs({"ocr": bare, "url": "x"}).bucket_name == bare["bucketName"],
        "by name": read_outputs({"ocr": bare, "speech": bare}, service="ocr").bucket_name == bare["bucketName"],
        "by stack": read_outputs({**whole, "stacks": {"speech": whole["outputs"]}}, service="speech").endpoint_url,
        "by its queues": read_outputs(whole["outputs"]).endpoint_url,
        "several": read({"ocr": bare, "speech": bare}),
        "unknown name": read({"ocr": bare, "speech": bare}, service="ocrs"),
        "secret": read({**bare, "bucketName": "[secret]"}),
        "newer": read({**bare, "contractVersion": 2}),
        "other stack": read({"vpcId": "vpc-1"}),
        "no file": read("nowhere.json"),
    }


signed_wrongly = [
    ("RequestTimeTooSkewed", "The difference between the request time and the current time is too large."),
    ("InvalidSignatureException", "Signature expired: 20261129T160000Z is now earlier than 20261129T161500Z"),
    ("SignatureDoesNotMatch", "Signature not yet current: 20261129T164000Z is still later than 20261129T162500Z"),
    ("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."),
]


def clock_error(name: str, message: str) -> Any:
    response: Any = {"Error": {"Code": name, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 403}}
    found = errors.from_boto(ClientError(response, "GetItem"), "dynamodb:GetItem", "arn", None)
    return [found.code, found.advice]


def keys_cases() -> Any:
    """Which keys a client signs with, by the cloud's address and the variables that name credentials."""
    hosts = ["127.0.0.1", "localhost", "[::1]", "cloud.localhost", "127.evil.example", "notlocalhost", "10.0.0.7"]
    cases = {host: connection.loopback_keys(f"http://{host}:4566", {}) for host in hosts}
    cases["AWS"] = connection.loopback_keys(None, {})
    cases["a profile"] = connection.loopback_keys("http://127.0.0.1:4566", {"AWS_PROFILE": "prod"})
    return {name: keys.get("aws_access_key_id") for name, keys in cases.items()}


def own_session() -> Any:
    session = boto3.Session(aws_access_key_id="AKIAOWN", aws_secret_access_key="own")
    return SageMakerAsyncClient(outputs_file, session=session)._aws.functions._request_signer._credentials.access_key


def unsigned() -> Any:
    def without_credentials() -> Any:
        raise NoCredentialsError()

    return raised(lambda: service._call(without_credentials, "s3:GetObject", "arn", "seen"))


def readme() -> Any:
    text = (Path(__file__).parent.parent / "README.md").read_text()
    os.chdir(Path(outputs_file).parent)
    told: list[str] = []
    exec(re.findall("```python\n(.*?)```", text, re.DOTALL)[0], {"print": lambda given: told.append(str(given))})
    return told


def closed() -> Any:
    with SageMakerAsyncClient(outputs_file) as own:
        own.invoke(1, job_id="in-a-block", timeout_seconds=60)
    return own.job("in-a-block").status().state


scenarios: dict[str, Callable[[], Any]] = {
    # As text: whoever reads this document is JavaScript.
    "digits": lambda: json.dumps(service.invoke({"id": 9007199254740993, "share": 1.0, "text": "grün"}).data, ensure_ascii=False),
    "types": lambda: [shown(service.invoke(given)) for given in ("plain", b"\x00\x01", b"%PDF-1.7")],
    "lost answer": lambda: shown(service.invoke({"a": 1}, job_id="lost-answer")),
    "late answer": with_short_patience,
    "no retry of boto3's": lambda: raised(lambda: SageMakerAsyncClient(outputs_file, max_attempts=1).submit(1, job_id="unavailable")),
    "model error": lambda: shown(service.invoke({"model": "error", "message": "no such page"}, job_id="fails")),
    "no json": lambda: shown(service.invoke({"model": "garbage"}, job_id="garbage")),
    "status": lambda: (service.invoke(1, job_id="seen", metadata={"tenant": "acme"}), status("seen"))[1],
    "conflict": lambda: raised(lambda: service.submit("another", job_id="seen")),
    "of the other client": lambda: shown(service.invoke({"by": "both", "n": [1, 2.5, None]}, job_id="shared")),
    "bad request": lambda: raised(lambda: service.submit(1, job_id="bad", on_doubt="perhaps", request_ttl_seconds=1)),
    "no input": lambda: raised(lambda: service.submit({1, 2})),
    "half a character": lambda: raised(lambda: service.submit("\ud83d", job_id="half")),
    "settings": lambda: [
        raised(lambda: SageMakerAsyncClient(outputs_file, **settings))
        for settings in (
            {"poll_interval_seconds": 0},
            {"max_attempts": 0},
            {"max_attempts": 2.5},
            {"timeout_seconds": float("nan")},
            {"timeout_seconds": "60"},
        )
    ],
    "nowhere to save": lambda: [
        raised(lambda: service.job("hangs").result(to_file=to_file)) for to_file in (folder, folder / "none" / "saved.png")
    ],
    "clock": lambda: [clock_error(name, message) for name, message in signed_wrongly],
    "large": large,
    "to file": lambda: shown(service.job("large").result(to_file=folder / "saved.png")),
    "by location": lambda: shown(service.invoke(input_location=os.environ["LOCATION"])),
    "wait too short": lambda: raised(lambda: service.submit({"model": "hang"}, job_id="hangs").wait(timeout_seconds=0)),
    "unknown": lambda: raised(service.job("nobody").status),
    "bad id": lambda: raised(lambda: service.job("../other")),
    "denied": lambda: raised(service.job("denied-job").wait),
    "new id": lambda: client._new_job_id(),
    "outputs": outputs_cases,
    "extensions": lambda: content.BY_EXTENSION,
    "advices": lambda: {code: [advice, code in errors.RETRYABLE] for code, advice in errors.ADVICES.items()},
    "readme": readme,
    "keys": keys_cases,
    "own session": own_session,
    "closed": closed,
    "unsigned": unsigned,
    "texts": lambda: [
        str(AsyncInferenceError("BAD_INPUT", message, advice=advice))
        for message, advice in [("n: got 1", "Give 2."), ("There is none.", "Look."), ("n: got 1", "")]
    ],
    "empty": lambda: raised(lambda: service.submit(b"")),
    "codes": lambda: list(errors.ErrorCode.__args__),
}

print(json.dumps({name: scenario() for name, scenario in scenarios.items()}))
