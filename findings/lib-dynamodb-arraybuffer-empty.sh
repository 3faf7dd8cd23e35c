#!/usr/bin/env bash
# @aws-sdk/lib-dynamodb 3.1169.0 with @aws-sdk/core 3.981.2 and @smithy/core 3.41.1, writing bytes of the types that its typings list as binary.
#
# Guess:     an ArrayBuffer, as `response.arrayBuffer()` gives it, is stored as its bytes, as a Uint8Array is. What can't be is refused.
# Behaviour: ArrayBuffer, DataView and Blob are stored as an empty binary value, without an error: the bytes are lost. Typed arrays
#            of more than one byte an element, such as a vector of embeddings, are refused with a TypeError about strings.
#            `new Uint8Array(buffer)` keeps the bytes.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . \
  @aws-sdk/lib-dynamodb@3.1169.0 @aws-sdk/client-dynamodb@3.1169.0 @aws-sdk/core@3.981.2 @smithy/core@3.41.1
cat >put.mjs <<'JAVASCRIPT'
import { createServer } from "node:http";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";

let sent;
const server = createServer(async (request, response) => {
  sent = JSON.stringify(JSON.parse(Buffer.concat(await request.toArray())).Item.value);
  response.end("{}");
}).listen(0, "127.0.0.1", async () => {
  const endpoint = `http://127.0.0.1:${server.address().port}`;
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, region: "eu-west-1", credentials }));
  const bytes = Uint8Array.of(1, 2, 3, 4);
  for (const value of [bytes, bytes.buffer, new DataView(bytes.buffer), new Blob([bytes]), new Float32Array([1.5])]) {
    const put = client.send(new PutCommand({ TableName: "jobs", Item: { value } }));
    console.log(`${value.constructor.name}:`, await put.then(() => sent, String));
  }
  server.close();
  server.closeAllConnections();
});
JAVASCRIPT
seen=$(node --no-warnings put.mjs)
expected='Uint8Array: {"B":"AQIDBA=="}
ArrayBuffer: {"B":""}
DataView: {"B":""}
Blob: {"B":""}
Float32Array: TypeError: s.charCodeAt is not a function'

printf '@aws-sdk/lib-dynamodb 3.1169.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
