# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the machine must be, and whose cluster it has.

# Ports that the components listen on, beside the ones of common.sh.
readonly COMPONENT_PORTS='10248 10249 10250 10256 10257 10259'

require_machine() {
  [ "$(uname -s)" = Linux ] || die "the local cluster needs Linux, and this is $(uname -s). $ELSEWHERE"
  [ "$(id -u)" = 0 ] || die "the local cluster needs root (containers, network, mounts). $ELSEWHERE"
}

# There is one cluster a machine: another MILLRACE_HOME may have it.
require_no_other_home() {
  local other
  other=$(cat "$RUNTIME/home" 2>/dev/null) || return 0
  [ "$other" = "$MILLRACE_HOME" ] && return 0
  if RUN=$other/run any_component_runs; then
    die "this machine's cluster lies in $other: use it with export MILLRACE_HOME=$other, or take it down with that."
  fi
}

take_machine() {
  mkdir -p "$RUNTIME"
  echo "$MILLRACE_HOME" >"$RUNTIME/home"
}

any_component_runs() {
  local component
  for component in $COMPONENTS; do pid_of "$component" >/dev/null && return 0; done
  return 1
}

# Another Kubernetes has these ports, or components of ours whose pid files are gone. Only asked where none of ours runs.
require_free_ports() {
  local port owner
  any_component_runs && return 0
  for port in $COMPONENT_PORTS $API_PORT $ETCD_PORT $ETCD_PEER_PORT $DNS_READY_PORT; do
    owner=$(ss -Hltnp "sport = :$port" | sed -n 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/\1, pid \2/p' | head -n 1)
    [ -z "$owner" ] || die "port $port is taken by another program ($owner), maybe another Kubernetes. $ELSEWHERE"
  done
}
