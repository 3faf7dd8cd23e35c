#!/usr/bin/env bash
# pynwb 4.2.0 (with hdmf 6.2.0) writes a table of trials with a model's answers for each, row by row, as NWB, the format of neurophysiology.
#
# Guess:     a column takes the type that holds all of its values, as in numpy or pandas, or a value that does not fit is refused.
# Behaviour: the first row decides. After a score of 1 a score of 2.5 is stored as 2, and one of 0.9 as 0; after True a count of 2 is True. Nothing
#            is reported. The same scores in another order are kept. A NaN is refused after 1 and kept after 1.0.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pynwb==4.2.0 hdmf==6.2.0 numpy==2.4.6
cd "$folder"
cat >trials.py <<'PYTHON'
import datetime
from pynwb import NWBFile, NWBHDF5IO


def show(values):
    file = NWBFile("answers of a model", "session 17", datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc))
    file.add_trial_column("answer", "what the model answered")
    for index, value in enumerate(values):
        file.add_trial(start_time=float(index), stop_time=index + 1.0, answer=value)
    try:
        with NWBHDF5IO("session.nwb", "w") as out:
            out.write(file)
    except ValueError as error:
        return print(f"{values} -> refused: {error}")
    with NWBHDF5IO("session.nwb", "r") as found:
        column = found.read().trials["answer"]
        print(f"{values} -> {[column[index].item() for index in range(len(values))]}")


show([1, 2.5, 0.9])
show([2.5, 1, 0.9])
show([True, 2, 0])
show([1, float("nan")])
show([1.0, float("nan")])
PYTHON
seen=$(venv/bin/python -W ignore trials.py)
expected='[1, 2.5, 0.9] -> [1, 2, 0]
[2.5, 1, 0.9] -> [2.5, 1.0, 0.9]
[True, 2, 0] -> [True, True, False]
[1, nan] -> refused: cannot convert float NaN to integer
[1.0, nan] -> [1.0, nan]'

printf 'pynwb 4.2.0, hdmf 6.2.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
