#!/usr/bin/env bash
# @aws-sdk/client-dynamodb 3.1169.0 with @smithy/core 3.41.1, its default `streamCollector` beside one of six lines, on Node 22.15 or newer.
# A local server stands for DynamoDB: it answers 150 BatchGetItem calls, one after the other, with 95 KB each.
#
# Guess:     an answer's bytes are garbage once it has been read, so that the next collection of young objects frees them: a process that
#            keeps nothing has few of them in memory, whoever collects the body.
# Behaviour: by default each body is piped into a stream of the SDK's own, and what hangs on that is passed on from young to old garbage.
#            Only a full collection frees it, for which V8 has no reason while objects are few: more than 10 MB of dead bytes stay. A
#            collector that reads the body by `for await` leaves less than a third of that.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . @aws-sdk/client-dynamodb@3.1169.0 @smithy/core@3.41.1
cat >read.js <<'JAVASCRIPT'
const { DynamoDBClient, BatchGetItemCommand } = require("@aws-sdk/client-dynamodb");

const collectors = {
  default: undefined,
  "for await": async (body) => {
    const chunks = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks);
  },
};

async function main(port, name) {
  const streamCollector = collectors[name];
  const client = new DynamoDBClient({
    region: "eu-west-1",
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: "id", secretAccessKey: "secret" },
    ...(streamCollector && { streamCollector }),
  });
  const Keys = Array.from({ length: 100 }, (_, index) => ({ id: { S: `job-${index}` } }));
  let most = 0;
  for (let call = 0; call < 150; call++) {
    await client.send(new BatchGetItemCommand({ RequestItems: { jobs: { Keys } } }));
    most = Math.max(most, process.memoryUsage().arrayBuffers);
  }
  console.log(most);
  client.destroy();
}

main(process.argv[2], process.argv[3]);
JAVASCRIPT
cat >serve.js <<'JAVASCRIPT'
const { createServer } = require("node:http");
const { spawn } = require("node:child_process");
const { once } = require("node:events");

async function main() {
  const item = (index) => ({ id: { S: `job-${index}` }, text: { S: "x".repeat(900) } });
  const body = JSON.stringify({ Responses: { jobs: Array.from({ length: 100 }, (_, index) => item(index)) }, UnprocessedKeys: {} });
  const server = createServer((request, response) => {
    request.resume().on("end", () => setTimeout(() => response.end(body), 10));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const most = {};
  for (const name of ["default", "for await"]) {
    const child = spawn(process.execPath, ["read.js", String(server.address().port), name], { stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.on("data", (text) => (most[name] = Number(text)));
    await once(child, "close");
  }
  console.log(`default: ${most.default > 10e6 ? "more" : "less"} than 10 MB of array buffers`);
  console.log(`for await: ${most["for await"] * 3 < most.default ? "less" : "more"} than a third of that`);
  server.close();
}

main();
JAVASCRIPT
seen=$(NODE_NO_WARNINGS=1 node serve.js)
expected='default: more than 10 MB of array buffers
for await: less than a third of that'

printf '@aws-sdk/client-dynamodb 3.1169.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
