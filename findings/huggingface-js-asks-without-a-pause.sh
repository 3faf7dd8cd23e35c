#!/usr/bin/env bash
# @huggingface/inference 4.13.30, asking an endpoint that sleeps at zero: it answers 503 with Retry-After until it has started. Node.js 22
# or later.
#
# Guess:     the client asks again after a pause that grows or that the answer names, so many times or so long that a refusal ends in an error.
# Behaviour: it sends the whole request again at once, as often as there is a 503: two thousand times here in seconds, where the
#            answer asks for a minute each. Nothing but another answer or the caller's signal ends it. With `retry_on_error: false`
#            the first 503 is an error. Too many requests (429) and 500 are errors at once.
#            The list of labels that a pipeline of transformers gives for one text is refused: it must stand in another list.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . @huggingface/inference@4.13.30
cat >ask.mjs <<'JAVASCRIPT'
import { createServer } from "node:http";
import { InferenceClient } from "@huggingface/inference";

let answers = [];
let seen = { requests: 0, bytes: 0 };
const server = createServer((request, response) => {
  seen.requests += 1;
  request.on("data", (chunk) => (seen.bytes += chunk.length));
  request.on("end", () => {
    const [status, body] = seen.requests < answers.length ? answers[seen.requests - 1] : answers.at(-1);
    response.writeHead(status, { "content-type": "application/json", "retry-after": "60" }).end(JSON.stringify(body));
  });
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const client = new InferenceClient().endpoint(`http://127.0.0.1:${server.address().port}`);

async function ask(name, given, options) {
  answers = given;
  seen = { requests: 0, bytes: 0 };
  const end = await client.textClassification({ inputs: "a".repeat(988) }, options).then(
    (labels) => `label ${labels[0].label}`,
    (error) => `error ${error.httpResponse?.status ?? error.name}`,
  );
  console.log(`${name}: ${end}, ${seen.requests} requests, ${seen.bytes} bytes`);
}
const label = { label: "ok", score: 1 };
const ready = [200, [[label]]];
const busy = (status, times) => Array(times).fill([status, { error: "not yet" }]);
await ask("2000 times 503", [...busy(503, 2000), ready]);
await ask("503, retry_on_error: false", [...busy(503, 1), ready], { retry_on_error: false });
await ask("429", [...busy(429, 1), ready]);
await ask("500", [...busy(500, 1), ready]);
await ask("a list of labels", [[200, [label]]]);
server.close();
JAVASCRIPT
seen=$(node --no-warnings ask.mjs)
expected='2000 times 503: label ok, 2001 requests, 2003001 bytes
503, retry_on_error: false: error 503, 1 requests, 1001 bytes
429: error 429, 1 requests, 1001 bytes
500: error 500, 1 requests, 1001 bytes
a list of labels: error ProviderOutputError, 1 requests, 1001 bytes'

printf '@huggingface/inference 4.13.30\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
