#!/usr/bin/env bash
# Signing and scanning beside the reference implementation and OpenSSL: the same files in the same run, whole
# processes with interpreter start.
#
#   PROOFMARK=target/…/release/proofmark bash tests/bench/signing/bench.sh [DIRECTORY] [RUNS]
#
# MIB is the size of the large model (2048 when not set). Prints one line a run: tool, model, wall, user and
# system seconds, peak memory in kB; then the best of each and the bars. Compare CPU seconds: on a shared machine
# the wall clock says what else was running. What is held against the wall clock, the speed-up by cores and the
# speed of a scan, is run before other work (`chrt --fifo`) where that is permitted, some seconds in all.
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
[[ -s "$data/tensors/model-3.safetensors" ]] || python3 "$here/gen.py" --out "$data" --mib "${MIB:-2048}"

first=()
if chrt --fifo 1 true 2>/dev/null; then
  first=(chrt --fifo 1)
fi

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
  measure "$tool" "$model" "${first[@]}" "$proofmark" sign --model "$data/$model" --key "$keys/p256.pem" \
    --signature "$data/out/$tool.$model.sig" --replace "$@"
}

# So short that GNU time, which counts in hundredths, says too little: the mean of fifty.
sign_small() { # tool command…
  printf '%s small ' "$1" | tee -a "$data/out/runs.txt"
  shift
  python3 "$here/mean.py" 50 "$@" | tee -a "$data/out/runs.txt"
}

for _ in $(seq "$runs"); do
  measure openssl large find "$data/large" -type f -exec openssl dgst -sha256 {} +
  sign proofmark large
  measure proofmark-verify large "$proofmark" verify --model "$data/large" --key "$keys/p256.pub" \
    --signature "$data/out/proofmark.large.sig"
  for model in large small; do
    measure model_signing "$model" "$venv/bin/python" -m model_signing sign key "$data/$model" \
      --private_key "$keys/p256.pem" --signature "$data/out/model_signing.$model.sig"
  done
  sign_small openssl find "$data/small" -type f -exec openssl dgst -sha256 {} +
  sign_small proofmark "$proofmark" sign --model "$data/small" --key "$keys/p256.pem" \
    --signature "$data/out/proofmark.small.sig" --replace
  sign_small proofmark-verify "$proofmark" verify --model "$data/small" --key "$keys/p256.pub" \
    --signature "$data/out/proofmark.small.sig"
  measure proofmark-scan tensors "${first[@]}" "$proofmark" scan "$data/tensors"
  # Short runs, each best of several: a moment of other work is a tenth of one.
  for _ in 1 2 3; do
    for cores in 1 2; do
      export RAYON_NUM_THREADS=$cores
      sign "proofmark-shards-$cores" large --shard-size 67108864
      sign "proofmark-blake3-$cores" large --hash blake3
      unset RAYON_NUM_THREADS
    done
  done
done
python3 "$here/judge.py" "$data/out/runs.txt"
