#!/usr/bin/env bash
# Evaluations of language models, made anew by the tools themselves with models that need no network; the binary
# reads of each the numbers it reads of the committed sample. By hand: it installs 4 GB.
#
#   PROOFMARK=target/release/proofmark WORK=$(mktemp -d) bash tests/interop/sources/by-hand/llm.sh [TOOL…]
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
samples="$here/../../../../fixtures/sources"
PROOFMARK="$(realpath "$PROOFMARK")"
work="$WORK/llm"
mkdir -p "$work/model"
cd "$work"
echo weights > model/weights.bin

environment() { # tool requirement…
  local tool=$1
  shift
  python3 -m venv "$tool.venv"
  "$tool.venv/bin/pip" install --quiet --disable-pip-version-check "$@"
}

make_inspect() { # directory
  environment inspect inspect-ai==0.3.285
  (cd "$samples/inspect" && PYTHONDONTWRITEBYTECODE=1 "$work/inspect.venv/bin/python" make.py "$1")
}

make_deepeval() {
  environment deepeval deepeval==4.3.1
  "$work/deepeval.venv/bin/python" "$samples/deepeval/make.py" "$1"
}

make_ragas() {
  environment ragas ragas==0.4.3 "langchain-community<0.4" rapidfuzz
  "$work/ragas.venv/bin/python" "$samples/ragas/make.py" "$1"
}

make_lm_eval() {
  environment lm_eval lm-eval==0.4.13 datasets
  LM_EVAL="$work/lm_eval.venv/bin/lm_eval" bash "$samples/lm_eval/make.sh" "$1"
  # It puts them into a folder named by the model.
  mv "$1"/*/*.json* "$1"
}

make_openai_evals() {
  python3 -m venv openai_evals.venv
  openai_evals.venv/bin/pip install --quiet --disable-pip-version-check --no-deps evals==3.0.1.post1
  openai_evals.venv/bin/pip install --quiet --disable-pip-version-check --requirement "$samples/openai_evals/requirements.txt"
  OAIEVAL="$work/openai_evals.venv/bin/oaieval" bash "$samples/openai_evals/make.sh" "$1"
}

make_promptfoo() {
  # With a Node of its own: it asks for a newer one than most machines have.
  npm install --silent --no-audit --no-fund --prefix promptfoo.npm node@22 promptfoo@0.121.20
  PROMPTFOO_DISABLE_TELEMETRY=1 PROMPTFOO_DISABLE_UPDATE=1 PROMPTFOO_CONFIG_DIR="$work/promptfoo.npm/state" \
    promptfoo.npm/node_modules/.bin/node promptfoo.npm/node_modules/promptfoo/dist/src/main.js eval --no-cache \
    --config "$samples/promptfoo/promptfooconfig.yaml" --output "$1/results.json" || [[ $? == 100 ]] # cases fail
}

compare() { # source file metric
  local made="$work/$1/$2" kept="$samples/$1/$2"
  # Neither is worse than the other, so they are the same.
  for pair in "$made $kept" "$kept $made"; do
    read -r candidate champion <<< "$pair"
    cat > proofmark.yaml <<Y
version: 1
model: {name: churn, path: model}
gate:
  recorded:
    - source: $1
      candidate: $candidate
      champion: $champion
      metrics: [{metric: "$3", at_least: 0.5, better: higher, tolerance: 0.0}]
Y
    "$PROOFMARK" gate --config proofmark.yaml > said.txt 2>&1 || { cat said.txt; exit 1; }
  done
  sed -i 's/at_least: 0.5/at_least: 0.8/' proofmark.yaml
  if "$PROOFMARK" gate --config proofmark.yaml > said.txt 2>&1; then cat said.txt; exit 1; fi
  echo "$1: read as the committed sample is"
}

tools=("$@")
[[ ${#tools[@]} -gt 0 ]] || tools=(inspect deepeval ragas lm_eval openai_evals promptfoo)
for tool in "${tools[@]}"; do
  mkdir -p "$tool"
  "make_$tool" "$work/$tool" > "$tool.log" 2>&1 || { tail -n 30 "$tool.log"; exit 1; }
  case "$tool" in
    inspect) compare inspect toy.eval exact/mean ;;
    deepeval) compare deepeval test_run.json ExactMatch ;;
    ragas) compare ragas scores.csv exact_match ;;
    lm_eval) mkdir -p lm_eval/out && mv lm_eval/*.json* lm_eval/out && compare lm_eval out toy_qa/acc,none ;;
    openai_evals) compare openai_evals log.jsonl accuracy ;;
    promptfoo) compare promptfoo results.json prompt-1/pass_rate ;;
  esac
done
