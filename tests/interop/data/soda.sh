#!/usr/bin/env bash
# Soda Core 4 (contracts) and 3 (checks): its suites, unchanged, under this program and, where asked, under the tool itself.
# `common.sh` has the variables.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

recorded "$here/line_verdicts.py" "$suites/soda" contracts.json language.json
if wants soda-4; then
  shared_environment
  original shared soda contracts.json contracts
fi
if wants soda-3; then
  environment soda-3 --requirement "$suites/soda/requirements-language.txt"
  original soda-3 soda language.json language
fi
