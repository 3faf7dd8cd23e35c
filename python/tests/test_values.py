"""What needs no service: errors, results and handles as Python values. Each title says what a user would lose."""

import copy
import multiprocessing
import pickle
import unittest
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from sagemaker_async_inference import AsyncInferenceError

REFUSAL: dict[str, Any] = {
    "advice": "Give 2.",
    "retryable": True,
    "field": "n",
    "job_id": "order-17",
    "raw": b"\x00",
}


def refusal() -> AsyncInferenceError:
    return AsyncInferenceError("BAD_INPUT", "n: got 1", **REFUSAL)


def refuse(job_id: str) -> str:
    if job_id == "bad":
        raise refusal()
    return job_id


def everything_of(error: BaseException) -> dict[str, Any]:
    return {"type": type(error), "text": str(error), "args": error.args, **vars(error)}


class OwnError(AsyncInferenceError):
    """As somebody derives one, with a constructor of its own."""

    def __init__(self, tenant: str) -> None:
        super().__init__("LIMIT", f"{tenant} has enough")
        self.tenant = tenant


class Errors(unittest.TestCase):
    def test_a_refusal_pickles_and_copies_whole(self) -> None:
        error = refusal()
        ways = [lambda given, protocol=protocol: pickle.loads(pickle.dumps(given, protocol)) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
        for way in [*ways, copy.copy, copy.deepcopy]:
            again = way(error)
            self.assertIsNot(again, error)
            self.assertEqual(everything_of(again), everything_of(error))
        self.assertEqual(everything_of(error), {
            "type": AsyncInferenceError, "text": "BAD_INPUT: n: got 1. Give 2.", "args": ("n: got 1",),
            "code": "BAD_INPUT", "message": "n: got 1", **REFUSAL,
        })  # fmt: skip

    def test_an_error_derived_from_ours_pickles_with_its_own_constructor(self) -> None:
        again = pickle.loads(pickle.dumps(OwnError("acme")))
        self.assertEqual((type(again), again.code, again.tenant), (OwnError, "LIMIT", "acme"))

    def test_one_refused_job_does_not_take_the_other_jobs_of_a_process_pool_with_it(self) -> None:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
            good, bad, after = (pool.submit(refuse, job_id) for job_id in ("first", "bad", "last"))
            with self.assertRaises(AsyncInferenceError) as raised:
                bad.result()
            self.assertEqual(raised.exception.code, "BAD_INPUT")
            self.assertEqual((good.result(), after.result()), ("first", "last"))


if __name__ == "__main__":
    unittest.main()
