#!/usr/bin/env bash
# Data validation beside other tools: the same 25 checks on the same file in the same run, whole processes
# with interpreter start. Every tool must give the verdict the generator planted.
#
#   PROOFMARK=target/…/release/proofmark bash tests/bench/data/bench.sh [DIRECTORY] [RUNS]
#
# PEERS names the tools (`polars duckdb` when not set, which are the fast ones; `all` for every runner here);
# slow ones run once. Each has a virtual environment of its own, by its pinned requirements.
#
# Prints one line a run: tool, file, wall, user and system seconds, peak memory in kB; then a table of the
# best runs. Compare CPU seconds: on a shared machine the wall clock says what else was running. The bars at
# the end are held against the best of the runs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
proofmark=$(realpath "${PROOFMARK:?the release binary}")
data=${1:-$(mktemp -d)}
runs=${2:-3}
rows=${ROWS:-10000000}
peers=${PEERS:-polars duckdb}
[[ $peers != all ]] || peers="polars duckdb pandera pointblank soda datacontract great_expectations"
mkdir -p "$data/out"

# The columns a check of the contract reads; what is known of the others stands in the footer.
needed=trip_id,vendor_id,pickup_at,dropoff_at,passenger_count,trip_distance,pu_zone,payment_type
needed+=,fare,total,email,medallion,session_id,driver_id,seq_no

# The interpreter of a tool, with what it needs.
python_of() { # tool
  local name=base
  [[ ! -s "$here/requirements-$1.txt" ]] || name=$1
  local venv="$data/venv-$name"
  if [[ ! -e "$venv/ready" ]]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --requirement "$here/requirements-$name.txt"
    touch "$venv/ready"
  fi
  echo "$venv/bin/python"
}

# What a tool imports before it does anything.
module_of() { # tool
  case $1 in
    pandera) echo pandera.polars ;;
    soda) echo soda_core.contracts.api.verify_api ;;
    datacontract) echo datacontract.data_contract ;;
    *) echo "$1" ;;
  esac
}

# One run under GNU time; the verdict must be the planted one.
measure() { # tool file expected-verdict command…
  local tool=$1 file=$2 expected=$3 code=0
  shift 3
  [[ ! -e "$data/$file" ]] || cat "$data/$file" >/dev/null # the same page cache for everybody
  /usr/bin/time -o "$data/out/time" -f '%e %U %S %M' "$@" >"$data/out/$tool.$file.log" 2>&1 || code=$?
  [[ $code -eq $expected ]] || {
    cat "$data/out/$tool.$file.log" >&2
    echo "$tool on $file: exit code $code, expected $expected" >&2
    exit 1
  }
  printf '%s %s %s\n' "$tool" "$file" "$(tail -n 1 "$data/out/time")" | tee -a "$data/out/runs.txt"
}

python=$(python_of polars)
for tool in $peers; do python_of "$tool" >/dev/null; done
[[ -s "$data/trips.parquet" ]] ||
  "$python" "$here/gen.py" --out "$data" --rows "$rows" --csv-rows $((rows / 5)) --tiny-rows 100 >/dev/null

: >"$data/out/runs.txt"
for file in trips.parquet trips.csv tiny.parquet; do
  for run in $(seq "$runs"); do
    for tool in $peers; do
      [[ $run -eq 1 || " polars duckdb " == *" $tool "* ]] || continue
      measure "$tool" "$file" 0 "$(python_of "$tool")" "$here/runners/run_$tool.py" --data "$data/$file" \
        --zones "$data/zones.csv" --out "$data/out/$tool.$file.json" --tmp "$data/out"
      grep -q 'failed c05,c08,c18,c23' "$data/out/$tool.$file.log" || {
        cat "$data/out/$tool.$file.log" >&2
        echo "$tool on $file: not the planted verdict" >&2
        exit 1
      }
    done
    measure decode "$file" 0 "$python" "$here/runners/scan_limits.py" --data "$data/$file" --columns "$needed"
    measure proofmark "$file" 10 "$proofmark" data validate --contract "$here/trips.odcs.yaml" \
      --reference "zones=$data/zones.csv" --as-of 2026-01-01 --format json "$data/$file"
  done
done
for tool in $peers; do
  measure "$tool" start 0 "$(python_of "$tool")" -c "import $(module_of "$tool")"
done
measure proofmark start 0 "$proofmark" --version

"$python" "$here/judge.py" "$data"
