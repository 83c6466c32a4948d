#!/usr/bin/env bash
# Data validation beside hand-written polars and DuckDB: the same 25 checks on the same file in the same
# run, whole processes with interpreter start. Every tool must give the verdict the generator planted.
#
#   PROOFMARK=target/…/release/proofmark bash tests/bench/data/bench.sh [DIRECTORY] [RUNS]
#
# Prints one line a run: tool, file, wall, user and system seconds, peak memory in kB. Compare CPU seconds:
# on a shared machine the wall clock says what else was running. The bars at the end are held against the
# best of the runs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
proofmark=$(realpath "${PROOFMARK:?the release binary}")
data=${1:-$(mktemp -d)}
runs=${2:-3}
rows=${ROWS:-10000000}
mkdir -p "$data/out"

python3 -m venv "$data/venv"
"$data/venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
python="$data/venv/bin/python"
[[ -s "$data/trips.parquet" ]] ||
  "$python" "$here/gen.py" --out "$data" --rows "$rows" --csv-rows $((rows / 5)) --tiny-rows 100 >/dev/null

# One run under GNU time; the verdict must be the planted one.
measure() { # tool file expected-verdict command…
  local tool=$1 file=$2 expected=$3 code=0
  shift 3
  cat "$data/$file" >/dev/null # the same page cache for everybody
  /usr/bin/time -o "$data/out/time" -f '%e %U %S %M' "$@" >"$data/out/$tool.$file.log" 2>&1 || code=$?
  [[ $code -eq $expected ]] || {
    cat "$data/out/$tool.$file.log" >&2
    echo "$tool on $file: exit code $code, expected $expected" >&2
    exit 1
  }
  printf '%s %s %s\n' "$tool" "$file" "$(tail -n 1 "$data/out/time")" | tee -a "$data/out/runs.txt"
}

: >"$data/out/runs.txt"
for file in trips.parquet trips.csv tiny.parquet; do
  for _ in $(seq "$runs"); do
    for tool in polars duckdb; do
      measure "$tool" "$file" 0 "$python" "$here/runners/run_$tool.py" --data "$data/$file" \
        --zones "$data/zones.csv" --out "$data/out/$tool.$file.json" --tmp "$data/out"
      grep -q 'failed c05,c08,c18,c23' "$data/out/$tool.$file.log"
    done
    measure decode "$file" 0 "$python" "$here/runners/scan_limits.py" --data "$data/$file" --mode polars
    measure proofmark "$file" 10 "$proofmark" data validate --contract "$here/trips.odcs.yaml" \
      --reference "zones=$data/zones.csv" --as-of 2026-01-01 --format json "$data/$file"
  done
done

"$python" - "$data" <<'PYTHON'
"""Counts against the planted ones, and the bars."""
import json, sys
data = sys.argv[1]
best = {}
for line in open(f"{data}/out/runs.txt"):
    tool, file, _, user, system, memory = line.split()
    cpu, memory = float(user) + float(system), int(memory) / 1000
    known = best.get((tool, file), (9e9, 9e9))
    best[tool, file] = (min(known[0], cpu), min(known[1], memory))
planted = json.load(open(f"{data}/trips.parquet.expected.json"))["offending_rows"]
report = json.load(open(f"{data}/out/proofmark.trips.parquet.log"))
failing = {
    e["requirement"] + ":" + e["subject"].get("column", {}).get("column", ""): e["failing_rows"]["count"]
    for e in report["evidence"]
    if e["outcome"] == "not_met" and "failing_rows" in e
}
print(failing, planted)
wrong = [k for k in ("email_bad", "vendor_bad", "dropoff_before", "zone_orphan") if planted[k] not in failing.values()]
bars = []
for file, share in (("trips.parquet", 0.6), ("trips.csv", 0.7)):
    peer = min(best[t, file][0] for t in ("polars", "duckdb"))
    own = best["proofmark", file][0]
    bars.append((f"{file}: CPU {own:.2f} s, best peer {peer:.2f} s, share {own / peer:.2f}", own <= share * peer))
decode = best["decode", "trips.parquet"][0]
own, memory = best["proofmark", "trips.parquet"]
bars.append((f"trips.parquet: {own / decode:.2f} times a bare decode of all columns", own <= 2.2 * decode))
bars.append((f"trips.parquet: peak memory {memory:.0f} MB", memory <= 500))
tiny = best["proofmark", "tiny.parquet"][0]
bars.append((f"tiny.parquet: CPU {1000 * tiny:.0f} ms", tiny <= 0.04))
for text, held in bars:
    print("ok  " if held else "OVER", text)
sys.exit(bool(wrong) or not all(held for _, held in bars))
PYTHON
