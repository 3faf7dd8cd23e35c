#!/usr/bin/env bash
# standardwebhooks 1.1.0 for Python and 1.1.1 for JavaScript, which sign and verify each other's webhooks. Node.js 22 or later.
#
# Guess:     one moment has one signature, whatever zone its datetime is written in. The receiver may pass the request's headers as
#            the framework gives them: a `Headers` object in JavaScript. A secret read from a file works, or doesn't, in both.
# Behaviour: in Python, `sign` takes the wall clock of a datetime for UTC: the same moment in another zone is signed as hours away,
#            and the receiver finds no matching signature. In JavaScript a `Headers` object has no headers: "Missing required
#            headers". A line break at a secret's end is skipped in Python and refused in JavaScript.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check standardwebhooks==1.1.0
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . standardwebhooks@1.1.1
cat >sign.py <<'PYTHON'
import json, time
from datetime import datetime, timedelta, timezone
from standardwebhooks import Webhook

secret = "whsec_" + "c2VjcmV0" * 5 + "c2VjcmU="
now = datetime.fromtimestamp(int(time.time()), timezone.utc)
signatures = {
    zone: Webhook(secret).sign("job_1", now.astimezone(timezone(timedelta(hours=hours))), "{}") for zone, hours in (("UTC", 0), ("UTC+2", 2))
}
from_file = Webhook(secret + "\n").sign("job_1", now, "{}") == signatures["UTC"]
print(json.dumps({"secret": secret, "timestamp": str(int(now.timestamp())), "signatures": signatures, "from_file": from_file}))
PYTHON
cat >verify.mjs <<'JAVASCRIPT'
import { Webhook } from "standardwebhooks";

const { secret, timestamp, signatures, from_file } = JSON.parse(process.argv[2]);
const attempt = (what, verify) => {
  try {
    verify();
    console.log(`${what}: good`);
  } catch (error) {
    console.log(`${what}: ${error.message}`);
  }
};
const headers = (zone) => ({ "webhook-id": "job_1", "webhook-timestamp": timestamp, "webhook-signature": signatures[zone] });
for (const zone of ["UTC", "UTC+2"]) attempt(`signed in ${zone}`, () => new Webhook(secret).verify("{}", headers(zone)));
attempt("Headers object", () => new Webhook(secret).verify("{}", new Headers(headers("UTC"))));
console.log(`secret with a line break in Python: ${from_file ? "good" : "another key"}`);
attempt("secret with a line break in JavaScript", () => new Webhook(`${secret}\n`));
JAVASCRIPT
seen=$(node verify.mjs "$(venv/bin/python sign.py)")
expected="signed in UTC: good
signed in UTC+2: No matching signature found
Headers object: Missing required headers
secret with a line break in Python: good
secret with a line break in JavaScript: Base64Coder: incorrect characters for decoding"

printf 'standardwebhooks 1.1.0 (Python), 1.1.1 (JavaScript)\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
