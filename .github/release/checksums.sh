#!/usr/bin/env bash
# Writes SHA256SUMS over the files of a release, sorted by name. Bundles are left out: they are made
# over the list.
#
#   .github/release/checksums.sh FOLDER
set -euo pipefail
cd "$1"
export LC_ALL=C
files=()
for file in *; do
  case $file in
    SHA256SUMS | *.sigstore.json) ;;
    *) if [[ -f $file ]]; then files+=("$file"); fi ;;
  esac
done
sha256sum -- "${files[@]}" >SHA256SUMS.new
mv SHA256SUMS.new SHA256SUMS
