#!/usr/bin/env bash
# One script for each system whose results are read: the real system writes them, the binary reads the
# same numbers. What installs too much for every change is in `by-hand`; each says how it is run.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
for script in "$here"/*.sh; do
  [[ "$script" == "$here/run.sh" ]] || bash "$script"
done
