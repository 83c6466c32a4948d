#!/usr/bin/env bash
# Joins the images of both architectures under one name and pushes them: TAG, and TAG-busybox.
#
#   .github/release/push-images.sh FOLDER DESTINATION TAG
#
# FOLDER holds what image.sh wrote. DESTINATION is a repository such as docker://ghcr.io/owner/name, or
# oci:FOLDER to try it without one. Needs buildah, and a login for a registry.
set -euo pipefail
folder=$(realpath "$1")
destination=$2
tag=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
images=(buildah --root "$scratch/storage" --runroot "$scratch/run" --storage-driver vfs)
for kind in scratch busybox; do
  name=$tag
  if [[ $kind == busybox ]]; then name=$tag-busybox; fi
  "${images[@]}" manifest create "$kind" >/dev/null
  for architecture in amd64 arm64; do
    "${images[@]}" manifest add "$kind" \
      "oci-archive:$folder/proofmark-$kind-$architecture.oci.tar:$kind" >/dev/null
  done
  "${images[@]}" manifest push --quiet --all --format oci "$kind" "$destination:$name"
  echo "$destination:$name"
done
