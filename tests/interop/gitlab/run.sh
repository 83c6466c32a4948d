#!/usr/bin/env bash
# Runs every GitLab template of every flavour with gitlab-ci-local (shell executor): as a file of the
# project and as a component at a commit. With a program that records its arguments it proves that
# values arrive as they were given; with the real program, that verdicts become the outcomes GitLab
# documents for `allow_failure: exit_codes`, that reports are kept and read, that the dotenv report
# reaches later jobs and no later job can be lied to by data. gitlab-ci-local is not GitLab: it takes
# JavaScript's regular expressions for RE2 and checks no report.
#
#   PROOFMARK   the binary
#   WORK        scratch directory (default: a new one, removed at the end)
#   needs       Python, npm, git; rsync, installed with apt-get when missing and root
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PROOFMARK=$(realpath "${PROOFMARK:?set it to the path of the program}")
if [[ -z ${WORK:-} ]]; then
  WORK=$(mktemp -d)
  trap 'rm -rf "$WORK"' EXIT
fi
mkdir -p "$WORK"
cp "$here/package.json" "$here/package-lock.json" "$WORK/"
if [[ ! -d $WORK/node_modules ]]; then
  (cd "$WORK" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
fi
if ! command -v rsync >/dev/null; then
  as_root=()
  [[ $(id -u) == 0 ]] || as_root=(sudo -n)
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends rsync >/dev/null
fi
export PROOFMARK WORK
PYTHONDONTWRITEBYTECODE=1 python3 "$here/interop.py"
