#!/usr/bin/env bash
# Runs every component with gitlab-ci-local, as a file of the project and as a component, with a
# program that records its arguments: the same for hostile values, and the exit codes that GitLab
# lets through.
#
#   gitlab.sh GITLAB_CI_LOCAL WORK
set -euo pipefail
gitlab_ci_local=$1
work=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../../.." && pwd)
export RECORD=$work/arguments

hostile="it's \$HOME \$(touch pwned) \`touch pwned\`; \"quoted\""

fail() {
  cat "$work/log"
  echo "$*" >&2
  exit 1
}

# project DIRECTORY: a repository whose root is what `gitlab/` is here, as a component project has it.
project() {
  rm -rf "$1"
  mkdir -p "$1/tools"
  cp -r "$repository/gitlab/templates" "$1/"
  cp "$here/stub.sh" "$1/tools/proofmark"
  chmod +x "$1/tools/proofmark"
  git -C "$1" init -q -b main
  git -C "$1" remote add origin https://gitlab.example.com/group/proofmark.git
  git -C "$1" config user.email tester@example.com
  git -C "$1" config user.name tester
  git -C "$1" add -A
  git -C "$1" commit -qm components
}

# include FORM WRAPPER: the line that includes a component.
include() {
  if [[ $1 == local ]]; then
    echo "local: templates/$2/template.yml"
  else
    echo "component: gitlab.example.com/group/proofmark/$2@$(git -C "$work/project" rev-parse HEAD)"
  fi
}

# run FORM WRAPPER STUB_EXIT OUTCOME: writes the pipeline, runs it and demands an outcome. This
# version of gitlab-ci-local ends with 0 whatever the jobs did; its log says it.
run() {
  cat >"$work/project/.gitlab-ci.yml" <<PIPELINE
stages: [test]
include:
  - $(include "$1" "$2")
    inputs:
      binary_path: tools/proofmark
$( [[ $2 == setup ]] || cat <<CONFIG
      config: |-
        $hostile
CONFIG
)
PIPELINE
  rm -f "$RECORD"
  (cd "$work/project" && "$gitlab_ci_local" --force-shell-executor --shell-isolation=false \
    --variable "RECORD=$RECORD" --variable "STUB_EXIT=$3" >"$work/log" 2>&1) ||
    fail "$1 $2 could not be run"
  grep -qE "^ *$4 +proofmark-$2\b" <(sed 's/\x1b\[[0-9;]*m//g' "$work/log") || fail "$1 $2 with $3 is not $4"
}

mkdir -p "$work"
project "$work/project"
count=0
for form in local component; do
  for folder in "$repository"/gitlab/templates/*/; do
    wrapper=$(basename "$folder")
    run "$form" "$wrapper" 0 PASS
    count=$((count + 1))
    [[ $wrapper != setup ]] || continue
    tr '\0' '\n' <"$RECORD" | grep -qxF -- "--config=$hostile" || fail "$form $wrapper changed a value"
  done
  # 11 is let through as a warning; a verdict of 10 and an error of 3 are not.
  run "$form" model-gate 11 WARN
  run "$form" model-gate 10 FAIL
  run "$form" model-gate 3 FAIL
  count=$((count + 3))
done
[[ ! -e $work/project/pwned ]] || fail "a value was run"
echo "gitlab-ci-local: $count pipelines"
