"""What needs no service: errors, results, handles and arguments as Python values. Each title says what a user would lose."""

import base64
import copy
import dataclasses
import io
import json
import multiprocessing
import os
import pickle
import tempfile
import unittest
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, Callable
from unittest import mock

import boto3
from sagemaker_async_inference import (
    AsyncInferenceError, FailedResult, Job, JobStatus, Result, SageMakerAsyncClient, ServiceOutputs, SuccessfulResult, content, errors, read_outputs,
)  # fmt: skip

REFUSAL: dict[str, Any] = {"advice": "Give 2.", "retryable": True, "field": "n", "job_id": "order-17", "raw": b"\x00"}
# Nothing listens there: what is sent fails.
OUTPUTS = ServiceOutputs(
    region="eu-west-1", partition="aws", bucket_name="bucket", input_prefix="input/", job_table_name="jobs",
    job_table_arn="arn:aws:dynamodb:eu-west-1:123456789012:table/jobs", submit_function_name="submit",
    submit_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:submit", endpoint_url="http://127.0.0.1:9",
)  # fmt: skip
client = SageMakerAsyncClient(OUTPUTS, max_attempts=1)


def refusal() -> AsyncInferenceError:
    return AsyncInferenceError("BAD_INPUT", "n: got 1", **REFUSAL)


def refuse(job_id: str) -> str:
    if job_id == "bad":
        raise refusal()
    return job_id


def everything_of(error: BaseException) -> dict[str, Any]:
    return {"type": type(error), "text": str(error), "args": error.args, **vars(error)}


def raised(work: Callable[[], Any]) -> list[str | None]:
    try:
        return ["returned", repr(work())]
    except AsyncInferenceError as error:
        return [error.code, error.field, error.message]


class OwnError(AsyncInferenceError):
    """As somebody derives one, with a constructor of its own."""

    def __init__(self, tenant: str, *, limit: int) -> None:
        super().__init__("LIMIT", f"{tenant} has enough")
        self.limit = limit


class Errors(unittest.TestCase):
    def test_a_refusal_pickles_and_copies_whole(self) -> None:
        error = refusal()
        ways = [copy.copy, copy.deepcopy]
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            ways.append(lambda given, protocol=protocol: pickle.loads(pickle.dumps(given, protocol)))
        for way in ways:
            again = way(error)
            self.assertIsNot(again, error)
            self.assertEqual(everything_of(again), everything_of(error))
        self.assertEqual(everything_of(error), {
            "type": AsyncInferenceError, "text": "BAD_INPUT: n: got 1. Give 2.", "args": ("n: got 1",),
            "code": "BAD_INPUT", "message": "n: got 1", **REFUSAL,
        })  # fmt: skip

    def test_an_error_derived_from_ours_pickles_whatever_its_constructor_takes(self) -> None:
        again = pickle.loads(pickle.dumps(OwnError("acme", limit=3)))
        self.assertEqual((type(again), again.code, again.limit), (OwnError, "LIMIT", 3))

    def test_one_refused_job_does_not_take_the_other_jobs_of_a_process_pool_with_it(self) -> None:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
            good, bad, after = (pool.submit(refuse, job_id) for job_id in ("first", "bad", "last"))
            with self.assertRaises(AsyncInferenceError) as raised:
                bad.result()
            self.assertEqual(raised.exception.code, "BAD_INPUT")
            self.assertEqual((good.result(), after.result()), ("first", "last"))

    def test_a_printed_error_has_its_code_and_not_the_bytes_of_a_result(self) -> None:
        self.assertEqual(repr(refusal()), "AsyncInferenceError('BAD_INPUT', 'n: got 1')")

    def test_errors_are_equal_by_what_they_say(self) -> None:
        self.assertEqual({refusal(), refusal()}, {copy.copy(refusal())})
        self.assertNotEqual(refusal(), AsyncInferenceError("BAD_INPUT", "n: got 1"))
        self.assertNotEqual(refusal(), ValueError("n: got 1"))

    def test_a_refusal_of_the_service_names_the_arguments_of_this_client(self) -> None:
        coded = {"advice": "Correct it.", "retryable": False}
        message = 'requestTtlSeconds: got 1; metadata.jobId: got "jobId: 1"; traceContext.traceparent: got 2; priority: got 3'
        found = errors.from_coded({**coded, "code": "BAD_INPUT", "message": message, "field": "requestTtlSeconds"}, None)
        self.assertEqual(found.field, "request_ttl_seconds")
        self.assertEqual(
            found.message,
            'request_ttl_seconds: got 1; metadata.jobId: got "jobId: 1"; trace_context.traceparent: got 2; priority: got 3',
        )
        fields = ["inputBase64", "traceContext.traceparent", "metadata.jobId", "somethingNew", None]
        named = [errors.from_coded({**coded, "code": "CONFLICT", "message": "jobId: x", "field": field}, None) for field in fields]
        self.assertEqual(
            [error.field for error in named], ["input", "trace_context.traceparent", "metadata.jobId", "somethingNew", None]
        )
        # Without a field it is the model's or AWS's own.
        self.assertEqual([error.message for error in named], ["job_id: x", "job_id: x", "job_id: x", "job_id: x", "jobId: x"])


