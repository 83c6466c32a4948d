#!/usr/bin/env bash
# Objects of fake-gcs-server and of Azurite, which checks signatures, through this program.
# `common.sh` has the variables. Needs Go 1.24 or later and Node 20 or later.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
shared_environment

mkdir -p "$WORK/stores/gs" "$WORK/stores/az" "$WORK/stores/npm"
gcs="${FAKE_GCS_SERVER:-$WORK/stores/fake-gcs-server}"
if [[ ! -x "$gcs" ]]; then
  GOBIN="$WORK/stores" go install github.com/fsouza/fake-gcs-server@v1.56.1
fi
"$WORK/shared/bin/python" "$here/stores.py" "$PROOFMARK" "$WORK/stores/gs" gs "$gcs"

azurite="$WORK/stores/npm/node_modules/.bin/azurite-blob"
if [[ ! -x "$azurite" ]]; then
  cp "$here/package.json" "$here/package-lock.json" "$WORK/stores/npm"
  npm --prefix "$WORK/stores/npm" ci --no-audit --no-fund --silent
fi
"$WORK/shared/bin/python" "$here/stores.py" "$PROOFMARK" "$WORK/stores/az" az "$azurite"
