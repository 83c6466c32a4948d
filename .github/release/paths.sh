#!/usr/bin/env bash
# Fails when a binary contains the path of a folder of the machine that built it.
#
#   .github/release/paths.sh BINARY FOLDER...
set -euo pipefail
binary=$1
shift
for folder in "$@"; do
  if grep --quiet --fixed-strings --binary-files=text -e "$folder" "$binary"; then
    echo "$binary contains the path $folder; hint: --remap-path-prefix" >&2
    exit 1
  fi
done