class Results(unittest.TestCase):
    completed = SuccessfulResult(job_id="a", data={"page": [1]}, timings={"acceptedAt": "now"})
    failed = FailedResult(job_id="b", error=refusal())

    def test_results_and_statuses_go_into_sets_and_are_equal_by_value(self) -> None:
        status = JobStatus(job_id="a", state="FAILED", ended=True, error=refusal(), metadata={"tenant": "acme"})
        for value in (self.completed, self.failed, status):
            again = pickle.loads(pickle.dumps(value))
            self.assertEqual({value, again}, {value})
        self.assertNotEqual(self.completed, dataclasses.replace(self.completed, data=None))

    def test_the_two_results_are_told_apart_by_success_error_and_class(self) -> None:
        self.assertEqual([self.completed.success, self.completed.error, self.failed.success, self.failed.data], [True, None, False, None])
        self.assertEqual(dataclasses.asdict(self.failed)["error"], refusal())
        names = list(dataclasses.asdict(self.completed))
        self.assertEqual(names, list(dataclasses.asdict(self.failed)))
        with self.assertRaises(dataclasses.FrozenInstanceError):
            self.completed.data = 1  # type: ignore[misc]

    def test_code_that_was_written_for_one_class_of_results_goes_on_working(self) -> None:
        own: Any = Result
        fake = own(success=True, job_id="a", data=1)
        self.assertEqual([isinstance(given, own) for given in (self.completed, self.failed, fake, 1)], [True, True, True, False])
        self.assertEqual(repr(fake)[:38], "Result(success=True, job_id='a', data=")
        self.assertEqual(pickle.loads(pickle.dumps(fake)), fake)
        match self.failed:
            case own(success=False, error=error):
                self.assertEqual(error, refusal())
            case _:
                self.fail("not matched")


