#!/usr/bin/env bash
# A data contract (ODCS) under this program and, where asked, under datacontract-cli.
# `common.sh` has the variables.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

recorded "$here/compare.py" datacontract
if wants datacontract; then
  environment datacontract --requirement "$suites/datacontract/requirements.txt"
  original datacontract datacontract verdicts.json
fi
