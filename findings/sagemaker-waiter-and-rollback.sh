#!/usr/bin/env bash
# boto3 1.44.8: its waiters for SageMaker endpoints, as a pipeline waits after an update. The stubs of botocore give the service's answers;
# the pause between two questions, 30 seconds by default, is set to 0.
#
# Guess:     endpoint_in_service ends with an error once the update has failed, and endpoint_deleted once the endpoint was there and went.
# Behaviour: an update that was rolled back is a success, as the endpoint is in service again with the configuration before it: only
#            EndpointConfigName tells. When the roll-back failed too, and when the endpoint is out of service, neither of which ends by
#            itself, it asks 120 times (an hour by default), and then says "Max attempts exceeded". The waiter for the deletion is
#            content with each ValidationException, of a request that is not valid as well.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check boto3==1.44.8
cd "$folder"
cat >wait.py <<'PYTHON'
import datetime
import boto3
from botocore.exceptions import WaiterError
from botocore.stub import Stubber

now = datetime.datetime(2026, 1, 1)


def wait(name, waiter, *statuses, config="new", error=None):
    client = boto3.client("sagemaker", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    stub = Stubber(client)
    asked = 0

    def count(**_):
        nonlocal asked
        asked += 1

    client.meta.events.register("before-parameter-build.sagemaker.DescribeEndpoint", count)
    for status in [*statuses, *statuses[-1:] * 200]:
        answer = {"EndpointName": "ocr", "EndpointArn": "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/ocr", "CreationTime": now}
        stub.add_response("describe_endpoint", {**answer, "EndpointStatus": status, "EndpointConfigName": config, "LastModifiedTime": now})
    if error:
        stub.add_client_error("describe_endpoint", "ValidationException", error)
    with stub:
        try:
            client.get_waiter(waiter).wait(EndpointName="ocr", WaiterConfig={"Delay": 0})
            end = "success"
        except WaiterError as failure:
            end = str(failure).split(": ", 1)[1].split(".")[0]
    print(f"{name}: asked {asked} times, {end}")


wait("update, done", "endpoint_in_service", "Updating", "InService")
wait("update, rolled back", "endpoint_in_service", "Updating", "RollingBack", "InService", config="old")
wait("update, roll-back failed", "endpoint_in_service", "Updating", "RollingBack", "UpdateRollbackFailed")
wait("out of service", "endpoint_in_service", "OutOfService")
wait("creation failed", "endpoint_in_service", "Creating", "Failed")
wait("deletion, not valid", "endpoint_deleted", error="Value 'ocr ' at 'endpointName' failed to satisfy constraint")
PYTHON
seen=$(venv/bin/python -W ignore wait.py)
expected='update, done: asked 2 times, success
update, rolled back: asked 3 times, success
update, roll-back failed: asked 120 times, Max attempts exceeded
out of service: asked 120 times, Max attempts exceeded
creation failed: asked 2 times, Waiter encountered a terminal failure state: For expression "EndpointStatus" we matched expected path: "Failed"
deletion, not valid: asked 1 times, success'

printf 'boto3 1.44.8\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
