#!/usr/bin/env bash
# Says what is to be released, as `name=value` lines, and refuses a tag that is not what it says.
#
#   .github/release/plan.sh     with GITHUB_REF_TYPE and GITHUB_REF_NAME; without them, no tag
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
version=$(sed -n '/^\[workspace.package]/,/^\[/s/^version = "\(.*\)"$/\1/p' Cargo.toml)

refuse() {
  echo "the tag is refused: $1" >&2
  exit 1
}
if [[ ${GITHUB_REF_TYPE:-} == tag ]]; then
  tag=$GITHUB_REF_NAME
  [[ $tag == "v$version" ]] || refuse "it is $tag and Cargo.toml says $version"
  grep -q "^## \[$version]" CHANGELOG.md || refuse "CHANGELOG.md has no section $version"
  grep -q "  proofmark-$version-" templates/wrappers/checksums.txt ||
    refuse "no digest of $version is recorded; hint: .github/release/record.sh"
  # What was built to find the digests is the parent; nothing else may have changed since.
  others=$(git diff --name-only HEAD^ HEAD -- . ':(exclude)templates/wrappers/checksums.txt' \
    ':(exclude)action.yml' ':(exclude)actions' ':(exclude)gitlab' ':(exclude)jenkins')
  [[ -z $others ]] || refuse "its commit changes more than digests: ${others//$'\n'/, }"
fi
echo "version=$version"
echo "epoch=$(bash "$here/epoch.sh")"
