#!/usr/bin/env bash
# An experiment on a server of Phoenix, asked for over HTTP and read from its export. By hand: it installs
# 0.6 GB and takes a minute to start.
#
#   PROOFMARK=target/release/proofmark WORK=$(mktemp -d) bash tests/interop/sources/by-hand/phoenix.sh
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
PROOFMARK="$(realpath "$PROOFMARK")"
work="$WORK/phoenix"
mkdir -p "$work/model"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check arize-phoenix==20.26.1
cp "$here/../../../../fixtures/sources/phoenix/make.sh" "$work"
cd "$work"
echo weights > model/weights.bin
free() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
PHOENIX_PORT="$(free)"
PHOENIX_GRPC_PORT="$(free)"
export PHOENIX_PORT PHOENIX_GRPC_PORT PHOENIX_HOST=127.0.0.1 PHOENIX_WORKING_DIR="$work/data" PHOENIX_TELEMETRY_ENABLED=false
"$work/venv/bin/phoenix" serve > server.log 2>&1 &
server=$!
trap 'kill "$server"' EXIT
url="http://127.0.0.1:$PHOENIX_PORT"
for _ in $(seq 300); do
  if curl --silent --fail "$url/healthz" > /dev/null; then break; fi
  sleep 1
done
bash make.sh "$url"
experiment="$(python3 -c 'import json; print(json.load(open("experiment.json"))["data"]["id"])')"

gate() {
  cat > proofmark.yaml <<Y
version: 1
model: {name: churn, path: model}
gate:
  recorded:
    - {source: phoenix, server: '$url', candidate: '$1', champion: '$2', metrics: [{metric: hallucination, at_least: 0.5, at_most: 0.5, better: lower, tolerance: 0.0}, {metric: latency_ms, at_most: 1000, at_least: 1000}, {metric: error_rate, at_most: 0}]}
Y
  "$PROOFMARK" gate --config proofmark.yaml > said.txt 2>&1
}

gate "$experiment" export.json || { cat said.txt; exit 1; }
gate export.json "$experiment" || { cat said.txt; exit 1; }
if gate RXhwZXJpbWVudDo5OTk= "$experiment"; then cat said.txt; exit 1; fi
# One run of two is missing: the server knows it, the export does not.
dataset="$(python3 -c 'import json; print(json.load(open("experiment.json"))["data"]["dataset_id"])')"
post() { curl --silent --fail "$url/v1/$1" -H 'content-type: application/json' -d "$2"; }
pick() { python3 -c "import json, sys; v = json.load(sys.stdin)['data']; print(v['id'] if 'id' in v else v['examples'][0]['id'])"; }
partial="$(post "datasets/$dataset/experiments" '{"name":"partial","repetitions":1}' | pick)"
example="$(curl --silent --fail "$url/v1/datasets/$dataset/examples" | pick)"
post "experiments/$partial/runs" '{"dataset_example_id":"'"$example"'","repetition_number":1,"output":"a","start_time":"2026-01-01T00:00:00Z","end_time":"2026-01-01T00:00:01Z","trace_id":null,"error":null}' > /dev/null
if gate "$partial" "$experiment"; then cat said.txt; exit 1; fi
grep --quiet "1 of 2 runs are missing" proofmark-out/evidence/gate.json
echo "phoenix: an experiment on the server is what its export holds, and what is missing is said"
