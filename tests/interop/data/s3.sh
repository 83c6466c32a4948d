#!/usr/bin/env bash
# Reads objects from moto's S3 server, which checks signatures and permissions.
#
# WORK       scratch folder (default: a new one)
# PYTHON     Python 3.10 or later (default: python3); needs PyPI the first time
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
work="${WORK:-$(mktemp -d)}"
mkdir -p "$work"
if [[ ! -x "$work/venv/bin/python" ]]; then
  "${PYTHON:-python3}" -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
fi

cd "$here/../../.."
"$work/venv/bin/python" "$here/s3.py" \
  cargo test --package proofmark --lib io::objects::tests::a_real_store_gives_its_objects -- --nocapture
