#!/usr/bin/env bash
# A tracking server of MLflow, its database and a directory of runs: all three as MLflow's client reads them.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
make="$here/../../../fixtures/sources/mlflow/make.py"
work="$WORK/mlflow"
mkdir -p "$work"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check mlflow==3.17.2
cd "$work"
port="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
"$work/venv/bin/mlflow" server --backend-store-uri sqlite:///mlflow.db --artifacts-destination ./artifacts \
  --workers 1 --port "$port" > server.log 2>&1 &
server=$!
trap 'kill "$server"' EXIT
for _ in $(seq 120); do
  if curl --silent --fail "http://127.0.0.1:$port/health" > /dev/null; then break; fi
  sleep 1
done
"$work/venv/bin/python" "$make" "http://127.0.0.1:$port" server > make.log 2>&1
MLFLOW_ALLOW_FILE_STORE=true "$work/venv/bin/python" "$make" "file:$work/files/mlruns" files >> make.log 2>&1
python3 "$here/mlflow.py" "$PROOFMARK" "http://127.0.0.1:$port" server
python3 "$here/mlflow.py" "$PROOFMARK" "sqlite:///mlflow.db" server
python3 "$here/mlflow.py" "$PROOFMARK" "files/mlruns" files
