#!/usr/bin/env bash
# The suites of tfdv: the verdicts recorded from the original tool against ours. PROOFMARK is the binary under
# test; `fixtures/suites/tfdv/make.py` records the verdicts anew.
set -euo pipefail
cd "$(dirname "$0")"
python3 compare.py tfdv
