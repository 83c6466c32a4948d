#!/usr/bin/env bash
# Offline runs of wandb, one that ended well and one that did not; and runs of a server, which the real
# client and the binary read alike (`wandb_server.py`: no server of W&B can run here).
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
make="$here/../../../fixtures/sources/wandb/make.py"
work="$WORK/wandb"
mkdir -p "$work/good" "$work/bad" "$work/model"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check wandb==0.31.0 graphql-core==3.2.6
cd "$work"
WANDB_DIR="$work/good" "$work/venv/bin/python" "$make"
WANDB_FAIL=3 WANDB_DIR="$work/bad" "$work/venv/bin/python" "$make"
cp good/wandb/offline-run-*/run-*.wandb good.wandb
cp bad/wandb/offline-run-*/run-*.wandb bad.wandb
echo weights > model/weights.bin

gate() {
  cat > proofmark.yaml <<Y
version: 1
model: {name: churn, path: model}
gate:
  recorded:
    - {source: wandb, candidate: $1, champion: $2, metrics: [{metric: auc, at_least: 0.92, at_most: 0.92, better: higher, tolerance: 0.0}, {metric: slices.eu/f1, at_least: 0.7}, {metric: best_auc, at_least: 0.93}]}
Y
  "$PROOFMARK" gate --config proofmark.yaml > said.txt 2>&1
}

gate good.wandb good.wandb
if gate bad.wandb good.wandb; then exit 1; fi
grep --quiet "exit code 3" said.txt
echo "wandb: the summary of an offline run is what was logged"

"$work/venv/bin/python" "$here/wandb_server.py" > url.txt 2> server.log &
server=$!
trap 'kill "$server"' EXIT
for _ in $(seq 60); do [[ -s url.txt ]] && break; sleep 0.5; done
export WANDB_BASE_URL WANDB_API_KEY WANDB_ERROR_REPORTING=false
WANDB_BASE_URL="$(cat url.txt)"
WANDB_API_KEY="$(printf 'k%.0s' {1..40})"
"$work/venv/bin/python" - <<'PY'
import wandb

run = wandb.Api().run("team/churn/good")
assert run.state == "finished" and run.config == {"lr": 0.1}, run
assert run.summary["auc"] == 0.92 and run.summary["slices"]["eu/f1"] == 0.7, run.summary
PY
gate team/churn/good team/churn/runs/good
if gate team/churn/bad good.wandb; then exit 1; fi
grep --quiet "crashed, not finished" proofmark-out/evidence/gate.json
if gate team/churn/none good.wandb; then exit 1; fi
grep --quiet 'there is no run `none`' proofmark-out/evidence/gate.json
if WANDB_API_KEY=wrong gate team/churn/good good.wandb; then exit 1; fi
grep --quiet "not authenticated" proofmark-out/evidence/gate.json
if grep --quiet "$WANDB_API_KEY" said.txt proofmark-out -r; then exit 1; fi
echo "wandb: the summary of a run on a server is what the client reads of it"
