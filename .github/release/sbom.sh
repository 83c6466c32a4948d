#!/usr/bin/env bash
# Writes the bill of materials of one target, CycloneDX 1.5 in JSON, with cargo-cyclonedx. The same
# commit gives the same bytes on any machine.
#
#   SOURCE_DATE_EPOCH=… .github/release/sbom.sh TARGET FILE
set -euo pipefail
target=$1
mkdir -p "$(dirname "$2")"
file=$(realpath -m "$2")
: "${SOURCE_DATE_EPOCH:?set it to the time of the commit in seconds}"
cd "$(dirname "$0")/../.."
# It writes beside the Cargo.toml of every crate of the workspace and nowhere else.
name=.sbom-$$
trap 'rm -f "$name.json" "src/core/$name.json"' EXIT
cargo cyclonedx --format json --spec-version 1.5 --target "$target" --override-filename "$name" --quiet
# Cargo names our own crates by the folders they are built in.
sed "s|path+file://$PWD|path+file:///source|g" "$name.json" >"$file"
if grep --quiet --fixed-strings -e "$PWD" "$file"; then
  echo "$file contains the path of this folder" >&2
  exit 1
fi
