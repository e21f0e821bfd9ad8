# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The components are processes of this machine. A pid file holds the pid and the time at which that process
# started, so that a pid that another program got since is never taken for ours.

# Nothing for a process that has ended, also where nobody has fetched its exit status yet.
started_ticks() {
  local -a fields
  read -ra fields <<<"$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null)"
  [ "${fields[0]:-Z}" = Z ] || echo "${fields[19]}"
}

# Prints the pid of a running component.
pid_of() {
  local pid ticks
  [ -f "$RUN/$1.pid" ] || return 1
  read -r pid ticks <"$RUN/$1.pid" || return 1
  [ -n "$ticks" ] && [ "$(started_ticks "$pid")" = "$ticks" ] || return 1
  echo "$pid"
}

# start NAME COMMAND...: starts a component in a session of its own, unless it runs.
start() {
  local name=$1 log=$LOGS/$1.log
  shift
  pid_of "$name" >/dev/null && return 0
  mkdir -p "$LOGS" "$RUN"
  # One log of the last start is kept beside the present one.
  [ -f "$log" ] && mv "$log" "$log.1"
  setsid nohup "$@" >"$log" 2>&1 </dev/null 9>&- &
  local pid=$!
  echo "$pid $(started_ticks "$pid")" >"$RUN/$name.pid"
}

# stop NAME [SECONDS]: asks, waits, insists.
stop() {
  local pid
  if pid=$(pid_of "$1"); then
    kill "$pid" 2>/dev/null || true
    for _ in $(seq $((${2:-10} * 10))); do
      pid_of "$1" >/dev/null || break
      sleep 0.1
    done
    pid_of "$1" >/dev/null && kill -9 "$pid" 2>/dev/null
  fi
  rm -f "$RUN/$1.pid"
}