class Handles(unittest.TestCase):
    def test_handles_of_one_job_are_one_key(self) -> None:
        again = SageMakerAsyncClient(dataclasses.replace(OUTPUTS))
        self.assertEqual({client.job("a"), client.job("a"), again.job("a")}, {client.job("a")})
        elsewhere = SageMakerAsyncClient(dataclasses.replace(OUTPUTS, job_table_name="others"))
        self.assertEqual([client.job("a") == other for other in (client.job("b"), elsewhere.job("a"), "a")], [False, False, False])

    def test_handles_go_to_another_process_and_share_one_client_there(self) -> None:
        jobs = [pickle.loads(pickle.dumps(Job(client, name, f"1.{name}"))) for name in ("a", "b")]
        self.assertEqual(jobs, [client.job("a"), client.job("b")])
        self.assertEqual([job.inference_id for job in jobs], ["1.a", "1.b"])
        self.assertIs(jobs[0]._client, jobs[1]._client)
        self.assertIsNot(jobs[0]._client, client)
        self.assertEqual((jobs[0]._client._max_attempts, jobs[0]._client._timeout_seconds), (1, 1200))

    def test_credentials_of_a_session_are_never_pickled(self) -> None:
        own = SageMakerAsyncClient(OUTPUTS, session=boto3.Session(aws_access_key_id="AKIAOWN", aws_secret_access_key="own"))
        with self.assertRaisesRegex(TypeError, "make a client in each process"):
            pickle.dumps(own.job("a"))

    def test_a_forked_process_does_not_read_the_answers_of_its_parent(self) -> None:
        before = client._aws.table
        self.assertIs(client._aws.table, before)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            # Nothing of the test's own may go on in the child.
            os.write(writing, bytes([client._aws.table is before, client._aws.table is client._aws.table]))
            os._exit(0)
        os.waitpid(child, 0)
        self.assertEqual(os.read(reading, 2), bytes([False, True]))
        os.close(reading)
        os.close(writing)
        self.assertIs(client._aws.table, before)

    def test_a_client_ends_its_connections_with_its_block(self) -> None:
        with SageMakerAsyncClient(OUTPUTS) as own:
            made = (own._aws.functions, own._aws.table, own._aws.objects)
            closes = [mock.patch.object(each, "close", wraps=each.close).start() for each in made]
        self.assertEqual([close.call_count for close in closes], [1, 1, 1])

    def test_a_printed_client_says_which_service_and_no_credentials(self) -> None:
        self.assertEqual(repr(client), "SageMakerAsyncClient('submit', region='eu-west-1', endpoint_url='http://127.0.0.1:9')")
        self.assertEqual(repr(client.job("a")), "Job('a')")

    def test_an_unknown_profile_is_an_error_of_the_client(self) -> None:
        with mock.patch.dict(os.environ, {"AWS_PROFILE": "nobody"}):
            self.assertEqual(raised(lambda: SageMakerAsyncClient(OUTPUTS)), [
                "BAD_INPUT", None, "ProfileNotFound: The config profile (nobody) could not be found",
            ])  # fmt: skip


