#!/usr/bin/env bash
# Lets other people's tools read the wrappers for CI systems: zizmor (pedantic), actionlint, GitHub's
# own language service and the published schemas (check-jsonschema); and runs the shell library with
# nothing but busybox. The lanes github, gitlab and jenkins run the wrappers with the real program.
#
#   WORK    scratch directory (default: a new one, removed at the end)
#   needs   Python, Node 20, Go; Debian's busybox, installed when missing and root
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../../.." && pwd)
if [[ -z ${WORK:-} ]]; then
  WORK=$(mktemp -d)
  trap 'rm -rf "$WORK"' EXIT
fi
mkdir -p "$WORK"

# The tools.
if [[ ! -x $WORK/venv/bin/python ]]; then
  python3 -m venv "$WORK/venv"
  "$WORK/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
fi
cp "$here/package.json" "$here/package-lock.json" "$here/language-service.mjs" "$WORK/"
if [[ ! -d $WORK/node_modules ]]; then
  (cd "$WORK" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
fi
if [[ ! -x $WORK/bin/actionlint ]]; then
  GOBIN=$WORK/bin go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.7
fi
if ! command -v busybox >/dev/null; then
  as_root=()
  [[ $(id -u) == 0 ]] || as_root=(sudo -n)
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends busybox >/dev/null
fi

# Actions, the workflows of this repository and of the page, read.
cd "$repository"
rm -rf "$WORK/page" "$WORK/components"
mkdir -p "$WORK/page" "$WORK/components"
awk -v page="$WORK/page/" '
  /^```yaml$/ { number += 1; file = page number ".yml"; next }
  /^```$/ { file = "" }
  file { print > file }
' actions/README.md
workflows=(.github/workflows/*.yml)
for example in "$WORK"/page/*.yml; do
  grep -q '^jobs:' "$example" || continue
  grep -q '^on:' "$example" || sed -i '1i on: push' "$example"
  workflows+=("$example")
done
"$WORK/venv/bin/zizmor" --offline --quiet --pedantic action.yml actions .github
"$WORK/bin/actionlint" "${workflows[@]}"
# Quiet about what is right only: with --quiet it would not say what is wrong either.
schema() {
  "$WORK/venv/bin/check-jsonschema" "$@" >"$WORK/schema.log" || { cat "$WORK/schema.log" && return 1; }
}
schema --builtin-schema vendor.github-actions action.yml actions/*/action.yml
schema --builtin-schema vendor.github-workflows "${workflows[@]}"
(cd "$WORK" && node_modules/.bin/esbuild language-service.mjs --bundle --platform=node --format=cjs \
  --outfile=language-service.cjs --log-level=warning)
node "$WORK/language-service.cjs" "$repository" action.yml actions/*/action.yml "${workflows[@]}"

# Components of every flavour, read.
"$WORK/venv/bin/python" "$here/components.py" "$WORK/components" gitlab/templates*/*/template.yml
schema --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci "$WORK"/components/*.yml

# The shell library, run.
bash "$here/small.sh" "$WORK/small"
echo "wrappers: read and run"
