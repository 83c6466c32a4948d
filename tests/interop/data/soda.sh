#!/usr/bin/env bash
# Runs Soda Core 4 and 3 over fixtures/suites/soda again, holds their verdicts against the recorded ones,
# and the program's against both.
#
# PROOFMARK   the program (default: target/debug/proofmark of this repository)
# WORK        scratch folder (default: a new one)
# PYTHON      Python 3.10 or 3.11, which Soda 3 needs (default: python3); needs PyPI the first time
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
repository="$(cd "$here/../../.." && pwd)"
export PROOFMARK="${PROOFMARK:-$repository/target/debug/proofmark}"
work="${WORK:-$(mktemp -d)}"
suites="$repository/fixtures/suites"
mkdir -p "$work/suites"
cp -r "$suites/soda" "$work/suites/"

for generation in contracts language; do
  venv="$work/venv-$generation"
  if [[ ! -x "$venv/bin/python" ]]; then
    "${PYTHON:-python3}" -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check \
      --requirement "$suites/soda/requirements-$generation.txt"
  fi
  "$venv/bin/python" "$work/suites/soda/make.py" "$generation"
  diff "$suites/soda/$generation.json" "$work/suites/soda/$generation.json"
done

"$work/venv-contracts/bin/python" "$here/line_verdicts.py" "$suites/soda" contracts.json language.json
