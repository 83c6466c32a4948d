#!/usr/bin/env bash
# The binary's numbers beside those of scikit-learn, Fairlearn and scipy, on data made for the occasion.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
python3 -m venv "$WORK/venv"
"$WORK/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
"$WORK/venv/bin/python" "$here/interop.py" "$PROOFMARK" "$WORK"
