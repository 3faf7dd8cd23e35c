#!/usr/bin/env bash
# APScheduler 3.11.3 and croniter 7.0.0 (Python), croner 11.0.1 and cron-parser 5.10.6 (JavaScript): the first run of one crontab line after
# Saturday, 31 October 2026. EventBridge's own cron counts the days from Sunday as 1.
#
# Guess:     a function named `from_crontab` counts the days as crontab does, Sunday as 0, and runs when either of two given days comes.
# Behaviour: in APScheduler 0 is Monday: what is to run on Monday runs on Tuesday, and a schedule of working days, 1-5, from Tuesday to Saturday.
#            7 is refused. With a day of the month and one of the week it waits for a day that is both. Names of days are right in all four,
#            as they are in EventBridge.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check apscheduler==3.11.3 croniter==7.0.0
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . croner@11.0.1 cron-parser@5.10.6
cat >next.py <<'PYTHON'
import datetime, sys
from apscheduler.triggers.cron import CronTrigger
from croniter import croniter

now = datetime.datetime(2026, 10, 31, 12, tzinfo=datetime.timezone.utc)
for line in sys.argv[1:]:
    try:
        run = CronTrigger.from_crontab(line, timezone="UTC").get_next_fire_time(None, now).strftime("%a %d %b %Y")
    except ValueError:
        run = "refused"
    print(f"{line}: APScheduler {run}, croniter {croniter(line, now).get_next(datetime.datetime).strftime('%a %d %b %Y')}")
PYTHON
cat >next.js <<'JAVASCRIPT'
const { Cron } = require("croner");
const { CronExpressionParser } = require("cron-parser");
const now = new Date("2026-10-31T12:00:00Z");
const show = (date) => date.toUTCString().slice(0, 16).replace(",", "");
for (const line of process.argv.slice(2)) {
  const parsed = CronExpressionParser.parse(line, { currentDate: now, tz: "UTC" });
  console.log(`croner ${show(new Cron(line, { timezone: "UTC" }).nextRun(now))}, cron-parser ${show(parsed.next().toDate())}`);
}
JAVASCRIPT
lines=("0 9 * * 1" "0 9 * * 0" "0 9 * * 7" "0 9 * * 1-5" "0 9 * * MON" "0 9 3 * 4")
seen=$(paste -d' ' <(venv/bin/python -W ignore next.py "${lines[@]}" | sed 's/$/,/') <(node next.js "${lines[@]}"))
expected='0 9 * * 1: APScheduler Tue 03 Nov 2026, croniter Mon 02 Nov 2026, croner Mon 02 Nov 2026, cron-parser Mon 02 Nov 2026
0 9 * * 0: APScheduler Mon 02 Nov 2026, croniter Sun 01 Nov 2026, croner Sun 01 Nov 2026, cron-parser Sun 01 Nov 2026
0 9 * * 7: APScheduler refused, croniter Sun 01 Nov 2026, croner Sun 01 Nov 2026, cron-parser Sun 01 Nov 2026
0 9 * * 1-5: APScheduler Tue 03 Nov 2026, croniter Mon 02 Nov 2026, croner Mon 02 Nov 2026, cron-parser Mon 02 Nov 2026
0 9 * * MON: APScheduler Mon 02 Nov 2026, croniter Mon 02 Nov 2026, croner Mon 02 Nov 2026, cron-parser Mon 02 Nov 2026
0 9 3 * 4: APScheduler Fri 03 Sep 2027, croniter Tue 03 Nov 2026, croner Tue 03 Nov 2026, cron-parser Tue 03 Nov 2026'

printf 'APScheduler 3.11.3, croniter 7.0.0, croner 11.0.1, cron-parser 5.10.6\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
