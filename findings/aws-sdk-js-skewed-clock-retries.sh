#!/usr/bin/env bash
# @aws-sdk/client-dynamodb 3.1169.0 with @aws-sdk/core 3.981.2 and @smithy/core 3.41.1, on a client whose clock is an hour off and
# which has learnt so from an earlier answer. A local server stands for DynamoDB: it refuses a conditional put.
#
# Guess:     ConditionalCheckFailedException is final, so it is sent once. Only a refusal of the signature's time is worth another try,
#            and the SDK corrects its clock anyway after the first answer.
# Behaviour: while the service's `Date` differs by 4 minutes or more from the client's clock, every refusal that has a `Date` is
#            marked `$metadata.clockSkewCorrected` and sent again up to `maxAttempts`. The offset is measured anew from each answer,
#            and a difference of one millisecond counts as a correction. `disableClockSkewCorrection` turns this off with the correction.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . \
  @aws-sdk/client-dynamodb@3.1169.0 @aws-sdk/core@3.981.2 @smithy/core@3.41.1
cat >count.js <<'JAVASCRIPT'
const { DynamoDBClient, PutItemCommand } = require("@aws-sdk/client-dynamodb");
const { createServer } = require("node:http");
const { once } = require("node:events");

async function count(hours) {
  let requests = 0;
  let refusing = false;
  const server = createServer((request, response) => {
    requests++;
    request.resume();
    response.setHeader("date", new Date(Date.now() + hours * 3_600_000).toUTCString());
    response.statusCode = refusing ? 400 : 200;
    const body = refusing ? '{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}' : "{}";
    // A network's way takes longer than the millisecond within which two offsets could be equal.
    setTimeout(() => response.end(body), 20);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = new DynamoDBClient({
    region: "eu-west-1",
    endpoint: `http://127.0.0.1:${server.address().port}`,
    credentials: { accessKeyId: "id", secretAccessKey: "secret" },
    maxAttempts: 3,
  });
  const put = new PutItemCommand({ TableName: "jobs", Item: { id: { S: "1" } }, ConditionExpression: "attribute_not_exists(id)" });
  await client.send(put);
  requests = 0;
  refusing = true;
  const { name } = await client.send(put).catch((error) => error);
  console.log(`clock ${hours} hours off: ${name}, requests: ${requests}`);
  client.destroy();
  server.close();
}

count(0).then(() => count(1));
JAVASCRIPT
seen=$(NODE_NO_WARNINGS=1 node count.js)
expected='clock 0 hours off: ConditionalCheckFailedException, requests: 1
clock 1 hours off: ConditionalCheckFailedException, requests: 3'

printf '@aws-sdk/client-dynamodb 3.1169.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
