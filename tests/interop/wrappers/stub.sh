#!/bin/sh
# Stands in for proofmark: records its arguments, writes what reports are asked for, and ends as told.
if [ "$1" = --version ]; then
  echo "proofmark 0.1.0"
  exit 0
fi
printf '%s\0' "$@" >"$RECORD"
for argument in "$@"; do
  case $argument in
    --output=junit=*) echo '<testsuites/>' >"${argument#--output=*=}" ;;
    --output=*=*) echo '{}' >"${argument#--output=*=}" ;;
  esac
done
exit "${STUB_EXIT:-0}"
