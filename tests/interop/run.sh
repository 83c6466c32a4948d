#!/usr/bin/env bash
# Tests against other people's tools. Each lane is a folder with a run.sh that makes its own
# environment from pinned lists; PROOFMARK is the binary under test, WORK a scratch folder.
#
#   bash tests/interop/run.sh            all lanes
#   bash tests/interop/run.sh signing    one lane
set -euo pipefail
cd "$(dirname "$0")/../.."

if [[ -z "${PROOFMARK:-}" ]]; then
  cargo build --release --quiet
  PROOFMARK="$(pwd)/$(find target -path '*/release/proofmark' -type f | head -n 1)"
fi
export PROOFMARK

scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

lanes=("$@")
if [[ ${#lanes[@]} -eq 0 ]]; then
  for script in tests/interop/*/run.sh; do
    lanes+=("$(basename "$(dirname "$script")")")
  done
fi

failed=()
for lane in "${lanes[@]}"; do
  echo "=== interop: $lane"
  mkdir -p "$scratch/$lane"
  if ! WORK="$scratch/$lane" bash "tests/interop/$lane/run.sh"; then
    failed+=("$lane")
  fi
done
if [[ ${#failed[@]} -gt 0 ]]; then
  echo "interop lanes that failed: ${failed[*]}"
  exit 1
fi
echo "interop: all ${#lanes[@]} lanes passed"
