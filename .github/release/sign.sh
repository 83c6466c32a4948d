#!/usr/bin/env bash
# Signs the folder of a release with the release key, by the program of that release, and verifies it.
#
#   RELEASE_KEY=… .github/release/sign.sh FOLDER VERSION PROOFMARK PUBLIC_KEY
#
# Writes FOLDER/proofmark-VERSION.sigstore.json, an OpenSSF Model Signing bundle over every file of
# the folder. RELEASE_KEY is the text of a PEM file.
set -euo pipefail
folder=$(realpath "$1")
version=$2
proofmark=$(realpath "$3")
public=$(realpath "$4")
: "${RELEASE_KEY:?set it to the text of the private key}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
(umask 077 && printf '%s\n' "$RELEASE_KEY" >"$scratch/key.pem")
unset RELEASE_KEY
bundle=$folder/proofmark-$version.sigstore.json
"$proofmark" sign --model "$folder" --key "$scratch/key.pem" --signature "$bundle"
"$proofmark" verify --model "$folder" --signature "$bundle" --key "$public"
