#!/usr/bin/env bash
# Renews the committed corpus of a target from what fuzzing found: bash tests/fuzz/keep.sh TARGET
# Only inputs stay that reach what the corpora in fixtures/scan do not.
set -euo pipefail
target="${1:?a target}"
cd "$(dirname "$0")/../.."
fuzz=tests/fuzz
kept="$fuzz/target/kept/$target"
rm -rf "$kept"
mkdir -p "$kept" "$fuzz/corpus/$target"
cp -r fixtures/scan/{benign,malicious,torch} "$kept"
rm "$kept"/*/*bomb*
# Merging adds to the first folder, beside the folders in it, what reaches something new.
cargo +nightly fuzz run --fuzz-dir "$fuzz" "$target" "$kept" "$fuzz/target/found/$target" "$fuzz/corpus/$target" \
  -- -merge=1 -max_len=4096 -timeout=10 -rss_limit_mb=512
find "$kept" -maxdepth 1 -type f -printf '%s %p\n' | sort -n > "$kept.found"
rm -f "$fuzz/corpus/$target"/*
# Forty of all sizes.
step=$(( $(wc -l < "$kept.found") / 40 + 1 ))
awk -v step="$step" 'NR % step == 0 { print $2 }' "$kept.found" | while read -r input; do
  cp "$input" "$fuzz/corpus/$target/"
done
