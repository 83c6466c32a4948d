#!/usr/bin/env bash
# Builds a card with proofmark and reads it with the Hugging Face Hub's own client.
#
# PROOFMARK  the program (default: target/debug/proofmark of this repository)
# WORK       scratch folder (default: a new one)
# PYTHON     Python 3.10 or later (default: python3); needs PyPI the first time
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
repository="$(cd "$here/../../.." && pwd)"
proofmark="${PROOFMARK:-$repository/target/debug/proofmark}"
work="${WORK:-$(mktemp -d)}"
mkdir -p "$work"

if [[ ! -x "$work/venv/bin/python" ]]; then
  "${PYTHON:-python3}" -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
fi

output="$work/output"
rm -rf "$output"
code=0
"$proofmark" card build --config "$repository/fixtures/credit/proofmark.yaml" \
  --output-directory "$output" || code=$?
# A verdict is not a failure of the build: 10 and 11 say what the evidence says.
if [[ "$code" != 0 && "$code" != 10 && "$code" != 11 ]]; then
  echo "card build ended with $code" >&2
  exit "$code"
fi

"$work/venv/bin/python" "$here/interop.py" "$output/card"
# The golden cards of the unit tests; the second is made of hostile text.
"$work/venv/bin/python" "$here/interop.py" "$repository/fixtures/cards/golden"
"$work/venv/bin/python" "$here/interop.py" "$repository/fixtures/cards/golden/hostile"
