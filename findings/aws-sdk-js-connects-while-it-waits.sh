#!/usr/bin/env bash
# @aws-sdk/client-dynamodb 3.1169.0 with @smithy/core 3.41.1 and @smithy/node-http-handler 4.14.2, its `connectionTimeout`, and an agent of
# one socket. A local server stands for DynamoDB: it takes each connection at once, and answers after a second.
#
# Guess:     the time is that of making a connection, as its name and its message say. Both of two calls at once succeed, the second one
#            after two seconds over the connection that the first one made.
# Behaviour: the time runs from the call on. A call that waits for a socket is ended by it, with words about a server that did not accept
#            the connection, although the one connection was there at once. So are calls of a process that is busy for as long.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . \
  @aws-sdk/client-dynamodb@3.1169.0 @smithy/core@3.41.1 @smithy/node-http-handler@4.14.2
cat >wait.js <<'JAVASCRIPT'
const { DynamoDBClient, GetItemCommand } = require("@aws-sdk/client-dynamodb");
const { Agent, createServer } = require("node:http");
const { once } = require("node:events");

async function main() {
  let connections = 0;
  const server = createServer((request, response) => {
    request.resume();
    setTimeout(() => response.end("{}"), 1000);
  });
  server.on("connection", () => connections++);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const client = new DynamoDBClient({
    region: "eu-west-1",
    endpoint: `http://127.0.0.1:${server.address().port}`,
    credentials: { accessKeyId: "id", secretAccessKey: "secret" },
    maxAttempts: 1,
    requestHandler: { httpAgent: new Agent({ keepAlive: true, maxSockets: 1 }), connectionTimeout: 500 },
  });
  const get = () => client.send(new GetItemCommand({ TableName: "jobs", Key: { id: { S: "1" } } }));
  const words = ({ status, reason }) => (status === "fulfilled" ? "answered" : `${reason.name}: ${reason.message.split(" - ")[1]}`);
  for (const settled of await Promise.allSettled([get(), get()])) console.log(words(settled));
  console.log(`connections: ${connections}`);
  client.destroy();
  server.close();
}

main();
JAVASCRIPT
seen=$(NODE_NO_WARNINGS=1 node wait.js)
expected='answered
TimeoutError: the request socket did not establish a connection with the server within the configured timeout of 500 ms.
connections: 1'

printf '@aws-sdk/client-dynamodb 3.1169.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
