#!/usr/bin/env bash
# aws-local-stepfunctions 3.0.0, tasks that wait for a job. Needs Node.js 22 or later. Takes about a minute.
#
# Guess:     a task without TimeoutSeconds may take as long as it takes (the language's default is 99999999 seconds); one with
#            HeartbeatSeconds ends when no sign of life comes for so long.
# Behaviour: a task without TimeoutSeconds ends after 60 seconds with States.Timeout, as in an early edition of the language.
#            HeartbeatSeconds does nothing: a test of what a missing heartbeat leads to passes only when the task ends by itself.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . aws-local-stepfunctions@3.0.0
cat >wait.mjs <<'JAVASCRIPT'
import { setTimeout as sleep } from "node:timers/promises";
import { StateMachine } from "aws-local-stepfunctions";

const run = (settings, seconds) => {
  const Work = { Type: "Task", Resource: "arn:aws:lambda:eu-west-1:123456789012:function:ocr", End: true, ...settings };
  const work = () => sleep(seconds * 1000, "done", { ref: false });
  const overrides = { taskResourceLocalHandlers: { Work: work } };
  return new StateMachine({ StartAt: "Work", States: { Work } }).run({}, { overrides }).result.catch(({ message }) => message);
};
const started = performance.now();
const runs = [run({ HeartbeatSeconds: 1, TimeoutSeconds: 30 }, 5), run({}, 90), run({ TimeoutSeconds: 100 }, 65)];
const [silent, plain, limited] = await Promise.all(runs);
console.log("HeartbeatSeconds 1, work of 5 seconds:", silent);
console.log("no TimeoutSeconds, work of 90 seconds:", plain);
console.log("TimeoutSeconds 100, work of 65 seconds:", limited);
console.log("ended before 90 seconds:", performance.now() - started < 90_000);
JAVASCRIPT
seen=$(node wait.mjs)
expected='HeartbeatSeconds 1, work of 5 seconds: done
no TimeoutSeconds, work of 90 seconds: Execution has failed with the following error: States.Timeout
TimeoutSeconds 100, work of 65 seconds: done
ended before 90 seconds: true'

printf 'aws-local-stepfunctions 3.0.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
