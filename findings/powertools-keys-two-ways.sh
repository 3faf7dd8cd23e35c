#!/usr/bin/env bash
# aws-lambda-powertools 3.37.0, a function that S3 notifies of results: the object's key as the library's classes give it. S3 encodes
# the key in its own notifications (a space is "+", a plus sign "%2B"), and does not in events that go through EventBridge.
#
# Guess:     `key` is the object's key, ready to be read from S3, whichever of the library's classes holds the event.
# Behaviour: for S3's own notification `event.object_key` is decoded, and the same record's `get_object.key` and the parser's model are
#            not. For EventBridge it is the other way round: the parser leaves the key as it is, which is right, and the data class
#            decodes what was never encoded: a plus sign becomes a space, and the function reads another object, or none.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "aws-lambda-powertools[parser]==3.37.0"
cd "$folder"
cat >keys.py <<'PYTHON'
from aws_lambda_powertools.utilities.data_classes import S3Event, S3EventBridgeNotificationEvent
from aws_lambda_powertools.utilities.parser.models import S3EventNotificationEventBridgeModel, S3Model

record = {
    "eventVersion": "2.1",
    "eventSource": "aws:s3",
    "awsRegion": "eu-west-1",
    "eventTime": "2026-01-25T22:47:00.123Z",
    "eventName": "ObjectCreated:Put",
    "userIdentity": {"principalId": "AWS:A"},
    "requestParameters": {"sourceIPAddress": "192.0.2.1"},
    "responseElements": {"x-amz-request-id": "A", "x-amz-id-2": "B"},
    "s3": {
        "s3SchemaVersion": "1.0",
        "configurationId": "results",
        "bucket": {"name": "pages", "ownerIdentity": {"principalId": "A"}, "arn": "arn:aws:s3:::pages"},
        "object": {"key": "page+1%2B2.out", "size": 1, "eTag": "e", "sequencer": "0"},
    },
}
notification = S3Event({"Records": [record]})
print("notification, object_key:    ", notification.object_key)
print("notification, get_object.key:", notification.record.s3.get_object.key)
print("notification, parser:        ", S3Model(Records=[record]).Records[0].s3.object.key)
event = {
    "version": "0",
    "id": "11111111-2222-3333-4444-555555555555",
    "detail-type": "Object Created",
    "source": "aws.s3",
    "account": "123456789012",
    "time": "2026-01-25T22:47:00Z",
    "region": "eu-west-1",
    "resources": ["arn:aws:s3:::pages"],
    "detail": {
        "version": "0",
        "bucket": {"name": "pages"},
        "object": {"key": "page 1+2.out", "size": 1, "etag": "e", "sequencer": "0"},
        "request-id": "A",
        "requester": "123456789012",
        "source-ip-address": "192.0.2.1",
        "reason": "PutObject",
    },
}
print("EventBridge, data class:     ", S3EventBridgeNotificationEvent(event).detail.object.key)
print("EventBridge, parser:         ", S3EventNotificationEventBridgeModel(**event).detail.object.key)
PYTHON
seen=$(venv/bin/python keys.py)
expected="notification, object_key:     page 1+2.out
notification, get_object.key: page+1%2B2.out
notification, parser:         page+1%2B2.out
EventBridge, data class:      page 1 2.out
EventBridge, parser:          page 1+2.out"

printf 'aws-lambda-powertools 3.37.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
