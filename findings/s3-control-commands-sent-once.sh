#!/usr/bin/env bash
# @aws-sdk/client-s3-control 3.1112.0 beside @aws-sdk/client-s3 3.1175.0, with the endpoint of a local server, as tests set it.
#
# Guess:     S3 Control asks the endpoint that it was given, as S3 does with an IP address; a command object can be sent again.
# Behaviour: the account is put before the host: 123456789012.127.0.0.1 is no valid address, and 123456789012.localhost is found on few
#            machines. A command object that is sent a second time, as in a loop that tries again, fails with
#            "Duplicate middleware name"; S3's can be sent again.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . \
  @aws-sdk/client-s3-control@3.1112.0 @aws-sdk/client-s3@3.1175.0 @aws-sdk/core@3.981.2 @smithy/core@3.41.1
cat >ask.mjs <<'JAVASCRIPT'
import { HeadBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { GetPublicAccessBlockCommand, S3ControlClient } from "@aws-sdk/client-s3-control";

// In place of the network: tells which host was asked.
const requestHandler = { handle: async ({ hostname }) => Promise.reject(new Error(`asked ${hostname}`)) };
async function ask(name, Client, endpoint, command) {
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const client = new Client({ endpoint, requestHandler, credentials, region: "eu-west-1", maxAttempts: 1 });
  try {
    await client.send(command);
  } catch ({ message }) {
    console.log(`${name}: ${message}`);
  }
}

console.error = () => {};
const bucket = new HeadBucketCommand({ Bucket: "pages" });
const account = () => new GetPublicAccessBlockCommand({ AccountId: "123456789012" });
const again = account();
await ask("S3, 127.0.0.1", S3Client, "http://127.0.0.1:9000", bucket);
await ask("S3, sent again", S3Client, "http://127.0.0.1:9000", bucket);
await ask("S3 Control, 127.0.0.1", S3ControlClient, "http://127.0.0.1:9000", account());
await ask("S3 Control, localhost", S3ControlClient, "http://localhost:9000", again);
await ask("S3 Control, sent again", S3ControlClient, "http://localhost:9000", again);
JAVASCRIPT
seen=$(node --no-warnings ask.mjs)
expected="S3, 127.0.0.1: asked 127.0.0.1
S3, sent again: asked 127.0.0.1
S3 Control, 127.0.0.1: Invalid URL
S3 Control, localhost: asked 123456789012.localhost
S3 Control, sent again: Duplicate middleware name 'parseOutpostArnablesMiddleaware'"

printf '@aws-sdk/client-s3-control 3.1112.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
