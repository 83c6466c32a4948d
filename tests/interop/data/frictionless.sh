#!/usr/bin/env bash
# Frictionless: its suites, unchanged, under this program and, where asked, under the tool itself.
# `common.sh` has the variables.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

recorded "$here/compare.py" frictionless
if wants frictionless; then
  shared_environment
  original shared frictionless verdicts.json
fi
