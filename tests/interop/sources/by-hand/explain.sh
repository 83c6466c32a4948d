#!/usr/bin/env bash
# Attributions by SHAP and LIME, in every form their arrays and tables are kept in. By hand: it installs
# 0.8 GB.
#
#   PROOFMARK=target/release/proofmark WORK=$(mktemp -d) bash tests/interop/sources/by-hand/explain.sh
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
PROOFMARK="$(realpath "$PROOFMARK")"
work="$WORK/explain"
mkdir -p "$work/model"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
  shap==0.51.0 lime==0.2.0.1 scikit-learn==1.9.1 numpy==2.4.6 pandas==3.1.1 pyarrow==26.0.1
cd "$work"
cp -r "$here/../../../../fixtures/sources"/{sklearn,shap,lime} .
for system in sklearn shap lime; do
  find "$system" -type f ! -name gen.py -delete
  "$work/venv/bin/python" "$system/gen.py" > "$system.log" 2>&1 || { cat "$system.log"; exit 1; }
done
echo weights > model/weights.bin

gate() {
  cat > proofmark.yaml <<Y
version: 1
model: {name: churn, path: model}
gate:
  recorded:
    - {source: $1, candidate: $2, champion: $3, attributions: $4}
Y
  "$PROOFMARK" gate --config proofmark.yaml > said.txt 2>&1
}

same="{top: 3, overlap_at_least: 1, rank_correlation_at_least: 1, share_at_most: 0.9}"
for form in shap/shap_values.csv shap/shap_values.parquet; do
  gate shap "$form" shap/shap_explanation.npz "$same" || { cat said.txt; exit 1; }
done
gate shap shap/shap_values.npy shap/shap_values.npy "$same" || { cat said.txt; exit 1; }
gate shap shap/shap_values_rf_3d.npy@class=1 shap/shap_values_rf_3d.npy@class=0 "$same" || { cat said.txt; exit 1; }
gate lime lime/explanations.jsonl lime/explanations.jsonl "{top: 3, overlap_at_least: 1, fit_at_least: 0.01}" || { cat said.txt; exit 1; }
if gate shap shap/shap_explanation.npz shap/shap_explanation.npz "{share_at_most: 0.01}"; then cat said.txt; exit 1; fi
echo "explain: what SHAP and LIME write is read in every form"
