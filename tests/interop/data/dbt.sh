#!/usr/bin/env bash
# Runs dbt over fixtures/suites/dbt again, holds its verdicts against the recorded ones, and the
# program's against both.
#
# PROOFMARK   the program (default: target/debug/proofmark of this repository)
# WORK        scratch folder (default: a new one)
# PYTHON      Python 3.10 or later (default: python3); needs PyPI the first time
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
repository="$(cd "$here/../../.." && pwd)"
export PROOFMARK="${PROOFMARK:-$repository/target/debug/proofmark}"
work="${WORK:-$(mktemp -d)}"
suites="$repository/fixtures/suites"
mkdir -p "$work/suites"
cp -r "$suites/dbt" "$suites/soda" "$work/suites/"

if [[ ! -x "$work/venv/bin/python" ]]; then
  "${PYTHON:-python3}" -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --disable-pip-version-check \
    --requirement "$suites/dbt/requirements.txt"
fi
DBT_SEND_ANONYMOUS_USAGE_STATS=false "$work/venv/bin/python" "$work/suites/dbt/make.py"
diff "$suites/dbt/verdicts.json" "$work/suites/dbt/verdicts.json"

"$work/venv/bin/python" "$here/line_verdicts.py" "$suites/dbt" verdicts.json
