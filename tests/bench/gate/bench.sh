#!/usr/bin/env bash
# The model gate beside other tools: six metrics of two models and five of them on each of twenty slices, with an
# interval for every difference, from files of the same rows in the same run; whole processes with interpreter
# start. The numbers must be those of scikit-learn, and the intervals those of numpy with the same methods.
#
#   PROOFMARK=target/…/release/proofmark bash tests/bench/gate/bench.sh [DIRECTORY] [RUNS]
#
# PEERS names the tools (`numpy scikit_learn` when not set, by which the numbers are checked; `all` for every
# runner here). ROWS_ALL names the sizes (`100 1000000 10000000` when not set); PEER_ROWS_MAX the largest that
# tools other than these two are given (a million when not set). Other tools than Proofmark run once.
#
# Prints one line a run: tool, rows, wall, user and system seconds, peak memory in kB; then a table of the best
# runs. Compare CPU seconds. The bars at the end are held against the best of the runs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
proofmark=$(realpath "${PROOFMARK:?the release binary}")
data=${1:-$(mktemp -d)}
runs=${2:-3}
sizes=${ROWS_ALL:-100 1000000 10000000}
peers=${PEERS:-numpy scikit_learn}
[[ $peers != all ]] || peers="numpy scikit_learn fairlearn mlflow evidently"
mkdir -p "$data/out"
: >"$data/out/runs.txt"

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

# One run under GNU time; fails with the tool.
measure() { # tool rows expected-code command…
  local tool=$1 rows=$2 expected=$3 code=0
  shift 3
  cat "$data/$rows"/*.parquet >/dev/null # the same page cache for everybody
  /usr/bin/time -o "$data/out/time" -f '%e %U %S %M' "$@" >"$data/out/$tool.$rows.json" 2>"$data/out/$tool.$rows.log" || code=$?
  [[ $code -eq $expected ]] || {
    tail -n 20 "$data/out/$tool.$rows.log" >&2
    echo "$tool on $rows rows: exit code $code, expected $expected" >&2
    exit 1
  }
  printf '%s %s %s\n' "$tool" "$rows" "$(tail -n 1 "$data/out/time")" | tee -a "$data/out/runs.txt"
}

python=$(python_of base)
for tool in $peers; do python_of "$tool" >/dev/null; done
for rows in $sizes; do
  [[ -s "$data/$rows/champion.parquet" ]] || "$python" "$here/gen.py" --out "$data/$rows" --rows "$rows"
  cp "$here/proofmark.yaml" "$data/$rows/"
  # The candidate is worse in one slice; a hundred rows are too few to say so, which does not pass either.
  for _ in $(seq "$runs"); do
    measure proofmark "$rows" 10 "$proofmark" gate --config "$data/$rows/proofmark.yaml" --format json
  done
  [[ $rows -ge 100000 ]] || continue
  for tool in $peers; do
    options=()
    case $tool in
      numpy) ;;
      scikit_learn) options=(--bootstrap) ;;
      *)
        [[ $rows -le ${PEER_ROWS_MAX:-1000000} ]] || continue
        options=(--slices)
        ;;
    esac
    measure "$tool" "$rows" 0 "$(python_of "$tool")" "$here/runners/run_$tool.py" "$data/$rows/pred.parquet" "${options[@]}"
  done
done
"$python" "$here/judge.py" "$data"
