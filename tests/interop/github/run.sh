#!/usr/bin/env bash
# Runs the actions with the real program in a workflow runner: act (github.com/nektos/act), in host
# mode, without containers and without a network. What it proves: the actions load, their steps pass
# values on, verdicts become outcomes and conclusions as `fail-on` says, outputs, summary and
# annotations arrive, and text from data cannot command the runner. What it does not: act is not
# GitHub's own runner; limits of GitHub's pages are tested elsewhere.
#
#   PROOFMARK   the binary
#   WORK        scratch directory (default: a new one, removed at the end)
#   ACT         the runner (default: built here with Go from go.mod, verified by go.sum)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PROOFMARK=$(realpath "${PROOFMARK:?set it to the path of the program}")
if [[ -z ${WORK:-} ]]; then
  WORK=$(mktemp -d)
  trap 'rm -rf "$WORK"' EXIT
fi
mkdir -p "$WORK"
if [[ -z ${ACT:-} ]]; then
  ACT=$WORK/bin/act
  if [[ ! -x $ACT ]]; then
    (cd "$here" && GOBIN="$WORK/bin" go install -mod=readonly -trimpath tool)
  fi
fi
export ACT PROOFMARK WORK
PYTHONDONTWRITEBYTECODE=1 python3 "$here/interop.py"
