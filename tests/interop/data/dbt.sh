#!/usr/bin/env bash
# dbt: its tests, unchanged, under this program and, where asked, under the tool itself.
# `common.sh` has the variables.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

recorded "$here/line_verdicts.py" "$suites/dbt" verdicts.json
if wants dbt; then
  shared_environment
  original shared dbt verdicts.json
fi
