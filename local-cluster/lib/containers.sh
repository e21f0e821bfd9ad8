# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# How containers, their mounts and their cgroups are taken away, also where the programs that made them were killed.

readonly PAUSE='/bin/busybox sleep 2147483647'
readonly STOP_PODS_SECONDS=15
# Where containerd keeps the shims' sockets, whatever its configuration says.
readonly SHIM_SOCKETS=/run/containerd/s

command_of() { { tr '\0' ' ' <"/proc/$1/cmdline"; } 2>/dev/null; }

# Shims outlive containerd; they are known by the socket that they were started for.
shim_pids() {
  local dir
  for dir in /proc/[0-9]*; do
    if command_of "${dir#/proc/}" | grep -q "^[^ ]*containerd-shim.* -address $CONTAINERD_SOCKET "; then
      echo "${dir#/proc/}"
    fi
  done
  return 0
}

children_of() { cat "/proc/$1/task/"*/children 2>/dev/null || true; }

kill_tree() {
  local child
  for child in $(children_of "$1"); do kill_tree "$child"; done
  kill -9 "$1" 2>/dev/null || true
}

# The cgroups of our containers; other programs' have other names. Containers outlive shims that were killed.
container_cgroups() {
  local bundle
  for bundle in "$RUNTIME"/containerd/io.containerd.runtime.v2.task/k8s.io/*/; do
    [ -d "$bundle" ] && find /sys/fs/cgroup -type d -name "$(basename "$bundle")" 2>/dev/null
  done
  return 0
}

container_pids() {
  local cgroup
  container_cgroups | while read -r cgroup; do cat "$cgroup/cgroup.procs" 2>/dev/null || true; done | sort -nu
}

# Lets programs in pods end by themselves; without the kubelet, nothing starts them again.
ask_containers() {
  local shim pid deadline=$((SECONDS + STOP_PODS_SECONDS)) asked=()
  for shim in $(shim_pids); do
    for pid in $(children_of "$shim"); do
      [ "$(command_of "$pid")" = "$PAUSE " ] && continue
      kill "$pid" 2>/dev/null && asked+=("$pid")
    done
  done
  for pid in "${asked[@]}"; do
    while ((SECONDS < deadline)) && [ -n "$(started_ticks "$pid")" ]; do sleep 0.1; done
  done
}

kill_containers() {
  local pid _
  for pid in $(shim_pids); do kill_tree "$pid"; done
  for _ in $(seq 50); do
    [ -n "$(container_pids)" ] || return 0
    for pid in $(container_pids); do kill -9 "$pid" 2>/dev/null || true; done
    sleep 0.1
  done
  die "processes of pods do not end: $(container_pids | tr '\n' ' ')"
}

# Mount points of ours, the deepest first. Not a pattern: folders may have any name.
our_mounts() {
  awk -v runtime="$RUNTIME" -v state="$STATE" '
    { gsub(/\\040/, " ", $2); path = $2 "/" }
    index(path, runtime "/") == 1 || index(path, state "/") == 1 { print $2 }' /proc/mounts | sort -r
}

unmount_all() {
  local mount
  while read -r mount; do umount -l "$mount" 2>/dev/null || true; done < <(our_mounts)
  # What is deleted next must not reach through a mount into somebody's files.
  [ -z "$(our_mounts)" ] || die "cannot unmount $(our_mounts | head -n 1)"
}

# Those that are empty, which those of our pods are now.
remove_cgroups() {
  local root
  for root in /sys/fs/cgroup/*/kubepods /sys/fs/cgroup/kubepods; do
    [ -d "$root" ] || continue
    find "$root" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
}

# Files outside of MILLRACE_HOME: places that the programs do not let us choose.
remove_outside_files() {
  local socket file id
  for socket in "$SHIM_SOCKETS"/* /var/lib/kubelet/device-plugins/kubelet.sock; do
    [ -S "$socket" ] && ! grep -qF "$socket" /proc/net/unix && rm -f "$socket"
  done
  for file in /var/log/containers/*; do
    [ -L "$file" ] && [[ $(readlink "$file") == "$LOGS"/* ]] && rm -f "$file"
  done
  # millrace-ID-eth0 is of our network; the same pod's loopback has a file too.
  for file in /var/lib/cni/results/millrace-*-eth0; do
    id=${file##*/millrace-}
    rm -f "$file" "/var/lib/cni/results/cni-loopback-${id%-eth0}-lo"
  done
  rm -f /var/lib/kubelet/device-plugins/kubelet_internal_checkpoint
  # Where nobody else uses them.
  rmdir /var/log/containers /var/lib/cni/results /var/lib/cni /var/lib/kubelet/device-plugins /var/lib/kubelet \
    "$SHIM_SOCKETS" /run/containerd/fifo /run/containerd/runc /run/containerd 2>/dev/null || true
}
