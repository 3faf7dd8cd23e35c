#!/usr/bin/env bash
# fauxqs 2.4.1, a queue of jobs with a dead-letter queue, asked by @aws-sdk/client-sqs 3.1169.0. Node.js 22 or later.
#
# Guess:     a dead letter says in DeadLetterQueueSourceArn which queue it comes from, as the SDK and SQS have it; what SQS refuses
#            is refused, as a delay of more than 900 seconds.
# Behaviour: a message that the redrive policy moved has no source, not for "All" and not by name: code that puts dead letters back to their
#            queue can't be tested. A delay of 3600 seconds is taken. Moving messages back by SQS itself is an unknown action.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . fauxqs@2.4.1 @aws-sdk/client-sqs@3.1169.0
cat >letters.mjs <<'JAVASCRIPT'
import * as sqs from "@aws-sdk/client-sqs";
import { startFauxqs } from "fauxqs";

const server = await startFauxqs({ port: 0, logger: false });
const credentials = { accessKeyId: "a", secretAccessKey: "b" };
const client = new sqs.SQSClient({ endpoint: `http://127.0.0.1:${server.port}`, region: "eu-west-1", credentials });
const create = async (QueueName, Attributes) => (await client.send(new sqs.CreateQueueCommand({ QueueName, Attributes }))).QueueUrl;
const dead = await create("dead");
const { Attributes } = await client.send(new sqs.GetQueueAttributesCommand({ QueueUrl: dead, AttributeNames: ["QueueArn"] }));
const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes.QueueArn, maxReceiveCount: 1 });
const jobs = await create("jobs", { VisibilityTimeout: "0", RedrivePolicy });
const receive = async (QueueUrl, name) =>
  (await client.send(new sqs.ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0, MessageSystemAttributeNames: [name] }))).Messages?.[0];
await client.send(new sqs.SendMessageCommand({ QueueUrl: jobs, MessageBody: "order-17" }));
await receive(jobs, "All");
await receive(jobs, "All");
for (const name of ["All", "DeadLetterQueueSourceArn"]) {
  const { Body, Attributes = {} } = await receive(dead, name);
  console.log(`dead letter ${Body}, asked for ${name}: source ${Attributes.DeadLetterQueueSourceArn ?? "unknown"}`);
}
const attempt = (what, command) =>
  client.send(command).then(() => console.log(`${what}: taken`), (error) => console.log(`${what}: ${error.name}`));
await attempt("delay of 3600 seconds", new sqs.SendMessageCommand({ QueueUrl: jobs, MessageBody: "order-18", DelaySeconds: 3600 }));
await attempt("move back", new sqs.StartMessageMoveTaskCommand({ SourceArn: Attributes.QueueArn }));
await server.stop();
JAVASCRIPT
seen=$(node --no-warnings letters.mjs)
expected="dead letter order-17, asked for All: source unknown
dead letter order-17, asked for DeadLetterQueueSourceArn: source unknown
delay of 3600 seconds: taken
move back: InvalidAction"

printf 'fauxqs 2.4.1\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
