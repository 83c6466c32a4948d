#!/usr/bin/env bash
# pandera: its suites, unchanged, under this program and, where asked, under the tool itself.
# `common.sh` has the variables.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

recorded "$here/compare.py" pandera
if wants pandera; then
  shared_environment
  original shared pandera verdicts.json
fi
