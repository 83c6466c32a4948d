#!/usr/bin/env bash
# Verifies a release as somebody who downloaded it would: every file against SHA256SUMS, the program
# of the archive by itself, the whole folder against the signature of the release key.
#
#   .github/release/verify.sh FOLDER VERSION TARGET PUBLIC_KEY
#
# Asks no network. TARGET is the platform of this machine.
set -euo pipefail
folder=$(realpath "$1")
version=$2
name=proofmark-$version-$3
key=$(realpath "$4")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

(cd "$folder" && sha256sum --check --quiet SHA256SUMS)
tar -xzf "$folder/$name.tar.gz" -C "$scratch"
proofmark=$scratch/$name/proofmark
cmp "$proofmark" "$folder/$name"
"$proofmark" --version | grep -qxF "proofmark $version"
"$proofmark" self verify --checksums "$folder/SHA256SUMS"
"$proofmark" self verify --bundle "$folder/proofmark-$version.sigstore.json" --key "$key"
# The provenance is made after the signature and is not part of what it covers.
"$proofmark" verify --model "$folder" --signature "$folder/proofmark-$version.sigstore.json" \
  --key "$key" --ignore "proofmark-$version.provenance.sigstore.json"
provenance=$folder/proofmark-$version.provenance.sigstore.json
if [[ -f $provenance ]]; then
  "$proofmark" self verify --bundle "$provenance"
  # From the folder of the release, with nothing said: whoever unpacks it there gets the same answer.
  "$proofmark" self verify --file "$folder/$name.tar.gz"
fi
