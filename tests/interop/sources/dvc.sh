#!/usr/bin/env bash
# A pipeline of DVC at two states: what DVC prints of it, and the pipeline itself, are the same numbers.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
make="$here/../../../fixtures/sources/dvc/make.sh"
work="$WORK/dvc"
mkdir -p "$work"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check dvc==3.67.1 pyyaml
export HOME="$work"
DVC="$work/venv/bin/dvc" PYTHON="$work/venv/bin/python" bash "$make" "$work/project" > "$work/make.log" 2>&1
cd "$work/project"
mkdir -p model
echo weights > model/weights.bin

gate() {
  cat > proofmark.yaml <<Y
version: 1
model: {name: churn, path: model}
gate:
  recorded:
    - {source: $1, candidate: '$2', champion: '$3', metrics: [{metric: auc, at_least: 0.93, better: higher, tolerance: 0.0}, {metric: f1, better: higher, tolerance: $4}]}
Y
  "$PROOFMARK" gate --config proofmark.yaml > said.txt 2>&1
}

gate dvc . metrics_diff.json#old 0.03
gate dvc metrics_show.json metrics_diff.json#old 0.03
gate dvc metrics_diff.json#new metrics_diff.json#old 0.03
gate values metrics.json git:HEAD:metrics.json 0.03
if gate dvc . metrics_diff.json#old 0.01; then
  cat said.txt
  exit 1
fi
echo "dvc: the directory, what DVC prints, and the file at HEAD are the same numbers"
