#!/usr/bin/env bash
# The same contract on the same tables here and on a Spark Connect server: the evidence must be the same.
#
# PROOFMARK   the program (default: target/debug/proofmark of this repository)
# WORK        scratch folder (default: a new one)
# PYTHON      Python 3.10 or later (default: python3); needs PyPI the first time
#
# PROOFMARK_INTEROP_SPARK=1     asks Apache Spark beside Sail, which needs a Java 17
# PROOFMARK_INTEROP_LIBRARY=1   also compares every measure with numpy and pandas, and cuts connections, by the
#                               library's own test, which needs Rust
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
repository="$(cd "$here/../../.." && pwd)"
PROOFMARK="${PROOFMARK:-$repository/target/debug/proofmark}"
WORK="${WORK:-$(mktemp -d)}"
mkdir -p "$WORK/data"

environment() {
  if [[ ! -f "$WORK/$1/complete" ]]; then
    "${PYTHON:-python3}" -m venv "$WORK/$1"
    "$WORK/$1/bin/pip" install --quiet --disable-pip-version-check --no-compile --requirement "$here/$2"
    touch "$WORK/$1/complete"
  fi
}

free_port() {
  "${PYTHON:-python3}" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

server=
stop() {
  [[ -z "$server" ]] || kill "$server" 2> /dev/null || true
}
trap stop EXIT

# Waits for the server whose log is $2.
wait_for() {
  for _ in $(seq 120); do
    (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null && return
    kill -0 "$server" 2> /dev/null || break
    sleep 1
  done
  tail -n 20 "$2"
  echo "no server on port $1"
  return 1
}

compare() {
  local remote="sc://127.0.0.1:$2"
  "$WORK/sail/bin/python" "$here/evidence.py" "$PROOFMARK" "$WORK/data" "$remote" "$1"
  "$WORK/sail/bin/python" "$here/tls.py" "$PROOFMARK" "$WORK/data" "127.0.0.1:$2"
  if [[ -n "${PROOFMARK_INTEROP_LIBRARY:-}" ]]; then
    (cd "$repository" && PROOFMARK_SPARK_REMOTE="$remote" PROOFMARK_SPARK_DATA="$WORK/data" \
      cargo test --quiet --test it spark:: -- --nocapture)
  fi
}

environment sail requirements-sail.txt
"$WORK/sail/bin/python" "$here/reference.py" "$WORK/data"

port="$(free_port)"
"$WORK/sail/bin/sail" spark server --ip 127.0.0.1 --port "$port" > "$WORK/sail.log" 2>&1 &
server=$!
wait_for "$port" "$WORK/sail.log"
compare Sail "$port"
stop

if [[ -z "${PROOFMARK_INTEROP_SPARK:-}" ]]; then
  echo "spark: Apache Spark itself was not asked; PROOFMARK_INTEROP_SPARK=1 does"
  exit 0
fi
command -v java > /dev/null || { echo "no java: Spark needs a Java 17 (openjdk-17-jre-headless)"; exit 1; }
environment spark requirements.txt
port="$(free_port)"
SPARK_HOME="$("$WORK/spark/bin/python" -c 'import pyspark, os; print(os.path.dirname(pyspark.__file__))')"
export SPARK_HOME
# A folder of its own: Spark writes where it stands.
mkdir -p "$WORK/standing"
(cd "$WORK/standing" && exec "$SPARK_HOME/bin/spark-submit" \
  --class org.apache.spark.sql.connect.service.SparkConnectServer --master 'local[2]' --driver-memory 1g \
  --conf spark.ui.enabled=false --conf "spark.local.dir=$WORK/local" --conf spark.sql.shuffle.partitions=4 \
  --conf spark.connect.grpc.binding.address=127.0.0.1 --conf "spark.connect.grpc.binding.port=$port" \
  "$SPARK_HOME/jars/"spark-connect_*.jar > "$WORK/spark.log" 2>&1) &
server=$!
wait_for "$port" "$WORK/spark.log"
compare Spark "$port"
