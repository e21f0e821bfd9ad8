# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The components are processes of this machine. A pid file holds the pid, the time at which that process started and
# the machine's boot, so that a pid that another program got since is never taken for ours.

readonly HUNG_AFTER_SECONDS=10
readonly LOG_BYTES=$((20 * 1024 * 1024))

boot_id() { cat /proc/sys/kernel/random/boot_id; }

# Nothing for a process that has ended, also where nobody has fetched its exit status yet.
started_ticks() {
  local -a fields
  read -ra fields <<<"$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null)"
  [ "${fields[0]:-Z}" = Z ] || echo "${fields[19]}"
}

# Prints the pid of a running component.
pid_of() {
  local pid ticks boot
  [ -f "$RUN/$1.pid" ] || return 1
  read -r pid ticks boot <"$RUN/$1.pid" || return 1
  [ -n "$ticks" ] && [ "$(started_ticks "$pid")" = "$ticks" ] || return 1
  [ -z "$boot" ] || [ "$boot" = "$(boot_id)" ] || return 1
  echo "$pid"
}

# answers_within SECONDS COMPONENT
answers_within() {
  local deadline=$((SECONDS + $1))
  until healthy "$2" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || return 1
    sleep 0.2
  done
}

# start NAME COMMAND...: starts a component in a session of its own, unless it runs. One that runs but does not answer
# is replaced. What it needs must have been started before.
start() {
  local name=$1 log=$LOGS/$1.log pid
  shift
  mkdir -p "$LOGS" "$RUN"
  if pid_of "$name" >/dev/null; then
    bound_log "$log"
    answers_within $HUNG_AFTER_SECONDS "$name" && return 0
    # It may have ended just now.
    pid_of "$name" >/dev/null && say "$name runs but does not answer: it is started anew"
    stop "$name" 2
  fi
  # One log of the last start is kept beside the present one.
  if [ -f "$log" ]; then mv "$log" "$log.1"; fi
  setsid nohup "$@" >>"$log" 2>&1 </dev/null 9>&- &
  pid=$!
  echo "$pid $(started_ticks "$pid") $(boot_id)" >"$RUN/$name.pid"
}

# A component that runs for weeks writes on at the end of a log that was cut.
bound_log() {
  local size
  size=$(stat -c %s "$1" 2>/dev/null) || return 0
  if ((size > LOG_BYTES)); then
    cp "$1" "$1.1"
    : >"$1"
  fi
}

# stop NAME [SECONDS]: asks, waits, insists.
stop() {
  local pid _
  if pid=$(pid_of "$1"); then
    kill "$pid" 2>/dev/null || true
    for _ in $(seq $((${2:-10} * 10))); do
      pid_of "$1" >/dev/null || break
      sleep 0.1
    done
    if pid_of "$1" >/dev/null; then
      kill -9 "$pid" 2>/dev/null || true
      for _ in $(seq 50); do
        pid_of "$1" >/dev/null || break
        sleep 0.1
      done
    fi
  fi
  rm -f "$RUN/$1.pid"
}
