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

# A copy, so that the evidence the card is made of stays out of the repository.
project="$work/credit"
rm -rf "$project"
mkdir -p "$project"
cp -r "$repository/fixtures/credit/"{data,models,predictions,proofmark.yaml,contract.odcs.yaml} "$project"
(cd "$project" && "$proofmark" run --quiet --only data-validation,gate,scan > /dev/null)
(cd "$project" && "$proofmark" card build --output-directory "$work/output")

"$work/venv/bin/python" "$here/interop.py" "$work/output"
# The golden cards of the unit tests; the second is made of hostile text.
"$work/venv/bin/python" "$here/interop.py" "$repository/fixtures/cards/golden"
"$work/venv/bin/python" "$here/interop.py" "$repository/fixtures/cards/golden/hostile"
