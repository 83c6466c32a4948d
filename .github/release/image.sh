#!/usr/bin/env bash
# Builds the container images from a static binary, without a network, a daemon or privileges, and
# writes each as an OCI archive. The same input gives the same digests.
#
#   SOURCE_DATE_EPOCH=… .github/release/image.sh BINARY ARCHITECTURE BUSYBOX OUTPUT
#
# ARCHITECTURE is amd64 or arm64; BUSYBOX is a static busybox of that architecture, such as that of
# Debian's package busybox-static. Needs buildah.
set -euo pipefail
binary=$(realpath "$1")
architecture=$2
busybox=$(realpath "$3")
mkdir -p "$4"
output=$(realpath "$4")
repository=$(cd "$(dirname "$0")/../.." && pwd)
: "${SOURCE_DATE_EPOCH:?set it to the time of the commit in seconds}"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# What both images have. There is no temporary directory but this one.
tree=$scratch/scratch
mkdir -p "$tree/usr/local/bin" "$tree/etc" "$tree/tmp" "$tree/workspace"
install -m 755 "$binary" "$tree/usr/local/bin/proofmark"
echo 'proofmark:x:65532:65532::/workspace:/bin/sh' >"$tree/etc/passwd"
echo 'proofmark:x:65532:' >"$tree/etc/group"
chmod 1777 "$tree/tmp"
chmod 777 "$tree/workspace"
cp -a "$tree" "$scratch/busybox"

# A shell and the tools the wrappers use.
tree=$scratch/busybox
mkdir -p "$tree/bin"
install -m 755 "$busybox" "$tree/bin/busybox"
for applet in $("$busybox" --list); do
  [[ $applet == busybox ]] || ln -s busybox "$tree/bin/$applet"
done

# Nothing stays behind on this machine.
build=(buildah --root "$scratch/storage" --runroot "$scratch/run" --storage-driver vfs)
for kind in scratch busybox; do
  file=$output/proofmark-$kind-$architecture.oci.tar
  rm -f "$file"
  id=$("${build[@]}" build --quiet --isolation chroot --pull-never \
    --platform "linux/$architecture" --timestamp "$SOURCE_DATE_EPOCH" --layers=false --format oci \
    --file "$repository/.github/containers/$kind.Containerfile" "$scratch/$kind")
  "${build[@]}" push --quiet "$id" "oci-archive:$file:$kind"
  echo "$kind $id"
done
