#!/usr/bin/env bash
# Fails when the archives of a release are not those whose digests were recorded for it.
#
#   .github/release/recorded.sh SHA256SUMS VERSION
set -euo pipefail
sums=$(realpath "$1")
version=$2
cd "$(dirname "$0")/../.."
archives() {
  awk -v start="proofmark-$version-" \
    '!/^#/ && index($2, start) == 1 && $2 ~ /\.(tar\.gz|zip)$/ { print $1 "  " $2 }' "$1" | LC_ALL=C sort
}
recorded=$(archives templates/wrappers/checksums.txt)
[[ -n $recorded ]] || { echo "no digest of $version is recorded" >&2; exit 1; }
diff <(echo "$recorded") <(archives "$sums") >&2 ||
  { echo "the archives are not those recorded (< recorded, > built)" >&2; exit 1; }
