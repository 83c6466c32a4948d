# shellcheck shell=bash
# What the scripts of this lane share; sourced by them. Each of them also runs alone:
#
#   PROOFMARK   the program (default: target/debug/proofmark of this repository)
#   WORK        scratch folder (default: a new one)
#   PYTHON      Python 3.10 or 3.11, which Soda 3 needs (default: python3); needs PyPI the first time
#   PROOFMARK_INTEROP_ORIGINALS
#               the tools that are asked again whether the recorded verdicts are still theirs: names, or `all`;
#               by default those that share one environment
#   STAGE       `recorded` or `original`: only that half of a script

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
repository="$(cd "$here/../../.." && pwd)"
suites="$repository/fixtures/suites"
export PROOFMARK="${PROOFMARK:-$repository/target/debug/proofmark}"
export WORK="${WORK:-$(mktemp -d)}"
export DBT_SEND_ANONYMOUS_USAGE_STATS=false

# Installs what the requirements name into an environment of that name, unless it is there.
#   environment NAME PIP-ARGUMENTS...
environment() {
  local venv="$WORK/$1"
  shift
  if [[ ! -f "$venv/complete" ]]; then
    "${PYTHON:-python3}" -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-compile "$@"
    touch "$venv/complete"
  fi
}

# The environment of all tools whose pins allow it, and of moto.
shared_environment() {
  environment shared \
    --requirement "$suites/pandera/requirements.txt" \
    --requirement "$suites/frictionless/requirements.txt" \
    --requirement "$suites/soda/requirements-contracts.txt" \
    --requirement "$suites/dbt/requirements.txt" \
    --requirement "$here/requirements.txt"
}

# Holds this program's verdicts against the recorded ones.
#   recorded SCRIPT ARGUMENTS...
recorded() {
  [[ "${STAGE:-}" == original ]] || python3 "$@"
}

# Whether a tool is to be asked again.
wants() {
  local tool
  [[ "${STAGE:-}" != recorded ]] || return 1
  for tool in ${PROOFMARK_INTEROP_ORIGINALS:-pandera frictionless soda-4 dbt}; do
    [[ "$tool" == "$1" || "$tool" == all ]] && return
  done
  return 1
}

# Has a tool judge a copy of its fixtures, and holds its verdicts against the recorded ones.
#   original ENVIRONMENT FOLDER VERDICTS [ARGUMENT OF make.py...]
original() {
  local python="$WORK/$1/bin/python" folder="$2" verdicts="$3"
  shift 3
  mkdir -p "$WORK/suites"
  cp -r "$suites/$folder" "$WORK/suites/"
  # The tables of dbt are those of Soda.
  [[ "$folder" != dbt ]] || cp -r "$suites/soda" "$WORK/suites/"
  rm "$WORK/suites/$folder/$verdicts"
  "$python" "$WORK/suites/$folder/make.py" "$@" > "$WORK/suites/$folder.log" 2>&1 || {
    cat "$WORK/suites/$folder.log"
    return 1
  }
  diff "$suites/$folder/$verdicts" "$WORK/suites/$folder/$verdicts" || {
    echo "$folder: the recorded verdicts are not those of the tool any more"
    return 1
  }
  echo "$folder: the tool itself gives the recorded verdicts again ($verdicts)"
}
