# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034 # those who read this file use them
# What all scripts of the local cluster share: where things are, how to say something, how to wait.

MILLRACE_HOME=${MILLRACE_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/millrace}
export MILLRACE_HOME
BIN=$MILLRACE_HOME/bin
IMAGES=$MILLRACE_HOME/images
LOGS=$MILLRACE_HOME/logs
RUN=$MILLRACE_HOME/run
STATE=$MILLRACE_HOME/cluster
PKI=$STATE/pki
CONF=$STATE/conf
# Sockets have short paths (a limit of about 100 characters), so they live outside of MILLRACE_HOME.
RUNTIME=/run/millrace
CONTAINERD_SOCKET=$RUNTIME/containerd.sock

NODE_NAME=node1
NODE_ADDRESS=10.200.0.1
API_PORT=16443
ETCD_PORT=23790
ETCD_PEER_PORT=23800
DNS_READY_PORT=18181
SERVICE_CIDR=10.201.0.0/16
API_SERVICE_ADDRESS=10.201.0.1
POD_CIDR=10.202.0.0/16
BRIDGE=mlr0

STARTED_AT=$SECONDS
ELSEWHERE='Use "./up --context NAME" with kind, minikube or any other cluster instead.'

say() { printf '[%3ds] %s\n' $((SECONDS - STARTED_AT)) "$*" >&2; }

# One sentence, and what to do instead.
die() {
  printf 'local-cluster: %s\n' "$*" >&2
  exit 1
}

show_tail() { if [ -f "$1" ]; then tail -n 15 "$1" >&2; fi; }

# await SECONDS WHAT LOGFILE COMMAND...: waits until the command succeeds; shows the log's tail when it does not.
# The command must end by itself within a few seconds.
await() {
  local seconds=$1 what=$2 log=$3 deadline
  shift 3
  deadline=$((SECONDS + seconds))
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS >= deadline)); then
      show_tail "$log"
      die "$what was not ready within $seconds s; its log is $log"
    fi
    sleep 0.2
  done
  say "$what ready"
}

# Everything that changes the cluster holds this lock, so that two clones do not meet.
lock_cluster() {
  local lock=$MILLRACE_HOME/lock
  while :; do
    mkdir -p "$MILLRACE_HOME"
    exec 9>"$lock"
    flock -w 900 9 || die "another command of the local cluster holds $lock for more than 15 minutes"
    # "down --purge" may have deleted the file while we waited.
    [ "$lock" -ef /proc/self/fd/9 ] && return 0
  done
}

kubectl_admin() {
  local kubectl=kubectl
  [ -x "$BIN/kubectl" ] && kubectl=$BIN/kubectl
  "$kubectl" --kubeconfig "$MILLRACE_HOME/kubeconfig" --request-timeout 10s "$@"
}

ctr_cluster() { ctr --address "$CONTAINERD_SOCKET" -n k8s.io "$@"; }

# write FILE: takes its content from standard input; leaves a file alone that has it already, as components watch theirs.
write() {
  local content
  content=$(cat)
  [ -f "$1" ] && [ "$(cat "$1")" = "$content" ] && return 0
  printf '%s\n' "$content" >"$1"
}
