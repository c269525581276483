# shellcheck shell=bash
# What the lab's scripts have in common: messages, temporary folders, locks. Sourced, never run.

say() { printf '%s\n' "$*" >&2; }

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# usage_error MESSAGE: wrong options, as opposed to work that failed.
usage_error() {
  printf '%s: %s (try --help)\n' "${0##*/}" "$*" >&2
  exit 2
}

# need COMMAND PACKAGE: stop early, with the name of what is missing.
need() {
  command -v "$1" >/dev/null 2>&1 || die "the command '$1' is missing; install the package '$2' (scripts/install-packages)"
}

# help_from FILE: the comment at the head of a script is its help.
help_from() { sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$1"; }

# The seconds since the shell started, with one decimal.
elapsed() {
  local now=${EPOCHREALTIME/[.,]/}
  local tenths=$(((now - lab_started) / 100000))
  printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}
lab_started=${EPOCHREALTIME/[.,]/}

step() { printf '  %6ss  %s\n' "$(elapsed)" "$*" >&2; }

default_cache() { printf '%s' "${ASCEND_LAB_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/ascend/lab}"; }

new_uuid() { cat /proc/sys/kernel/random/uuid; }
