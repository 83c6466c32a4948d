#!/usr/bin/env bash
# Great Expectations: its suites, unchanged, against its own verdicts. Called by this lane's run.sh, or
# alone: PROOFMARK is the binary under test, WORK a scratch folder.
#
#   GX_RECORD=1   also asks both generations of Great Expectations, in environments made here from the
#                 pinned requirements, whether the recorded verdicts are still theirs
set -euo pipefail
cd "$(dirname "$0")/../../.."
fixture=fixtures/suites/great_expectations

python3 tests/interop/data/gx.py "$PROOFMARK" "$fixture"

if [[ -n "${GX_RECORD:-}" ]]; then
  for generation in 1 0.18; do
    python3 -m venv "$WORK/gx-$generation"
    "$WORK/gx-$generation/bin/pip" install --quiet -r "$fixture/requirements-$generation.txt"
    "$WORK/gx-$generation/bin/python" "$fixture/make.py" --check
  done
fi
