#!/usr/bin/env bash
# Tells the wrappers the SHA-256 of the archives of a release. A release has two commits:
#
#   A  the source
#   B  A and what this script writes: the digests, in templates/wrappers/checksums.txt and in the
#      wrappers generated from it; nothing of that is part of the program or of an archive
#
# B is tagged. Whoever pins an action, a component or the library to B thereby pins the archives. The
# release workflow builds B, and publishes only what has the digests that were recorded from A.
#
#   .github/release/record.sh SHA256SUMS VERSION PROOFMARK [ROOT]
#
# To release: run the workflow by hand on A; it publishes nothing and ends with an artifact that holds
# SHA256SUMS. Run this script on A with it, commit the outcome and tag that:
#
#   .github/release/record.sh SHA256SUMS 0.1.0 target/x86_64-unknown-linux-gnu/release/proofmark
#   git commit --all --message "Release 0.1.0"
#   git tag --sign v0.1.0 && git push origin v0.1.0
set -euo pipefail
sums=$(realpath "$1")
version=$2
proofmark=$(realpath "$3")
root=$(realpath "${4:-$(dirname "$0")/../..}")
list=$root/templates/wrappers/checksums.txt

if [[ ! $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]]; then
  echo "\`$version\` is not a version" >&2
  exit 2
fi
# Only archives: the wrappers unpack nothing else.
archives=$(awk -v start="proofmark-$version-" '
  length($1) == 64 && $1 !~ /[^0-9a-f]/ && index($2, start) == 1 && $2 ~ /\.(tar\.gz|zip)$/ { print $1 "  " $2 }
' "$sums")
if [[ -z $archives ]]; then
  echo "$sums lists no archive of version $version" >&2
  exit 1
fi
{
  echo "# SHA-256 of the archives of each release, as \`sha256sum\` prints them."
  {
    awk -v start="proofmark-$version-" '!/^#/ && NF == 2 && index($2, start) != 1' "$list"
    printf '%s\n' "$archives"
  } | LC_ALL=C sort -k 2
} >"$list.new"
mv "$list.new" "$list"
"$proofmark" dev generate --root "$root"
