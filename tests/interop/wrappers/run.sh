#!/usr/bin/env bash
# Lets other people's tools judge and run the wrappers for CI systems: zizmor (pedantic), actionlint
# and check-jsonschema read them, gitlab-ci-local runs every component, Debian's Groovy every Jenkins
# step, busybox the shell library. A stub stands in for the program; the Rust tests run the scripts
# of the actions.
#
#   WORK    scratch directory (default: a new one, removed at the end)
#   needs   Python, Node 20, Go, git; Debian's busybox, groovy and rsync, installed when missing and root
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
cp "$here/package.json" "$here/package-lock.json" "$WORK/"
if [[ ! -d $WORK/node_modules ]]; then
  (cd "$WORK" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
fi
if [[ ! -x $WORK/bin/actionlint ]]; then
  GOBIN=$WORK/bin go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.7
fi
for package in busybox groovy rsync; do
  if ! command -v "$package" >/dev/null; then
    as_root=()
    [[ $(id -u) == 0 ]] || as_root=(sudo -n)
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" apt-get install -y -qq --no-install-recommends "$package" >/dev/null
  fi
done

# Actions and workflows, read.
cd "$repository"
"$WORK/venv/bin/zizmor" --offline --quiet --pedantic action.yml actions .github
"$WORK/bin/actionlint" .github/workflows/*.yml
schema=("$WORK/venv/bin/check-jsonschema" --quiet)
"${schema[@]}" --builtin-schema vendor.github-actions action.yml actions/*/action.yml
mkdir -p "$WORK/example"
{
  echo "on: push"
  sed -n '/^```yaml$/,/^```$/p' actions/README.md | sed '/^```/d'
} >"$WORK/example/workflow.yml"
"${schema[@]}" --builtin-schema vendor.github-workflows "$WORK/example/workflow.yml"
"$WORK/bin/actionlint" "$WORK/example/workflow.yml"

# Components, read: the schema knows one document at a time, and no inputs where it wants numbers.
for template in gitlab/templates/*/template.yml; do
  name=$(basename "$(dirname "$template")")
  sed '/^---$/,$d' "$template" >"$WORK/example/$name-inputs.yml"
  sed -e '1,/^---$/d' -e 's/\$\[\[ inputs.allowed_exit_codes ]]/[11]/' "$template" >"$WORK/example/$name-job.yml"
  "${schema[@]}" --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci \
    "$WORK/example/$name-inputs.yml" "$WORK/example/$name-job.yml"
done

# The shell library, components and steps, run.
bash "$here/small.sh" "$WORK/small"
bash "$here/gitlab.sh" "$WORK/node_modules/.bin/gitlab-ci-local" "$WORK/gitlab"
if [[ -z ${JAVA_HOME:-} ]]; then
  JAVA_HOME=$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")
  export JAVA_HOME
fi
mkdir -p "$WORK/jenkins"
groovy "$here/Harness.groovy" "$repository" "$WORK/jenkins" "$here/stub.sh"
echo "wrappers: read and run"
