#!/usr/bin/env bash
# Signing beside the reference implementation and OpenSSL: the same files in the same run, whole processes with
# interpreter start.
#
#   PROOFMARK=target/…/release/proofmark bash tests/bench/signing/bench.sh [DIRECTORY] [RUNS]
#
# MIB is the size of the large model (2048 when not set). Prints one line a run: tool, model, wall, user and
# system seconds, peak memory in kB; then the best of each and the bars. Compare CPU seconds: on a shared machine
# the wall clock says what else was running.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
proofmark=$(realpath "${PROOFMARK:?the release binary}")
data=${1:-$(mktemp -d)}
runs=${2:-3}
keys="$here/../../../fixtures/signatures/keys"
mkdir -p "$data/out"
: >"$data/out/runs.txt"

venv="$data/venv"
if [[ ! -e "$venv/ready" ]]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --requirement "$here/../../interop/signing/requirements.txt"
  touch "$venv/ready"
fi
[[ -s "$data/large/model-1.safetensors" ]] || python3 "$here/gen.py" --out "$data" --mib "${MIB:-2048}"

# One run under GNU time; fails with the tool.
measure() { # tool model command…
  local tool=$1 model=$2
  shift 2
  find "$data/$model" -type f -print0 | xargs -0 cat >/dev/null # the same page cache for everybody
  /usr/bin/time -o "$data/out/time" -f '%e %U %S %M' "$@" >"$data/out/log" 2>&1 || {
    cat "$data/out/log" >&2
    echo "$tool on $model failed" >&2
    exit 1
  }
  printf '%s %s %s\n' "$tool" "$model" "$(tail -n 1 "$data/out/time")" | tee -a "$data/out/runs.txt"
}

sign() { # tool model options…
  local tool=$1 model=$2
  shift 2
  measure "$tool" "$model" "$proofmark" sign --model "$data/$model" --key "$keys/p256.pem" \
    --signature "$data/out/$tool.$model.sig" --replace "$@"
}

for _ in $(seq "$runs"); do
  for model in large small; do
    measure openssl "$model" find "$data/$model" -type f -exec openssl dgst -sha256 {} +
    sign proofmark "$model"
    measure proofmark-verify "$model" "$proofmark" verify --model "$data/$model" --key "$keys/p256.pub" \
      --signature "$data/out/proofmark.$model.sig"
    measure model_signing "$model" "$venv/bin/python" -m model_signing sign key "$data/$model" \
      --private_key "$keys/p256.pem" --signature "$data/out/model_signing.$model.sig"
  done
  sign proofmark-shards large --shard-size 67108864
  sign proofmark-blake3 large --hash blake3
  RAYON_NUM_THREADS=1 sign proofmark-shards-one-core large --shard-size 67108864
  RAYON_NUM_THREADS=1 sign proofmark-blake3-one-core large --hash blake3
done
python3 "$here/judge.py" "$data/out/runs.txt"
