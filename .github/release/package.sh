#!/usr/bin/env bash
# Packs the binary of one target: the archive with licence, manual page and completions, and the bare
# binary beside it. The same input gives the same bytes: names sorted, owners and times fixed.
#
#   SOURCE_DATE_EPOCH=… .github/release/package.sh BINARY TARGET OUTPUT [RUNS_HERE]
#
# RUNS_HERE is a proofmark that runs on this machine and writes the texts; BINARY by default. The
# version is the one it says it has. Needs GNU tar and gzip; Python 3 for a zip.
set -euo pipefail
binary=$(realpath "$1")
target=$2
mkdir -p "$3"
output=$(realpath "$3")
runs_here=$(realpath "${4:-$1}")
repository=$(cd "$(dirname "$0")/../.." && pwd)
: "${SOURCE_DATE_EPOCH:?set it to the time of the commit in seconds}"

version=$("$runs_here" --version | sed -n 's/^proofmark \([0-9A-Za-z.+-]*\)$/\1/p')
[[ -n $version ]] || { echo "$runs_here says no version" >&2; exit 1; }
suffix=
if [[ $target == *windows* ]]; then suffix=.exe; fi
name=proofmark-$version-$target

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
folder=$scratch/$name
mkdir -p "$folder/completions" "$folder/man"
install -m 755 "$binary" "$folder/proofmark$suffix"
install -m 644 "$repository"/{LICENSE,README.md,CHANGELOG.md} "$folder/"
"$runs_here" man >"$folder/man/proofmark.1"
"$runs_here" completions bash >"$folder/completions/proofmark.bash"
"$runs_here" completions zsh >"$folder/completions/_proofmark"
"$runs_here" completions fish >"$folder/completions/proofmark.fish"
"$runs_here" completions powershell >"$folder/completions/_proofmark.ps1"
find "$folder" -type d -exec chmod 755 {} +
find "$folder" -type f ! -name "proofmark$suffix" -exec chmod 644 {} +

if [[ -n $suffix ]]; then
  archive=$name.zip
  python3 - "$scratch" "$name" "$output/$archive" <<'PYTHON'
import os, sys, time, zipfile

root, name, archive = sys.argv[1:]
stamp = time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))[:6]
paths = sorted(os.path.join(d, f) for d, _, files in os.walk(os.path.join(root, name)) for f in files)
with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
    for path in paths:
        entry = zipfile.ZipInfo(os.path.relpath(path, root).replace(os.sep, "/"), stamp)
        entry.create_system = 3  # Unix, wherever this runs, so that the mode below is kept
        entry.external_attr = (0o100755 if path.endswith(".exe") else 0o100644) << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        with open(path, "rb") as file:
            out.writestr(entry, file.read(), compresslevel=9)
PYTHON
else
  archive=$name.tar.gz
  tar --create --format=ustar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 \
    --numeric-owner --directory="$scratch" "$name" | gzip --no-name --best >"$output/$archive"
fi
install -m 755 "$binary" "$output/$name$suffix"
echo "$archive"
