#!/usr/bin/env bash
# Measures pushed down to Apache Spark and to Sail, both through Spark Connect, beside what numpy and
# pandas say of the same data: every count, quantile and moment, and a connection that is cut.
# Needs Java 17 for Spark.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../../.." && pwd)"
command -v java > /dev/null || { echo "no java: Spark needs a Java 17 (openjdk-17-jre-headless)"; exit 1; }

python3 -m venv "$WORK/venv"
"$WORK/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
# Sail wants an older client of Spark beside it.
python3 -m venv "$WORK/sail"
"$WORK/sail/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements-sail.txt"

mkdir -p "$WORK/data"
"$WORK/venv/bin/python" "$here/reference.py" "$WORK/data"

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

servers=()
trap '((${#servers[@]} == 0)) || kill "${servers[@]}" 2> /dev/null || true' EXIT

wait_for() {
  for _ in $(seq 300); do
    (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null && return
    sleep 1
  done
  echo "no server on port $1"
  return 1
}

compare() {
  echo "--- $1"
  (cd "$root" && PROOFMARK_SPARK_REMOTE="sc://127.0.0.1:$2" PROOFMARK_SPARK_DATA="$WORK/data" \
    cargo test --quiet --test it spark:: -- --nocapture)
}

port="$(free_port)"
"$WORK/sail/bin/sail" spark server --ip 127.0.0.1 --port "$port" > "$WORK/sail.log" 2>&1 &
servers+=($!)
wait_for "$port"
compare "Sail" "$port"

port="$(free_port)"
SPARK_HOME="$("$WORK/venv/bin/python" -c 'import pyspark, os; print(os.path.dirname(pyspark.__file__))')"
export SPARK_HOME
(cd "$WORK" && exec "$SPARK_HOME/bin/spark-submit" \
  --class org.apache.spark.sql.connect.service.SparkConnectServer --master 'local[2]' --driver-memory 1g \
  --conf spark.ui.enabled=false --conf "spark.local.dir=$WORK/local" --conf spark.sql.shuffle.partitions=4 \
  --conf spark.connect.grpc.binding.address=127.0.0.1 --conf "spark.connect.grpc.binding.port=$port" \
  "$SPARK_HOME/jars/"spark-connect_*.jar > "$WORK/spark.log" 2>&1) &
servers+=($!)
wait_for "$port"
compare "Spark" "$port"
