#!/usr/bin/env bash
# Offline runs of wandb, one that ended well and one that did not.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
make="$here/../../../fixtures/sources/wandb/make.py"
work="$WORK/wandb"
mkdir -p "$work/good" "$work/bad" "$work/model"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check wandb==0.31.0
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
    - {source: wandb, candidate: $1, champion: good.wandb, metrics: [{metric: auc, at_least: 0.92, at_most: 0.92, better: higher, tolerance: 0.0}, {metric: slices.eu/f1, at_least: 0.7}, {metric: best_auc, at_least: 0.93}]}
Y
  "$PROOFMARK" gate --config proofmark.yaml > said.txt 2>&1
}

gate good.wandb
if gate bad.wandb; then exit 1; fi
grep --quiet "exit code 3" said.txt
echo "wandb: the summary of an offline run is what was logged"
