#!/usr/bin/env bash
# Fuzzes one target: bash tests/fuzz/run.sh TARGET [SECONDS, 600 unless told] [options of libFuzzer …]
# Inputs that reach something new are kept in tests/fuzz/target/found, those that fail in tests/fuzz/artifacts.
set -euo pipefail
target="${1:?a target: cargo fuzz list --fuzz-dir tests/fuzz}"
seconds="${2:-600}"
cd "$(dirname "$0")/../.."
fuzz=tests/fuzz
found="$fuzz/target/found/$target"
seeds="$fuzz/target/seeds/$target"
rm -rf "$seeds"
mkdir -p "$found" "$seeds" "$fuzz/corpus/$target"
cp -r fixtures/scan/{benign,malicious,torch} "$seeds"
# A bomb costs what the limits allow, which is seconds under AddressSanitizer; tests hold them to those.
rm "$seeds"/*/*bomb*
case "$target" in
  joined | renamed) words=pickle ;;
  packed) words=archive ;;
  *) words="$target" ;;
esac
exec cargo +nightly fuzz run --fuzz-dir "$fuzz" "$target" \
  "$found" "$fuzz/corpus/$target" "$seeds" \
  -- -max_len=65536 -timeout=10 -rss_limit_mb=512 -max_total_time="$seconds" -print_final_stats=1 \
  "-dict=$fuzz/dictionaries/$words.dict" "${@:3}"
