#!/usr/bin/env bash
# A CSV file four times as large as the memory there is, held by a control group (Linux, as root):
# the verdict must be the one without a limit.
#
#   PROOFMARK=target/…/release/proofmark bash tests/bench/data/limited.sh DIRECTORY
#
# DIRECTORY is that of bench.sh, with `trips.csv` and `zones.csv`.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
proofmark=$(realpath "${PROOFMARK:?the release binary}")
data=${1:?the directory of bench.sh}
big="$data/big.csv"
{
  cat "$data/trips.csv"
  for _ in 1 2 3; do tail -n +2 "$data/trips.csv"; done
} >"$big"
limit=$(($(stat -c %s "$big") / 4))
group=/sys/fs/cgroup/proofmark-limited-$$
mkdir "$group"
# The kernel lets go of the last process a moment after it has ended.
trap 'rm -f "$big"; sleep 1; rmdir "$group" || true' EXIT
echo "$limit" >"$group/memory.max"
echo 0 >"$group/memory.swap.max"
code=0
sh -c 'echo $$ >"$0/cgroup.procs"; exec "$@"' "$group" "$proofmark" data validate \
  --contract "$here/trips.odcs.yaml" --reference "zones=$data/zones.csv" --as-of 2026-01-01 \
  --format json "$big" >"$data/out/limited.json" || code=$?
[[ $code -eq 10 ]] || { echo "exit code $code, expected 10" >&2; exit 1; }
echo "$(stat -c %s "$big") bytes validated within $limit bytes of memory"