class Arguments(unittest.TestCase):
    def test_a_call_without_an_input_wakes_no_instance(self) -> None:
        expected = ["BAD_INPUT", "input", "input: got neither an input nor input_location, expected one of them"]
        self.assertEqual([raised(client.submit), raised(client.invoke)], [expected, expected])
        both = ["BAD_INPUT", "input", "input: got an input and input_location, expected one of them"]
        self.assertEqual(raised(lambda: client.submit(0, input_location="s3://bucket/key")), both)

    def test_none_is_the_null_of_json_as_in_typescript_and_nothing_beside_a_location(self) -> None:
        sent: list[dict[str, Any]] = []

        def invoke(FunctionName: str, Payload: bytes) -> dict[str, Any]:
            sent.append(json.loads(Payload))
            return {"Payload": io.BytesIO(b'{"statusCode": 202}')}

        own = SageMakerAsyncClient(OUTPUTS)
        with mock.patch.object(own._aws.functions, "invoke", invoke):
            own.submit(None, job_id="a")
            own.submit(None, input_location="s3://bucket/key", job_id="b", metadata={"a": "ü"}, accept=None)
        self.assertEqual(sent, [
            {"jobId": "a", "contentType": "application/json", "inputBase64": base64.b64encode(b"null").decode()},
            {"jobId": "b", "inputLocation": "s3://bucket/key", "metadata": {"a": "ü"}},
        ])  # fmt: skip

    def test_what_is_wrong_with_an_option_is_said_of_that_option_and_all_at_once(self) -> None:
        options: Any = {"job_id": 17, "metadata": {"at": datetime(2026, 1, 1)}, "trace_context": "00-1", "accept": {1}}
        self.assertEqual(raised(lambda: client.submit(1, **options)), [
            "BAD_INPUT",
            "job_id",
            'job_id: got 17, expected 1 to 60 letters, digits, ".", "_" and "-", a letter or digit first; '
            "accept: Object of type set is not JSON serializable; "
            "metadata: Object of type datetime is not JSON serializable; "
            'trace_context: got "00-1", expected a mapping of strings to strings',
        ])  # fmt: skip

    def test_invoke_refuses_before_it_submits_what_only_the_reading_needs(self) -> None:
        options: Any = {"timeout_seconds": "60", "to_file": "/nowhere/at/all"}
        self.assertEqual(raised(lambda: client.invoke(1, **options)), [
            "BAD_INPUT",
            "timeout_seconds",
            'timeout_seconds: got "60", expected a number from 0 to 604800; to_file: /nowhere/at/all is in a folder that is not there',
        ])  # fmt: skip

    def test_numbers_of_other_libraries_are_numbers(self) -> None:
        own = SageMakerAsyncClient(OUTPUTS, timeout_seconds=Fraction(1, 2), poll_interval_seconds=True + 1)  # type: ignore[arg-type]
        self.assertEqual((own._timeout_seconds, own._poll_interval_seconds), (0.5, 2.0))
        self.assertEqual(raised(lambda: SageMakerAsyncClient(OUTPUTS, max_attempts=10**400))[1], "max_attempts")

    def test_inputs_that_json_has_no_word_for_are_answered_with_what_to_give(self) -> None:
        def advice(given: Any) -> str:
            with self.assertRaises(AsyncInferenceError) as refused:
                client.submit(given)
            self.assertEqual((refused.exception.code, refused.exception.field), ("BAD_INPUT", "input"))
            return refused.exception.advice

        self.assertRegex(advice(io.BytesIO(b"page")), r"read\(\) returns")
        self.assertRegex(advice(number for number in range(3)), r"list\(")
        self.assertRegex(advice({"at": datetime(2026, 1, 1)}), r"isoformat\(")

    def test_a_path_that_is_no_file_is_refused_at_once_and_by_its_own_words(self) -> None:
        class Bytes(os.PathLike[bytes]):
            def __fspath__(self) -> bytes:
                return b"/nowhere/page.png"

        with tempfile.TemporaryDirectory() as folder:
            pipe = Path(folder) / "pipe"
            os.mkfifo(pipe)
            self.assertEqual(raised(lambda: client.submit(pipe)), ["BAD_INPUT", "input", f"input: {pipe} is not a file"])
            self.assertEqual(raised(lambda: client.submit(Path(folder))), ["BAD_INPUT", "input", f"input: {folder} is not a file"])
        with self.assertRaises(AsyncInferenceError) as missing:
            client.submit(Bytes())
        self.assertEqual(missing.exception.code, "NOT_FOUND")
        self.assertEqual(missing.exception.advice, "Look whether the file is there and its path is spelled right.")

    def test_a_file_that_goes_away_between_two_looks_is_an_error_of_the_client(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "page.png"
            page.write_bytes(b"page")
            given = content.read_input(page, None)
        self.assertEqual(raised(given.open)[:2], ["NOT_FOUND", "input"])


class Outputs(unittest.TestCase):
    def test_what_cannot_be_read_as_outputs_is_an_error_of_the_client(self) -> None:
        given: Any = 17
        self.assertEqual(
            raised(lambda: read_outputs(given)),
            ["BAD_INPUT", "outputs", "outputs: got 17, expected the path of a file, or the outputs as a mapping"],
        )
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(raised(lambda: read_outputs(folder)), ["BAD_INPUT", None, f"{folder}: can't be read: Is a directory"])

    def test_a_stack_on_an_embedded_cloud_is_found_where_the_variable_says_or_its_queues_are(self) -> None:
        names = "bucketName inputPrefix jobTableName jobTableArn submitFunctionName submitFunctionArn region partition".split()
        bare = {**dict.fromkeys(names, "x"), "contractVersion": 1, "accountId": "000000000000"}
        outputs = {**bare, "deadLetterQueueUrl": "http://127.0.0.1:4566/000000000000/queue"}
        with mock.patch.dict(os.environ):
            os.environ.pop("AWS_ENDPOINT_URL", None)
            self.assertEqual(read_outputs(outputs).endpoint_url, "http://127.0.0.1:4566")
            self.assertEqual(raised(lambda: read_outputs(bare)), [
                "BAD_INPUT", None, "outputs: those of an embedded cloud, without its address.",
            ])  # fmt: skip
        with mock.patch.dict(os.environ, {"AWS_ENDPOINT_URL": "http://127.0.0.1:5000"}):
            self.assertEqual(read_outputs(outputs).endpoint_url, "http://127.0.0.1:5000")
            self.assertEqual(read_outputs({**outputs, "accountId": "123456789012"}).endpoint_url, None)


if __name__ == "__main__":
    unittest.main()
