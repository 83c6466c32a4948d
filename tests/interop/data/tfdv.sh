#!/usr/bin/env bash
# TensorFlow Data Validation: its suites, unchanged, under this program and, where asked, under the tool itself.
# `common.sh` has the variables.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

recorded "$here/compare.py" tfdv
if wants tfdv; then
  environment tfdv --no-deps --requirement "$suites/tfdv/requirements.txt"
  original tfdv tfdv verdicts.json
fi
